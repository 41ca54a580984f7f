"""Where the panes stand: columns of panes, by the terminal's size, as plain numbers. No widget in here.

Every arrangement keeps its own proportions, so that a person who makes a pane wider in a large terminal finds the small
one as it was.
"""

from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import Any, Literal

from textual.geometry import Region, Size

Name = Literal["one", "medium", "wide", "present", "stack"]
Edge = Literal["left", "right", "top", "bottom"]

COLUMNS: dict[Name, tuple[tuple[str, ...], ...]] = {
    "medium": (("documents", "recursion"), ("answer", "inspector", "source")),
    "wide": (("documents",), ("answer", "recursion"), ("inspector", "source")),
    "present": (("recursion",), ("answer",)),
    "stack": (("answer", "recursion"),),
}
"""Panes of each column, from the left, from the top. `one` shows a single pane and needs none."""

WEIGHTS: dict[Name, dict[str, float]] = {
    "medium": {"0": 38, "1": 62, "documents": 42, "recursion": 58, "answer": 45, "inspector": 55, "source": 55},
    "wide": {"0": 23, "1": 41, "2": 36, "answer": 45, "recursion": 55},
    "present": {"0": 55, "1": 45},
    "stack": {"0": 100, "answer": 45, "recursion": 55},
}
"""Shares of the width (columns by their number) and, inside a column, of the height."""

SMALLEST = (16, 4)
"""A pane is never dragged smaller than this many cells and lines."""


def name_for(size: Size) -> Name:
    """The arrangement for a terminal's size."""
    if size.width < 100 or size.height < 30:
        return "one"
    return "wide" if size.width >= 150 else "medium"


def shares(total: int, weights: list[float]) -> list[int]:
    """`total` cells by weight; they add up to it."""
    sums, edges, whole = 0.0, [0], sum(weights) or 1.0
    for weight in weights:
        sums += weight
        edges.append(round(total * sums / whole))
    return [end - start for start, end in pairwise(edges)]


class Arrangement:
    """The proportions of all arrangements. `regions` places panes; `move` drags an edge."""

    def __init__(self) -> None:
        self._weights = {name: dict(weights) for name, weights in WEIGHTS.items()}

    @property
    def state(self) -> dict[str, dict[str, float]]:
        """What a person changed, to be kept."""
        return {n: {k: round(v, 2) for k, v in w.items()} for n, w in self._weights.items() if w != WEIGHTS[n]}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take kept proportions; what makes no sense is left out."""
        for name, weights in self._weights.items():
            kept = state.get(name)
            if isinstance(kept, dict):
                good = {k: float(v) for k, v in kept.items() if k in weights and isinstance(v, int | float) and v > 0}
                weights.update(good)

    def reset(self, name: Name) -> None:
        """The proportions an arrangement began with."""
        if name in WEIGHTS:
            self._weights[name] = dict(WEIGHTS[name])

    def regions(self, name: Name, shown: Collection[str], size: Size) -> dict[str, Region]:
        """Where each pane of `shown` stands. `one` takes the first and gives it everything."""
        if name == "one":
            return {pane: Region(0, 0, size.width, size.height) for pane in list(shown)[:1]}
        columns = self._columns(name, shown)
        weights = self._weights[name]
        found: dict[str, Region] = {}
        left = 0
        widths = shares(size.width, [weights[key] for key, _ in columns])
        for (_, panes), width in zip(columns, widths, strict=True):
            top = 0
            heights = shares(size.height, [weights.get(pane, 50.0) for pane in panes])
            for pane, height in zip(panes, heights, strict=True):
                found[pane] = Region(left, top, width, height)
                top += height
            left += width
        return found

    def move(self, name: Name, shown: Collection[str], size: Size, pane: str, edge: Edge, to: int) -> bool:
        """Put an edge of a pane at column or line `to`; its neighbour gives or takes. False where there is none."""
        if name == "one":
            return False
        columns = self._columns(name, shown)
        column = next((i for i, (_, panes) in enumerate(columns) if pane in panes), None)
        if column is None:
            return False
        places = self.regions(name, shown, size)
        if edge in ("left", "right"):
            first = column - (edge == "left")
            if not 0 <= first < len(columns) - 1:
                return False
            (one, panes), (other, more) = columns[first], columns[first + 1]
            start, end = places[panes[0]].x, places[more[0]].right
            return self._share(name, one, other, start, end, to, SMALLEST[0])
        panes = columns[column][1]
        row = panes.index(pane) - (edge == "top")
        if not 0 <= row < len(panes) - 1:
            return False
        one, other = panes[row], panes[row + 1]
        return self._share(name, one, other, places[one].y, places[other].bottom, to, SMALLEST[1])

    def _share(self, name: Name, one: str, other: str, start: int, end: int, to: int, least: int) -> bool:
        if end - start < 2 * least:
            return False
        weights = self._weights[name]
        both = weights.get(one, 50.0) + weights.get(other, 50.0)
        to = min(max(to, start + least), end - least)
        weights[one] = both * (to - start) / (end - start)
        weights[other] = both - weights[one]
        return True

    @staticmethod
    def _columns(name: Name, shown: Collection[str]) -> list[tuple[str, list[str]]]:
        """Columns that hold something, with the key of their width."""
        columns = [(str(i), [p for p in panes if p in shown]) for i, panes in enumerate(COLUMNS[name])]
        return [(key, panes) for key, panes in columns if panes]
