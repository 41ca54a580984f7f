"""Coverage as a line of cells: shown to a model, given back by a helper, scanned by code, untouched."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Literal

from textual.content import Content

from rlm_desk.evidence.coverage import Amount
from rlm_desk.evidence.intervals import Counter, Range

State = Literal["shown", "part", "returned", "scanned", "untouched"]

SIGNS: dict[State, str] = {"shown": "━", "part": "╸", "returned": "╍", "scanned": "┄", "untouched": "·"}
"""Every state has its own shape. `part`: a model was shown less than half of what a cell stands for."""

COLOURS: dict[State, str] = {
    "shown": "bold $success",
    "part": "$success",
    "returned": "$accent",
    "scanned": "$warning",
    "untouched": "$foreground 40%",
}


class Ledger:
    """How a run read its corpus, as it was at a moment: any range in logarithmic time. The ranges are disjoint."""

    def __init__(self, shown: Sequence[Range], returned: Sequence[Range], scanned: Sequence[Range]) -> None:
        self._counters = [Counter(list(ranges)) for ranges in (shown, returned, scanned)]

    def amount(self, start: int, end: int) -> Amount:
        """Characters between two offsets of one document."""
        shown, returned, scanned = (counter.within(start, end) for counter in self._counters)
        return Amount(shown, returned, scanned, end - start - shown - returned - scanned)


def state(amount: Amount) -> State:
    """What a cell says: the best that befell its characters, so that nothing read is ever hidden."""
    if amount.shown:
        return "shown" if 2 * amount.shown >= amount.chars else "part"
    if amount.returned:
        return "returned"
    return "scanned" if amount.scanned else "untouched"


def cells(ledger: Ledger | None, ranges: Sequence[tuple[int, int]], width: int) -> list[State]:
    """The characters of `ranges`, one after another, in `width` cells."""
    total = sum(end - start for start, end in ranges)
    if ledger is None or not total:
        return ["untouched"] * width
    found: list[State] = []
    index, passed = 0, 0  # the range the cell begins in, and the characters before that range
    for cell in range(width):
        first = cell * total // width
        last = max(first + 1, (cell + 1) * total // width)
        while index + 1 < len(ranges) and passed + ranges[index][1] - ranges[index][0] <= first:
            passed += ranges[index][1] - ranges[index][0]
            index += 1
        amounts: list[Amount] = []
        at, before = index, passed
        while at < len(ranges) and before < last:
            start, end = ranges[at]
            low, high = start + max(0, first - before), min(end, start + last - before)
            if low < high:
                amounts.append(ledger.amount(low, high))
            before += end - start
            at += 1
        found.append(state(added(amounts)))
    return found


def added(amounts: Iterable[Amount]) -> Amount:
    """Several amounts as one."""
    shown = returned = scanned = untouched = 0
    for one in amounts:
        shown += one.shown
        returned += one.returned
        scanned += one.scanned
        untouched += one.untouched
    return Amount(shown, returned, scanned, untouched)


def runs(states: Sequence[State]) -> list[tuple[State, str]]:
    """Neighbours of one state as one piece of text."""
    return [(one, SIGNS[one] * len(list(same))) for one, same in groupby(states)]


def strip(states: Sequence[State]) -> Content:
    """A strip as content."""
    return Content.assemble(*((text, COLOURS[one]) for one, text in runs(states)))
