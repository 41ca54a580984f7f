"""An answer as statements: its sentences, or the items of its lists, each of which may need a source."""

import re
from dataclasses import dataclass

_END = re.compile(r"[.!?][\"'”’)\]]*(?=\s)|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|art|sec|pp?|mrs?|ms|dr|inc|ltd|co|vs|approx)|^\s*\d+|\b(?-i:[A-Z]))\.$", re.I
)
STATEMENTS = 500
"""Statements of one answer that are told apart; that there are more is said."""
_TAIL = 24
"""Characters before a full stop in which an abbreviation is looked for."""
_MARK = re.compile(r"^\s*(?:[-•*–]|\d+[.)]|[a-z]\))\s+")


@dataclass(frozen=True, slots=True)
class Part:
    """Characters `start` to `end` of an answer; `lead` is a line that only announces what follows."""

    start: int
    end: int
    lead: bool


def statements(answer: str) -> list[Part]:
    """The answer cut into statements, in order; white space and list marks between them belong to none.

    At most `STATEMENTS`: a longer answer is cut there, and what follows belongs to none.
    """
    parts: list[Part] = []
    start = 0
    for match in _END.finditer(answer):
        if "\n" not in match[0] and _ABBREVIATION.search(answer[max(start, match.end() - _TAIL) : match.end()]):
            continue
        if len(parts) >= STATEMENTS:
            return parts
        parts += _part(answer, start, match.end())
        start = match.end()
    return parts + _part(answer, start, len(answer))


def _part(answer: str, start: int, end: int) -> list[Part]:
    mark = _MARK.match(answer[start:end])
    start += mark.end() if mark else 0
    text = answer[start:end]
    if not any(character.isalnum() for character in text):
        return []
    start += len(text) - len(text.lstrip())
    end -= len(text) - len(text.rstrip())
    bare = answer[start:end]
    return [Part(start, end, bare.startswith("#") or bare.rstrip("*_ ").endswith(":"))]
