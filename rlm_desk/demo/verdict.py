"""Whether an answer is right, and how nearly."""

from __future__ import annotations

import re

from rlm_desk.demo.questions import Family, Truth

_NUMBER = re.compile(r"-?\d[\d,]*")


def right(answer: str, truth: Truth, family: Family) -> bool:
    """Whether an answer is exactly right; lists in any order."""
    return score(answer, truth, family) == 1.0


def score(answer: str, truth: Truth, family: Family) -> float:
    """1.0 for right. Counts give 0.75^|error|, lists F1 over names, everything else is right or wrong."""
    if family == "count":
        number = _number(answer)
        return 0.0 if number is None or not isinstance(truth, int) else 0.75 ** abs(number - truth)
    if family == "list":
        return _f1(_names(answer), set(truth) if isinstance(truth, tuple) else {str(truth)})
    return 1.0 if _plain(answer) == _plain(str(truth)) else 0.0


def said(truth: Truth) -> str:
    """The true answer as text."""
    return ", ".join(truth) if isinstance(truth, tuple) else str(truth)


def _number(answer: str) -> int | None:
    found = _NUMBER.findall(answer)
    return int(found[0].replace(",", "")) if len(found) == 1 else None


def _names(answer: str) -> set[str]:
    return {name.strip() for name in answer.split(",") if name.strip()}


def _f1(found: set[str], true: set[str]) -> float:
    if not found and not true:
        return 1.0
    return 2 * len(found & true) / (len(found) + len(true))


def _plain(text: str) -> str:
    """Case, space around, thousands commas and a currency sign do not make an answer wrong."""
    bare = text.strip().strip(".").casefold().lstrip("$")
    return bare.replace(",", "") if _NUMBER.fullmatch(bare) else bare
