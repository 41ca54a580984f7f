"""Rows of segments that are a table, and the table as lines of Markdown. Standard library only."""

import re
from collections.abc import Iterator
from itertools import pairwise

from rlm_desk.documents.readers.segments import Segment, rows_of, segment
from rlm_desk.documents.readers.words import HYPHEN, Word
from rlm_desk.documents.sectioning import table_lines

LEAST_ROWS = 3
"""Rows that make a table."""
CLOSE = 0.5
"""Space, in heights of a letter, that divides a cell where nearly all rows have it; words stand at a third or less."""
_SECTION = re.compile(r"\d{1,2}(\.\d{1,2})*\.?")


def blocks(ordered: list[Segment]) -> Iterator[list[list[Segment]]]:
    """Blocks of rows: a table's rows together, every other line by itself."""
    rows: list[list[Segment]] = []
    for one in ordered:
        last = rows[-1][-1] if rows else None
        if last is not None and abs(last.middle - one.middle) < 0.4 * min(last.height, one.height):
            rows[-1].append(one)
        else:
            rows.append([one])
    at = 0
    while at < len(rows):
        end = _table_end(rows, at)
        if end - at >= LEAST_ROWS:
            block = rows_of([one for row in rows[at:end] for one in row])
            bounds = _cells(block)
            if bounds is not None and _contents(block):
                yield from ([row] for row in block)
                at = end
                continue
            if bounds is not None and not _alone(block, bounds):
                yield block
                at = end
                continue
        yield [rows[at]]
        at += 1


def lines(block: list[list[Segment]]) -> list[str]:
    """A table's rows as lines."""
    parted = _parted(block)
    bounds = _cells(parted)
    if bounds is None:
        parted, bounds = block, _cells(block) or []
    table = []
    for row in parted:
        cells = [""] * len(bounds)
        for one in row:
            cells[_column(bounds, one)] = one.text.replace(HYPHEN, "-")
        table.append(cells)
    return table_lines(table)


def _table_end(rows: list[list[Segment]], start: int) -> int:
    """The end of a run of rows that could be a table: two cells or more, or one that stands below such."""
    if len(rows[start]) < 2:
        return start
    end = start
    while end < len(rows):
        row = rows[end]
        if max(len(one.text) for one in row) > 80 or len(row) > 30:
            break
        if len(row) < 2 and not _below_a_cell(row[0], rows[start]):
            break
        if end > start and not 0 < rows[end - 1][0].middle - row[0].middle < 6 * row[0].height:
            break
        end += 1
    while end > start and len(rows[end - 1]) < 2:  # it does not end with half a row
        end -= 1
    return end


def _below_a_cell(one: Segment, header: list[Segment]) -> bool:
    return any(one.left < cell.right and one.right > cell.left for cell in header)


def _cells(block: list[list[Segment]]) -> list[tuple[float, float]] | None:
    """The columns of a table, from left to right; None when it is none."""
    bounds: list[tuple[float, float]] = []
    for left, right in sorted((one.left, one.right) for row in block for one in row):
        if bounds and left < bounds[-1][1]:
            bounds[-1] = (bounds[-1][0], max(right, bounds[-1][1]))
        else:
            bounds.append((left, right))
    full = sum(len(row) >= 2 for row in block)
    if len(bounds) < 2 or full < LEAST_ROWS or (len(bounds) == 2 and full < 4):
        return None
    # Two cells of a row in one column: the columns overlap, and nothing is known.
    for row in block:
        places = [_column(bounds, one) for one in row]
        if len(set(places)) < len(places):
            return None
    return bounds


def _column(bounds: list[tuple[float, float]], one: Segment) -> int:
    middle = (one.left + one.right) / 2
    return min(range(len(bounds)), key=lambda n: max(bounds[n][0] - middle, middle - bounds[n][1], 0))


def _alone(block: list[list[Segment]], bounds: list[tuple[float, float]]) -> bool:
    """Whether the first row stands in columns that no other has: a numbered heading above a table."""
    below = {_column(bounds, one) for row in block[1:] for one in row}
    return not any(_column(bounds, one) in below for one in block[0])


def _contents(block: list[list[Segment]]) -> bool:
    """Whether the rows list headings: a number of a section that goes up, a title, and its page."""
    sections: list[list[int]] = []
    pages: list[int] = []
    for row in block:
        number, page = row[0].text, row[-1].text
        if len(row) != 3 or not _SECTION.fullmatch(number) or not page.isdecimal() or row[1].text.isdecimal():
            return False
        sections.append([int(part) for part in number.strip(".").split(".")])
        pages.append(int(page))
    rising = all(a < b for a, b in pairwise(sections)) and all(a <= b for a, b in pairwise(pages))
    return rising and sections[0] in ([0], [1])


def _parted(block: list[list[Segment]]) -> list[list[Segment]]:
    """The rows, with cells divided that are two: words that stand a little apart in nearly every row, above each other.

    One row proves nothing, since its words may be spaced for any reason; a strip that is empty in all of them does.
    """
    bounds = _cells(block) or []
    cuts: list[list[float]] = [
        _cuts([one for row in block for one in row if _column(bounds, one) == at]) for at in range(len(bounds))
    ]
    return [[part for one in row for part in _cut(one, cuts[_column(bounds, one)])] for row in block]


def _cuts(cells: list[Segment]) -> list[float]:
    """Where a column of cells is to be divided."""
    edges: list[tuple[float, float]] = []
    for left, right in sorted((word.left, word.right) for one in cells for word in one.words):
        if edges and left < edges[-1][1]:
            edges[-1] = (edges[-1][0], max(right, edges[-1][1]))
        else:
            edges.append((left, right))
    cuts = [(low + high) / 2 for (_, low), (high, _) in pairwise(edges)]
    return [cut for cut in cuts if sum(_gap(one, cut) for one in cells) >= max(0.75 * len(cells), LEAST_ROWS)]


def _gap(cell: Segment, at: float) -> bool:
    """Whether a cell's words stand apart at a place."""
    before = [word.right for word in cell.words if word.right <= at]
    behind = [word.left for word in cell.words if word.left >= at]
    return bool(before and behind) and min(behind) - max(before) > CLOSE * cell.height


def _cut(one: Segment, cuts: list[float]) -> list[Segment]:
    parts: list[list[Word]] = [[] for _ in range(len(cuts) + 1)]
    for word in one.words:
        parts[sum(word.left > cut for cut in cuts)].append(word)
    return [segment(part, one.order) for part in parts if part]
