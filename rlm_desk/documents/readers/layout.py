"""From words and their boxes to lines in the order of reading: columns one after the other, tables as tables.

The order of the file is kept unless the page speaks against it. Standard library only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from rlm_desk.documents.readers.pdfium import Sheet
from rlm_desk.documents.readers.words import HYPHEN, Word
from rlm_desk.documents.sectioning import table_lines

MARGIN = 0.09
"""Share of a page's height, above and below, where headers and footers stand."""
GAP = 1.0
"""Space between words, in heights of a letter, that separates cells and columns rather than words."""
BESIDE = 5
"""Rows with text on both sides of an empty strip that make two columns."""
LEAST_ROWS = 3
"""Rows that make a table."""
PROSE = 22
"""Characters in the middle line of a column of text; a table's cells are shorter."""


@dataclass(slots=True)
class Segment:
    """Words of one line without a wide gap between them."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    order: int
    """Its place in the file."""
    middle: float
    """Height of its middle on the page."""
    height: float
    """At least 1."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A page's lines, and which of them stand in its margins."""

    lines: list[str]
    above: list[int]
    below: list[int]


def lay(sheet: Sheet) -> Laid:
    """The page's text in the order of reading."""
    segments = _segments(sheet)
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
    for block in _tables(ordered):
        first = block[0][0]
        if last is not None and _apart(last, first, pitch):
            lines.append("")
        if len(block) > 1:
            lines += _table(block)
        else:
            text = _line(block[0])
            if first.bottom >= high:
                above.append(len(lines))
            elif first.top <= low:
                below.append(len(lines))
            lines.append(text)
        last = block[-1][0]
    return Laid(lines, above, below)


def _segments(sheet: Sheet) -> list[Segment]:
    found: list[Segment] = []
    for line in sheet.lines:
        if len(line) == 1:
            found.append(_segment(line, len(found)))
            continue
        words: list[Word] = []
        for word in line:
            if words and (
                word.left - words[-1].right > GAP * max(word.top - word.bottom, 4.0) or word.left < words[0].left - 1
            ):
                found.append(_segment(words, len(found)))
                words = []
            words.append(word)
        if words:
            found.append(_segment(words, len(found)))
    return found


def _segment(words: list[Word], order: int) -> Segment:
    if len(words) == 1:
        one = words[0]
        text, left, right, bottom, top = one.text, one.left, one.right, one.bottom, one.top
    else:
        text = " ".join([word.text for word in words])
        left, right = min([word.left for word in words]), max([word.right for word in words])
        bottom, top = _median([word.bottom for word in words]), _median([word.top for word in words])
    return Segment(text, left, right, bottom, top, order, (bottom + top) / 2, max(top - bottom, 1.0))


def _median(values: list[float]) -> float:
    """The middle one. The standard library's loads fractions and decimals, which a worker's start would wait for."""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _upright(segment: Segment) -> bool:
    return len(segment.text) < 3 or segment.right - segment.left > 0.6 * segment.height


def _rows(segments: list[Segment]) -> list[list[Segment]]:
    """Segments that stand beside each other, from top to bottom, each row from left to right."""
    rows: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda one: -one.middle):
        row = rows[-1] if rows else []
        if row and abs(row[0].middle - segment.middle) < 0.4 * min(row[0].height, segment.height):
            row.append(segment)
        else:
            rows.append([segment])
    for row in rows:
        row.sort(key=lambda one: one.left)
    return rows


def _columns(segments: list[Segment], sheet: Sheet) -> list[Segment]:
    """Segments in the order of reading: where two columns of text were written line by line, one after the other."""
    rows = _rows(segments)
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
        *(one for row in _rows(left) for one in row),
        *(one for row in _rows(right) for one in row),
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
    return len(segments) >= 5 and _median([len(one.text) for one in segments]) >= PROSE


def _mixed(left: list[Segment], right: list[Segment]) -> bool:
    """Whether the file goes back and forth between two columns."""
    sides = [side for _, side in sorted([(one.order, 0) for one in left] + [(one.order, 1) for one in right])]
    return sum(a != b for a, b in pairwise(sides)) > 0.3 * len(sides)


def _tables(ordered: list[Segment]) -> Iterator[list[list[Segment]]]:
    """Blocks of rows: a table's rows together, every other line by itself."""
    rows: list[list[Segment]] = []
    for segment in ordered:
        last = rows[-1][-1] if rows else None
        if last is not None and abs(last.middle - segment.middle) < 0.4 * min(last.height, segment.height):
            rows[-1].append(segment)
        else:
            rows.append([segment])
    at = 0
    while at < len(rows):
        end = _table_end(rows, at)
        if end - at >= LEAST_ROWS:
            block = _rows([segment for row in rows[at:end] for segment in row])
            if _cells(block) is not None:
                yield block
                at = end
                continue
        yield [rows[at]]
        at += 1


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


def _table(block: list[list[Segment]]) -> list[str]:
    bounds = _cells(block) or []
    table = []
    for row in block:
        cells = [""] * len(bounds)
        for one in row:
            cells[_column(bounds, one)] = one.text.replace(HYPHEN, "-")
        table.append(cells)
    return table_lines(table)


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
    return _median(steps) if steps else 0.0


def _apart(last: Segment, first: Segment, pitch: float) -> bool:
    """Whether a paragraph ends between two lines: more space than usual, or a jump to another place."""
    step = last.middle - first.middle
    return bool(pitch) and (step > 1.45 * pitch or step < -pitch)
