"""Words of a line that stand together, and segments that stand beside each other. Standard library only."""

from dataclasses import dataclass

from rlm_desk.documents.readers.pdfium import Sheet
from rlm_desk.documents.readers.words import Word

GAP = 1.0
"""Space between words, in heights of a letter, that separates cells and columns rather than words."""


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
    words: list[Word]


def segments_of(sheet: Sheet) -> list[Segment]:
    """A page's segments in the order of the file."""
    found: list[Segment] = []
    for line in sheet.lines:
        if len(line) == 1:
            found.append(segment(line, len(found)))
            continue
        words: list[Word] = []
        for word in line:
            if words and (
                word.left - words[-1].right > GAP * max(word.top - word.bottom, 4.0) or word.left < words[0].left - 1
            ):
                found.append(segment(words, len(found)))
                words = []
            words.append(word)
        if words:
            found.append(segment(words, len(found)))
    return found


def segment(words: list[Word], order: int) -> Segment:
    """Words that stand together; `order` is their place in the file."""
    if len(words) == 1:
        one = words[0]
        text, left, right, bottom, top = one.text, one.left, one.right, one.bottom, one.top
    else:
        text = " ".join([word.text for word in words])
        left, right = min([word.left for word in words]), max([word.right for word in words])
        bottom, top = median([word.bottom for word in words]), median([word.top for word in words])
    return Segment(text, left, right, bottom, top, order, (bottom + top) / 2, max(top - bottom, 1.0), words)


def median(values: list[float]) -> float:
    """The middle one. The standard library's loads fractions and decimals, which a worker's start would wait for."""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2


def rows_of(segments: list[Segment]) -> list[list[Segment]]:
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
