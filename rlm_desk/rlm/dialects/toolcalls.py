"""Code in tool calls: JSON or XML, in tags, in a fence, or as the whole reply."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

TAGS = ("json", "tool_call", "tool")
"""Tags of fences that may hold a call."""
_CALL, _CALL_END = "<tool_call>", "</tool_call>"
_PARAMETER = re.compile(r"<parameter=(?:code|python|script|source|input)>\n?([^<]*(?:<(?!/parameter>)[^<]*)*)")


def code(reply: str, fenced: Sequence[str]) -> tuple[str, ...]:
    """The code of all calls, in order of appearance.

    Args:
        reply: the whole reply.
        fenced: what stands in its fences for data.
    """
    calls = [*_calls(reply), *fenced]
    if not calls and reply.lstrip().startswith("{"):
        calls = [reply.strip()]
    return tuple(found for raw in calls if (found := _code(raw)))


def _calls(reply: str) -> Iterator[str]:
    """What stands in tool calls; one that is not closed runs to the end. One pass, however many are opened."""
    at = reply.find(_CALL)
    while at >= 0:
        end = reply.find(_CALL_END, at)
        yield reply[at + len(_CALL) : end if end >= 0 else len(reply)].strip()
        at = reply.find(_CALL, end) if end >= 0 else -1


def _code(raw: str) -> str:
    """The code argument of a call, whatever it is called; empty when there is none."""
    if parameter := _PARAMETER.search(raw):
        return parameter[1].strip("\n")
    call = _loaded(raw)
    if isinstance(call, dict) and isinstance(call.get("function"), dict):
        call = call["function"]
    arguments = call.get("arguments", call.get("parameters", {})) if isinstance(call, dict) else {}
    if isinstance(arguments, str):
        arguments = _loaded(arguments)
    if not isinstance(arguments, dict):
        return ""
    for key in ("code", "python", "script", "source", "input"):
        if isinstance(arguments.get(key), str):
            return str(arguments[key]).strip("\n")
    return ""


def _loaded(raw: str) -> Any:
    """JSON as a value; None when it is none."""
    try:
        return json.loads(raw, strict=False)
    except (ValueError, RecursionError):
        return None
