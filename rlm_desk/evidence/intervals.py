"""Sets of characters as sorted, disjoint, half-open ranges. Every operation is linear or better."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

Range = tuple[int, int]


def merged(ranges: Iterable[Range]) -> list[Range]:
    """The union of ranges in any order; empty ones vanish, touching ones become one."""
    found: list[Range] = []
    for start, end in sorted(ranges):
        if end <= start:
            continue
        if found and start <= found[-1][1]:
            if end > found[-1][1]:
                found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def subtract(ranges: list[Range], other: list[Range]) -> list[Range]:
    """What lies in `ranges` and not in `other`; both merged."""
    found: list[Range] = []
    index = 0
    for start, end in ranges:
        while index < len(other) and other[index][1] <= start:
            index += 1
        left, at = start, index
        while at < len(other) and other[at][0] < end:
            if other[at][0] > left:
                found.append((left, other[at][0]))
            left = max(left, other[at][1])
            at += 1
        if left < end:
            found.append((left, end))
    return found


def intersect(ranges: list[Range], other: list[Range]) -> list[Range]:
    """What lies in both; both merged."""
    found: list[Range] = []
    first = second = 0
    while first < len(ranges) and second < len(other):
        start = max(ranges[first][0], other[second][0])
        end = min(ranges[first][1], other[second][1])
        if start < end:
            found.append((start, end))
        if ranges[first][1] < other[second][1]:
            first += 1
        else:
            second += 1
    return found


def total(ranges: Iterable[Range]) -> int:
    """How many characters."""
    return sum(end - start for start, end in ranges)


def touching(ranges: Sequence[Range], start: int, end: int) -> list[Range]:
    """Those of sorted, disjoint ranges with something of [start, end). Costs what they are, not what there is."""
    first = bisect_right(ranges, start, key=lambda one: one[1])
    return list(ranges[first : bisect_left(ranges, end, lo=first, key=lambda one: one[0])])


class Counter:
    """Answers `how many characters of [start, end)` in logarithmic time."""

    def __init__(self, ranges: list[Range]) -> None:
        self._starts = [start for start, _ in ranges]
        self._ends = [end for _, end in ranges]
        self._sums = [0]
        for start, end in ranges:
            self._sums.append(self._sums[-1] + end - start)

    def within(self, start: int, end: int) -> int:
        """Characters of the set between two offsets."""
        first, last = bisect_right(self._ends, start), bisect_left(self._starts, end)
        if first >= last or start >= end:
            return 0
        inside = self._sums[last] - self._sums[first]
        return inside - max(0, start - self._starts[first]) - max(0, self._ends[last - 1] - end)


class RangeSet:
    """A growing set of ranges: adding and asking cost the logarithm of its size (and a move of pointers)."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def add(self, start: int, end: int) -> list[Range]:
        """Add a range. What of it was not in the set yet."""
        if end <= start:
            return []
        first, last = bisect_left(self._ends, start), bisect_right(self._starts, end)
        if first == last:
            self._starts.insert(first, start)
            self._ends.insert(first, end)
            return [(start, end)]
        new: list[Range] = []
        at = start
        for low, high in zip(self._starts[first:last], self._ends[first:last], strict=True):
            if low > at:
                new.append((at, low))
            at = max(at, high)
        if at < end:
            new.append((at, end))
        self._starts[first:last] = [min(start, self._starts[first])]
        self._ends[first:last] = [max(end, self._ends[last - 1])]
        return new

    def within(self, start: int, end: int) -> list[Range]:
        """The ranges between two offsets, cut there."""
        first, last = bisect_right(self._ends, start), bisect_left(self._starts, end)
        return [
            (max(low, start), min(high, end))
            for low, high in zip(self._starts[first:last], self._ends[first:last], strict=True)
        ]

    def ranges(self) -> list[Range]:
        """All of it, sorted and disjoint."""
        return list(zip(self._starts, self._ends, strict=True))
