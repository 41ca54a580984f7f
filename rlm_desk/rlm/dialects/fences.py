"""Fenced blocks of a reply, line by line: closed or not, indented, in a list, closed on the line of the code, with
fences in the strings of the code.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

CODE = ("python", "py", "python3", "py3", "ipython", "repl", "tool_code", "code")
"""Tags of what is run, in lower case."""

_OPEN = re.compile(r"\s*+(?:(?:[-*>]|\d++[.)])[ \t]++)*+(`{3,}+|~{3,}+)[ \t{]*+([\w+-]*+)([^`]*+)(`*+)\s*+")
_LATE = re.compile(r"[^`]*[^`\s][ \t]*(`{3,})[ \t]*(python3?|py|repl)[ \t]*", re.I)
_TRIPLE = re.compile(r"\"\"\"|'''")


@dataclass(frozen=True, slots=True)
class Fence:
    """A block: its tag in lower case, its code, and the lines it takes in the reply, both included."""

    tag: str
    code: str
    first: int
    last: int


def read(reply: str) -> list[Fence]:
    """All fenced blocks, in order; one that is not closed runs to the end. One pass."""
    lines = reply.split("\n")
    found: list[Fence] = []
    at = 0
    while at < len(lines):
        fence = _begun(lines, at)
        if fence is not None:
            found.append(fence)
            at = fence.last
        at += 1
    return found


def _begun(lines: Sequence[str], at: int) -> Fence | None:
    """The block that a line begins; None when it begins none."""
    opened = _OPEN.fullmatch(lines[at])
    if opened and opened[4]:  # ```repl print(1)```, or ```repl``` as the line before the code
        if opened[3].strip():
            return Fence(opened[2].lower(), opened[3].strip(), at, at)
        if opened[2].lower() not in CODE:
            return None
    opened = opened or _LATE.fullmatch(lines[at])
    if not opened:
        return None
    mark, tag = opened[1], opened[2].lower()
    first = at + 1
    inner = _OPEN.fullmatch(lines[first]) if first < len(lines) else None
    if inner and inner[2].lower() in CODE and not inner[3].strip() and (tag in CODE or not tag):
        mark, tag, first = inner[1], inner[2].lower(), first + 1  # a fence opened twice
    code, last = _closed(lines, first, mark)
    return Fence(tag, _dedented(code), at, last)


def _closed(lines: Sequence[str], first: int, mark: str) -> tuple[list[str], int]:
    """The lines of a block's code, and the line that closes it.

    A fence inside a string of three quotes closes nothing, unless no other does.
    """
    inside = ""
    fallback: tuple[list[str], int] | None = None
    for at in range(first, len(lines)):
        line = lines[at]
        bare = line.rstrip().rstrip(mark[0])
        ticks = len(line.rstrip()) - len(bare)
        closes = ticks >= len(mark) and (not bare.strip() or ticks == len(mark))
        opened = _OPEN.fullmatch(line)
        tagged = opened is not None and opened[2].lower() in CODE and not opened[3].strip()
        for quote in _TRIPLE.findall(bare):
            inside = "" if inside == quote else inside or quote
        if closes or tagged:
            code = [*lines[first:at], *([bare] if bare.strip() and not tagged else [])]
            end = at - 1 if tagged and not ticks else at  # the next block begins, and this one was never closed
            if not inside:
                return code, end
            fallback = fallback or (code, end)
    return fallback or (list(lines[first:]), len(lines) - 1)


def _dedented(lines: Sequence[str]) -> str:
    """Code without the indentation of its first line, as in a fence that is part of a list."""
    begins = next((line for line in lines if line.strip()), "")
    by = len(begins) - len(begins.lstrip())
    cut = [line[min(by, len(line) - len(line.lstrip())) :] for line in lines] if by else lines
    return "\n".join(cut).strip("\n")
