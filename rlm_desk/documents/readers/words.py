"""Words of a page and where they stand, from pdfium's characters.

Asking where a character stands is most of the work: a page has hundreds of words, and each call into the library
costs more than what it does. All places are asked for in one go; and of a long line written in one piece only a few,
which show whether it has a wide gap somewhere. One that has none is prose, and is handed on whole.
"""

import ctypes
import re
from collections import deque
from collections.abc import Sequence
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


def lines_of(text: Any, whole: str) -> list[list[Word]]:
    """The lines of a pypdfium2 text page, whose characters are `whole`, in the order of the file."""
    spans = [match.span() for match in _LINE.finditer(whole)]
    handle = ctypes.c_void_p(ctypes.cast(text.raw, ctypes.c_void_p).value)
    probes = _probes(text.raw, whole, spans)
    boxes = _boxes(handle, [at for line in probes for at in line])
    lines: list[list[Word]] = []
    ends: list[int] = []
    """First and last character of each word that is to be looked at by itself."""
    waiting: list[tuple[list[Word], int, int]] = []
    """Such words, and the line they belong to."""
    taken = 0
    for (start, end), places in zip(spans, probes, strict=True):
        line: list[Word] = []
        before, taken = taken, taken + 4 * len(places)
        if places and (word := _prose(whole[start:end], places, boxes[before:taken])):
            line.append(word)
        else:
            for match in _WORD.finditer(whole, start, end):
                first, last = match.span()
                ends += (first, last - 1 - (whole[last - 1] == HYPHEN))
                waiting.append((line, first, last))
        lines.append(line)
    edges = _boxes(handle, ends)
    each = zip(waiting, edges[::8], edges[6::8], edges[3::8], edges[1::8], strict=True)
    for (line, first, last), left, right, bottom, top in each:
        line.append(Word(whole[first:last], left, right, bottom, top))
    return [line for line in lines if line]


def characters(text: Any) -> str:
    """The page's characters, one for each that pdfium counts."""
    count = text.count_chars()
    whole: str = text.get_text_range()
    if len(whole) != count:  # characters beyond the first 65,536: ask for each
        whole = "".join(chr(raw.FPDFText_GetUnicode(text.raw, index)) for index in range(count))
    marked = whole.translate(_MARKS)
    return marked if len(marked) == count else whole.replace("\0", " ")


def _boxes(handle: ctypes.c_void_p, places: Sequence[int]) -> list[float]:
    """Left, top, right and bottom of the characters at some places, in points, one after the other."""
    room = (ctypes.c_float * (4 * len(places)))()
    first = ctypes.addressof(room)
    addresses = range(first, first + _BOX_BYTES * len(places), _BOX_BYTES)
    deque(map(_place, repeat(handle), places, addresses), maxlen=0)
    return room[:]


def _probes(page: Any, whole: str, spans: Sequence[tuple[int, int]]) -> list[list[int]]:
    """For each line where to look at it, if it is long: starts of words, and its last character. Empty for others."""
    inked = [(start, end) for start, end in spans if not whole[start:end].isspace()]
    # As many pieces as lines: each line is one. Else each is asked about, since its pieces may stand anywhere.
    single = len(inked) > 0 and raw.FPDFText_CountRects(page, 0, len(whole)) == len(inked)
    found: list[list[int]] = []
    for start, end in spans:
        places: list[int] = []
        last = end - 1 - (whole[end - 1] in (HYPHEN, "\r"))
        if (
            last - start >= LONG - 1
            and not whole[start].isspace()
            and not whole[last].isspace()
            and whole.find("  ", start, last) < 0
            and (single or raw.FPDFText_CountRects(page, start, last + 1 - start) == 1)
        ):
            places.append(start)
            at = whole.find(" ", start + PROBE, last)
            while at >= 0:
                places.append(at + 1)
                at = whole.find(" ", at + PROBE, last)
            places.append(last)
        found.append(places)
    return found


def _prose(line: str, places: Sequence[int], boxes: Sequence[float]) -> Word | None:
    """The line as one, if no stretch of it is wider than its letters explain."""
    left, top, right, bottom = boxes[0], boxes[1], boxes[-2], boxes[3]
    letter = (right - left) / (places[-1] + 1 - places[0])
    most = ROOM * (top - bottom)
    edge, before = left, places[0]
    for at, place in zip(boxes[4:-4:4], places[1:-1], strict=True):
        if not 0 < at - edge <= most + letter * (place - before):
            return None
        edge, before = at, place
    if not 0 < right - edge <= most + letter * (places[-1] + 1 - before):
        return None
    return Word(line.rstrip("\r"), left, right, bottom, top)
