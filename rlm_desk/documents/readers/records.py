"""JSON: one value, or one a line. The text stays as it is, unless all of it stands on one line.

What is not valid is read as the text it is, and the first line that is wrong is named.
"""

import json
import re

from rlm_desk.clean import plural
from rlm_desk.documents.extracted import Extracted, OnPage, plain
from rlm_desk.documents.readers import text
from rlm_desk.documents.sectioning import sections

LONG_LINE = 2000
"""Characters of a line nobody can read."""
TOO_DEEP = "is nested too deep to be checked"
DEEPEST_SHOWN = 30
"""Steps a value is indented at most; a space for each of a hundred thousand would be most of the text."""
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s"{}\[\],:]+')


def read(data: bytes, name: str, on_page: OnPage) -> Extracted:
    """Lines, or records where each line is one. Raises Unreadable."""
    found = text.read(data, name, on_page)
    if found.page_kind != "lines":
        return found
    wrong = _wrong(found.text)
    if _by_lines(found.text) or name.lower().endswith((".jsonl", ".ndjson")):
        bad = _bad_lines(found.text) if wrong else []
        return Extracted(found.text, "records", found.pages, [*found.notes, *bad])
    if wrong:
        return Extracted(found.text, "lines", found.pages, [*found.notes, f"It {wrong}, and is read as text."])
    if max(map(len, found.text.split("\n"))) <= LONG_LINE:
        return found
    shown = plain(indented(found.text)) + "\n"
    note = "It was written on one line, and is shown indented."
    return Extracted(shown, "lines", sections(shown), [*found.notes, note])


def indented(value: str) -> str:
    """Valid JSON, one member a line, letters instead of their codes; numbers and repeated names stay as written."""
    out: list[str] = []
    depth, opened = 0, False
    for token in _TOKEN.findall(value):
        if token in "}]":
            depth -= 1
            out.append(token if opened else f"\n{_step(depth)}{token}")
            opened = False
            continue
        if opened:
            out.append(f"\n{_step(depth)}")
        opened = token in "{["
        if opened:
            depth += 1
            out.append(token)
        elif token == ",":
            out.append(f",\n{_step(depth)}")
        elif token == ":":
            out.append(": ")
        else:
            out.append(json.dumps(json.loads(token), ensure_ascii=False) if token[0] == '"' else token)
    return "".join(out)


def _step(depth: int) -> str:
    return " " * min(depth, DEEPEST_SHOWN)


def _wrong(value: str) -> str:
    """What is wrong with a value, and where; empty where nothing is."""
    try:
        json.loads(value, parse_int=float)  # as a whole number, one of five thousand digits is refused
    except json.JSONDecodeError as problem:
        return f"is not valid JSON (line {problem.lineno:,}, character {problem.colno:,})"
    except RecursionError:
        return TOO_DEEP
    return ""


def _bad_lines(whole: str) -> list[str]:
    """What is said of lines that are no values."""
    lines = enumerate(whole.split("\n"), 1)
    bad = [number for number, line in lines if line.strip() and _wrong(line) not in ("", TOO_DEEP)]
    if not bad:
        return []
    if len(bad) == 1:
        return [f"Line {bad[0]:,} is not valid JSON, and is read as text."]
    return [f"{plural(len(bad), 'line')} are not valid JSON (the first is line {bad[0]:,}), and are read as text."]


def _by_lines(whole: str) -> bool:
    """Whether the first lines are values of their own."""
    first = [line for line in whole[:200_000].split("\n")[:3] if line.strip()]
    if len(first) < 2:
        return False
    try:
        return all(isinstance(json.loads(line, parse_int=float), dict | list) for line in first[:2])
    except (ValueError, RecursionError):
        return False
