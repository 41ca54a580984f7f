"""From words and their boxes to lines in the order of reading: columns one after the other, tables as tables.

The order of the file is kept unless the page speaks against it. Standard library only.
"""

from dataclasses import dataclass
from itertools import pairwise

from rlm_desk.documents.readers import tables
from rlm_desk.documents.readers.pdfium import Sheet
from rlm_desk.documents.readers.segments import Segment, median, rows_of, segments_of

MARGIN = 0.09
"""Share of a page's height, above and below, where headers and footers stand."""
BESIDE = 5
"""Rows with text on both sides of an empty strip that make two columns."""
PROSE = 22
"""Characters in the middle line of a column of text; a table's cells are shorter."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A page's lines, and which of them stand in its margins."""

    lines: list[str]
    above: list[int]
    below: list[int]


def lay(sheet: Sheet) -> Laid:
    """The page's text in the order of reading."""
    segments = segments_of(sheet)
    if not segments:
        return Laid([], [], [])
    if sheet.turned or sum(_upright(segment) for segment in segments) < 0.8 * len(segments):
        return Laid([" ".join(word.text for word in line) for line in sheet.lines], [], [])
    ordered = _columns(segments, sheet)
    lines: list[str] = []
    above: list[int] = []
    below: list[int] = []
    high = sheet.top - MARGIN * (sheet.top - sheet.bottom)
    low = sheet.bottom + MARGIN * (sheet.top - sheet.bottom)
    last: Segment | None = None
    pitch = _pitch(ordered)
    for block in tables.blocks(ordered):
        first = block[0][0]
        if last is not None and _apart(last, first, pitch):
            lines.append("")
        if len(block) > 1:
            lines += tables.lines(block)
        else:
            text = _line(block[0])
            if first.bottom >= high:
                above.append(len(lines))
            elif first.top <= low:
                below.append(len(lines))
            lines.append(text)
        last = block[-1][0]
    return Laid(lines, above, below)


def _upright(segment: Segment) -> bool:
    return len(segment.text) < 3 or segment.right - segment.left > 0.6 * segment.height


def _columns(segments: list[Segment], sheet: Sheet) -> list[Segment]:
    """Segments in the order of reading: where two columns of text were written line by line, one after the other."""
    rows = rows_of(segments)
    found = _gutter(rows, sheet)
    if found is None:
        return segments
    first, last, middle = found
    inside = [segment for row in rows[first:last] for segment in row]
    left = [segment for segment in inside if segment.right <= middle]
    right = [segment for segment in inside if segment.left >= middle]
    if not _prose(left) or not _prose(right) or not _mixed(left, right):
        return segments
    return [
        *sorted((one for row in rows[:first] for one in row), key=lambda one: one.order),
        *(one for row in rows_of(left) for one in row),
        *(one for row in rows_of(right) for one in row),
        *sorted((one for row in rows[last:] for one in row), key=lambda one: one.order),
    ]


def _gutter(rows: list[list[Segment]], sheet: Sheet) -> tuple[int, int, float] | None:
    """The longest run of rows with an empty strip in the page's middle, text on both sides: first, last + 1, where."""
    width = sheet.right - sheet.left
    low, high = sheet.left + 0.3 * width, sheet.left + 0.7 * width
    best: tuple[int, int, float] | None = None
    if sum(len(row) > 1 for row in rows) < BESIDE:
        return None
    for start in range(len(rows)):
        if best is not None and len(rows) - start <= best[1] - best[0]:
            break
        free = (low, high)
        both = 0
        for index in range(start, len(rows)):
            narrowed = _free(rows[index], free)
            if narrowed is None:
                break
            free = narrowed
            both += any(one.right <= free[0] for one in rows[index]) and any(one.left >= free[1] for one in rows[index])
            if both >= BESIDE and (best is None or index + 1 - start > best[1] - best[0]):
                best = (start, index + 1, (free[0] + free[1]) / 2)
    return best


def _free(row: list[Segment], free: tuple[float, float]) -> tuple[float, float] | None:
    """What a row leaves of an empty strip; None when that is nothing to speak of."""
    low, high = free
    gaps, at = [], low
    for one in row:
        if one.left > at:
            gaps.append((at, min(one.left, high)))
        at = max(at, one.right)
    gaps.append((at, high))
    widest = max(((max(a, low), min(b, high)) for a, b in gaps), key=lambda gap: gap[1] - gap[0])
    return widest if widest[1] - widest[0] > 0.8 * row[0].height else None


def _prose(segments: list[Segment]) -> bool:
    return len(segments) >= 5 and median([len(one.text) for one in segments]) >= PROSE


def _mixed(left: list[Segment], right: list[Segment]) -> bool:
    """Whether the file goes back and forth between two columns."""
    sides = [side for _, side in sorted([(one.order, 0) for one in left] + [(one.order, 1) for one in right])]
    return sum(a != b for a, b in pairwise(sides)) > 0.3 * len(sides)


def _line(row: list[Segment]) -> str:
    """A row that is no table's: wide gaps stay visible."""
    text, last = row[0].text, row[0]
    for one in row[1:]:
        text += (" " if one.left - last.right < 2 * one.height else "   ") + one.text
        last = one
    return text


def _pitch(ordered: list[Segment]) -> float:
    """The usual distance from line to line."""
    steps = [a.middle - b.middle for a, b in pairwise(ordered) if 0.5 * a.height < a.middle - b.middle < 4 * a.height]
    return median(steps) if steps else 0.0


def _apart(last: Segment, first: Segment, pitch: float) -> bool:
    """Whether a paragraph ends between two lines: more space than usual, or a jump to another place."""
    step = last.middle - first.middle
    return bool(pitch) and (step > 1.45 * pitch or step < -pitch)
