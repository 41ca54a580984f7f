"""Reading what models really write: fences of every kind, tool calls, thinking, and finishes with brackets in them.

Only strings are looked at; nothing is compiled here, since a reply is a stranger's text.
"""

import json
import re
from collections.abc import Iterator

from rlm_desk.rlm.dialects.base import Final

LIMIT = 200_000
"""Characters of a reply that are looked at; no dialect's turn is longer."""

_THINK = re.compile(r"<think>.*?(?:</think>|\Z)", re.S)
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*([\w+-]*)[^\n`]*\n(.*?)(?:^[ \t]*\1[`~]*[ \t]*$|\Z)", re.S | re.M)
_TAGS = {"python", "py", "python3", "repl", "tool_code", "code", ""}
_CALL, _CALL_END = "<tool_call>", "</tool_call>"
_XML_CODE = re.compile(r"<(?:python|code|repl|execute)>\n?(.*?)(?:</(?:python|code|repl|execute)>|\Z)", re.S)
_PYTHON_LINE = re.compile(
    r"\s*(?:#|import \w|from \w+ import|(?:for|while|if|elif|with|def|class|try|except|return)\b.*:?\s*$|else:"
    r"|[A-Za-z_][\w.\[\]'\", ]*\s*[-+*/|&]?=[^=]|[\w.]+\(.*|[)\]}\"'].*)"
)
_FINAL = re.compile(r"^[ \t>*`]*(FINAL_VAR|FINAL)\(", re.M)
_NAME = re.compile(r"[A-Za-z_]\w*")


def without_thinking(reply: str) -> str:
    """The reply without `<think>` passages, closed or not."""
    return _THINK.sub("", reply[:LIMIT])


def code_blocks(reply: str) -> tuple[str, ...]:
    """Code in fences, tool calls or XML tags, in order of appearance; unclosed fences run to the end."""
    fenced = tuple(m[3].strip("\n") for m in _FENCE.finditer(reply) if m[2].lower() in _TAGS and m[3].strip())
    if fenced:
        return fenced
    calls = tuple(code for raw in _tool_calls(reply) if (code := _tool_code(raw)))
    if calls:
        return calls
    return tuple(m[1].strip("\n") for m in _XML_CODE.finditer(reply) if m[1].strip())


def without_code(reply: str) -> str:
    """The reply with its fenced blocks taken out."""
    return _FENCE.sub("", reply)


def bare_code(reply: str) -> str:
    """The whole reply, when it is clearly Python without a fence; else empty."""
    lines = [line for line in reply.strip().splitlines() if line.strip()]
    if not lines or not all(_PYTHON_LINE.match(line) or line.startswith((" ", "\t")) for line in lines):
        return ""
    return reply.strip()


def final(text: str) -> Final | None:
    """A `FINAL(...)` or `FINAL_VAR(...)` at the start of a line: brackets balanced, quotes taken off."""
    first: dict[str, int] = {}
    for match in _FINAL.finditer(text):
        first.setdefault(match[1], match.end())
    if "FINAL_VAR" in first:
        return Final(variable=_unquoted(_inside(text, first["FINAL_VAR"])))
    return Final(text=_unquoted(_inside(text, first["FINAL"]))) if "FINAL" in first else None


def _inside(text: str, start: int) -> str:
    """From just after an opening bracket to its partner; to the end of the text when there is none."""
    depth = 1
    for index in range(start, len(text)):
        depth += (text[index] == "(") - (text[index] == ")")
        if depth == 0:
            return text[start:index].strip()
    return text[start:].strip()


def _unquoted(text: str) -> str:
    for quote in ('"""', "'''", '"', "'", "`"):
        if len(text) >= 2 * len(quote) and text.startswith(quote) and text.endswith(quote):
            return text[len(quote) : -len(quote)]
    return text


def is_name(text: str) -> bool:
    """Whether a text is one Python identifier."""
    return _NAME.fullmatch(text) is not None


def _tool_calls(reply: str) -> Iterator[str]:
    """What stands in tool calls; one that is not closed runs to the end. One pass, however many are opened."""
    at = reply.find(_CALL)
    while at >= 0:
        end = reply.find(_CALL_END, at)
        yield reply[at + len(_CALL) : end if end >= 0 else len(reply)].strip()
        at = reply.find(_CALL, end) if end >= 0 else -1


def _tool_code(raw: str) -> str:
    """The code argument of a JSON tool call, whatever it is called; empty when there is none."""
    try:
        call = json.loads(raw, strict=False)
    except (ValueError, RecursionError):
        return ""
    arguments = call.get("arguments", call.get("parameters", {})) if isinstance(call, dict) else {}
    if not isinstance(arguments, dict):
        return ""
    for key in ("code", "python", "script", "source", "input"):
        if isinstance(arguments.get(key), str):
            return str(arguments[key])
    return ""
