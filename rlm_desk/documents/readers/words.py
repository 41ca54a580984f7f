"""Words of a page and where they stand, from pdfium's characters.

Asking where a character stands is most of the work: a page has hundreds of words, and each call into the library
costs more than what it does. All places are asked for in one go; and of a long line written in one piece only a few,
which show whether it has a wide gap somewhere. One that has none is prose, and is handed on whole.
"""

import ctypes
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from pypdfium2 import raw

HYPHEN = "\ufffe"
"""Stands for the hyphen of a word that was broken at the end of a line."""
_MARKS = str.maketrans({"\x02": HYPHEN, "\0": None, "\xa0": " "})
# Python takes \x1c to \x1f for white space; they are the ligatures of TeX's fonts (see pdf.py).
_WORD = re.compile(rf"(?:[^\s{HYPHEN}]|[\x1c-\x1f])+{HYPHEN}?")
_LINE = re.compile(rf"[^\n{HYPHEN}]+{HYPHEN}?")
LONG = 40
"""Characters of a line that may be handed on whole; in a shorter one every word counts, as cells are short."""
PROBE = 18
"""Characters between the places that are asked for in a long line."""
ROOM = 1.2
"""Heights of a letter that a stretch of such a line may be wider than its number of letters tells."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in points."""
_BOX_BYTES = ctypes.sizeof(raw.FS_RECTF)
# Without the checks of the library's own declaration, which take as long as the call.
_place = ctypes.PYFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(
    ctypes.cast(raw.FPDFText_GetLooseCharBox, ctypes.c_void_p).value or 0
)


@dataclass(slots=True)
class Word:
    """Characters that stand together, and their box in points; the page's origin is at its lower left.

    A word, or a whole line of prose.
    """

    text: str
    left: float
    right: float
    bottom: float
    top: float


def lines_of(text: Any) -> list[list[Word]]:
    """The lines of a pypdfium2 text page, in the order of the file."""
    whole = _characters(text)
    spans = [match.span() for match in _LINE.finditer(whole)]
    handle = ctypes.c_void_p(ctypes.cast(text.raw, ctypes.c_void_p).value)
    probes = [_probes(text.raw, whole, start, end) for start, end in spans]
    boxes = iter(_boxes(handle, (at for line in probes for at in line)))
    lines: list[list[Word] | None] = []
    """None for a line whose words are to be looked at one by one."""
    for (start, end), places in zip(spans, probes, strict=True):
        found = [next(boxes) for _ in places]
        lines.append(_prose(whole[start:end], places, found) if places else None)
    words = [
        [match.span() for match in _WORD.finditer(whole, *span)] if line is None else []
        for span, line in zip(spans, lines, strict=True)
    ]
    ends = (at for line in words for start, end in line for at in (start, end - 1 - (whole[end - 1] == HYPHEN)))
    boxes = iter(_boxes(handle, ends))
    made: list[list[Word]] = []
    for whole_line, parts in zip(lines, words, strict=True):
        line = list(whole_line or ())
        for start, end in parts:
            (left, top, _, bottom), (_, _, right, _) = next(boxes), next(boxes)
            line.append(Word(whole[start:end], left, right, bottom, top))
        if line:
            made.append(line)
    return made


def _characters(text: Any) -> str:
    """The page's characters, one for each that pdfium counts."""
    count = text.count_chars()
    whole: str = text.get_text_range()
    if len(whole) != count:  # characters beyond the first 65,536: ask for each
        whole = "".join(chr(raw.FPDFText_GetUnicode(text.raw, index)) for index in range(count))
    marked = whole.translate(_MARKS)
    return marked if len(marked) == count else whole.replace("\0", " ")


def _boxes(handle: ctypes.c_void_p, places: Iterable[int]) -> list[Box]:
    """Boxes of the characters at some places."""
    asked = list(places)
    room = (ctypes.c_float * (4 * len(asked)))()
    first = ctypes.addressof(room)
    addresses = range(first, first + _BOX_BYTES * len(asked), _BOX_BYTES)
    for _ in map(_place, repeat(handle), asked, addresses):
        pass
    floats = iter(room)
    return list(zip(floats, floats, floats, floats, strict=True))


def _probes(page: Any, whole: str, start: int, end: int) -> list[int]:
    """Where to look at a long line in one piece: starts of words, and its last character. Empty for another line."""
    end -= whole[end - 1] in (HYPHEN, "\r")
    if end - start < LONG or whole[start].isspace() or whole[end - 1].isspace() or whole.find("  ", start, end) >= 0:
        return []
    if raw.FPDFText_CountRects(page, start, end - start) != 1:  # pieces that may stand anywhere
        return []
    places = [start]
    at = whole.find(" ", start + PROBE, end)
    while 0 <= at < end - 1:
        places.append(at + 1)
        at = whole.find(" ", at + PROBE, end)
    return [*places, end - 1]


def _prose(line: str, places: Sequence[int], boxes: Sequence[Box]) -> list[Word] | None:
    """The line as one, if no stretch of it is wider than its letters explain."""
    left, top, _, bottom = boxes[0]
    right = boxes[-1][2]
    letter = (right - left) / (places[-1] + 1 - places[0])
    most = ROOM * (top - bottom)
    edges = [box[0] for box in boxes[:-1]] + [right]
    counts = [*places[:-1], places[-1] + 1]
    for at in range(1, len(edges)):
        width = edges[at] - edges[at - 1]
        if width <= 0 or width - letter * (counts[at] - counts[at - 1]) > most:
            return None
    return [Word(line.rstrip("\r"), left, right, bottom, top)]
