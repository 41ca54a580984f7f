"""JSON: one value, or one a line. The text stays as it is, unless all of it stands on one line."""

import json

from rlm_desk.documents.extracted import Extracted, OnPage, plain
from rlm_desk.documents.readers import text
from rlm_desk.documents.sectioning import sections

LONG_LINE = 2000
"""Characters of a line nobody can read."""


def read(data: bytes, name: str, on_page: OnPage) -> Extracted:
    """Lines, or records where each line is one. Raises Unreadable."""
    found = text.read(data, name, on_page)
    if found.page_kind != "lines":
        return found
    if name.lower().endswith((".jsonl", ".ndjson")) or _by_lines(found.text):
        return Extracted(found.text, "records", found.pages, found.notes)
    longest = max(map(len, found.text.split("\n")))
    try:
        value = json.loads(found.text) if longest > LONG_LINE else None
    except (ValueError, RecursionError):
        return Extracted(found.text, "lines", found.pages, [*found.notes, "It is not valid JSON; it is read as text."])
    if value is None:
        return found
    shown = plain(json.dumps(value, indent=1, ensure_ascii=False)) + "\n"
    note = "It was written on one line, and is shown indented."
    return Extracted(shown, "lines", sections(shown), [*found.notes, note])


def _by_lines(whole: str) -> bool:
    """Whether the first lines are values of their own."""
    first = [line for line in whole[:200_000].split("\n")[:4] if line.strip()]
    if len(first) < 2:
        return False
    try:
        return all(isinstance(json.loads(line), dict | list) for line in first[:3])
    except (ValueError, RecursionError):
        return False
