"""Pages with Arabic or Hebrew: their lines in the order of reading, from where each letter stands.

A PDF holds such text as it was drawn, letter by letter from either side, and what libraries make of it has words turned
around or in a wrong order. Here letters are put in lines and read off by their places: right to left, but numbers and
Latin words from left to right, as Unicode's bidirectional algorithm would have laid them out.

On a page that is mostly right to left, boxes are given mirrored, so that its first column and first cell come first.
"""

import bisect
import ctypes
import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Any

from pypdfium2 import raw

from rlm_desk.documents.readers.words import HYPHEN, Word

_LETTER = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
FOUND = re.compile(f"[{_LETTER}]")
CELL = 1.0
"""Space, in sizes of a letter, that ends a cell of a table or a column."""
SPACE = 0.2
"""The same between words, where the file has no space there."""
_NUMBER = re.compile(r"\d+(?:[.,:/\u066b\u066c]\d+)*")
_EUROPEAN = re.compile(r"[$€£¥#]?\d+(?:[.,:/+\-\u2010\u2212]\d+)*[%‰$€£¥°]?")
_STOPS = re.compile(r"\s*[.,:;!?]")
_STRETCH = re.compile(f"[{_LETTER}](?:[^A-Za-z\u00c0-\u024f\u0370-\u052f]*[{_LETTER}])?")
"""Of a line that is read from left to right, what is not."""
_MIRRORED = dict(zip("()[]{}<>«»‹›", ")(][}{><»«›‹", strict=True))


@dataclass(slots=True)
class Letter:
    """A character, or several that are drawn as one, in their order of reading, and the place."""

    text: str
    left: float
    right: float
    y: float
    """Of its base line."""
    size: float


def lines_of(text: Any, whole: str, left: float, right: float) -> list[list[Word]]:
    """Lines of cells of a pypdfium2 text page, in the order of the file.

    Args:
        whole: its characters, as `words.characters` gives them.
        left, right: the page's edges.
    """
    mirrored = _turned_share(whole) > 0.5
    lines = []
    for letters in _lines(_letters(text, whole)):
        cells = [_word(cell, mirrored) for cell in _cells(_joined(letters))]
        words = [word for word in cells if word.text]
        if mirrored:
            words = [Word(w.text, left + right - w.right, left + right - w.left, w.bottom, w.top) for w in words[::-1]]
        if words:
            lines.append(words)
    return lines


def logical(seen: str, base_is_right: bool) -> str:
    """Characters as they stand from left to right, in the order they are read."""
    if base_is_right:
        return _right_to_left(seen)
    return _STRETCH.sub(lambda match: _right_to_left(match[0]), seen)


def _right_to_left(seen: str) -> str:
    parts: list[str] = []
    end = len(seen)
    for start, stop in reversed(_left_to_right_runs(seen)):
        parts += [_turned(seen[stop:end]), seen[start:stop]]
        end = start
    return "".join([*parts, _turned(seen[:end])])


def _turned(seen: str) -> str:
    return "".join(_MIRRORED.get(one, one) for one in reversed(seen))


def _left_to_right_runs(seen: str) -> list[tuple[int, int]]:
    """Numbers, and Latin words with the numbers, spaces and marks between them."""
    runs: list[tuple[int, int]] = []
    latin = False
    for start, stop, is_latin in _strong(seen):
        if runs and (latin or is_latin) and not FOUND.search(seen, runs[-1][1], start):
            runs[-1] = (runs[-1][0], stop)
            latin = True
        else:
            runs.append((start, stop))
            latin = is_latin
    return runs


def _strong(seen: str) -> list[tuple[int, int, bool]]:
    """Latin letters and numbers, from left to right; whether it is a letter."""
    behind_arabic = [False] * len(seen)
    for at in range(len(seen) - 2, -1, -1):
        kind = unicodedata.bidirectional(seen[at + 1])
        behind_arabic[at] = kind == "AL" or (behind_arabic[at + 1] and kind not in ("L", "R"))
    found = []
    at = 0
    while at < len(seen):
        one = seen[at]
        if unicodedata.bidirectional(one) == "L":
            found.append((at, at + 1, True))
        # Behind Arabic letters only a point, a comma, a colon or a slash joins two numbers.
        elif match := (_NUMBER if behind_arabic[at] else _EUROPEAN).match(seen, at):
            found.append((at, match.end(), False))
            at = match.end()
            continue
        at += 1
    return found


def _begins_right(seen: str, page_does: bool) -> bool:
    """Whether a cell is read from its right end."""
    if FOUND.search(seen):
        return page_does or _turned_share(seen) > 0.5
    if any(one.isalpha() for one in seen):  # what ends a sentence stands in front of Latin words only in such a line
        return page_does and bool(_STOPS.match(seen)) and not _STOPS.match(seen[::-1])
    return page_does


def _turned_share(text: str) -> float:
    turned = len(FOUND.findall(text))
    others = sum(one.isalpha() for one in text) - turned
    return turned / max(turned + others, 1)


def _letters(text: Any, whole: str) -> list[Letter]:
    """The page's characters with their places, as they are in the file; spaces where they are wide."""
    x, y = ctypes.c_double(), ctypes.c_double()
    box = [ctypes.c_double() for _ in range(4)]
    loose, matrix, page = raw.FS_RECTF(), raw.FS_MATRIX(), text.raw
    found: list[Letter] = []
    for index, one in enumerate(whole):
        if one in "\r\n\0" or not raw.FPDFText_GetCharOrigin(page, index, x, y):
            continue
        if not (raw.FPDFText_GetCharBox(page, index, *box) and raw.FPDFText_GetLooseCharBox(page, index, loose)):
            continue
        scale = abs(matrix.d) if raw.FPDFText_GetMatrix(page, index, matrix) and matrix.d else 1.0
        size = raw.FPDFText_GetFontSize(page, index) * scale
        left, right = min(box[0].value, loose.left), max(box[1].value, loose.right)
        if one == " " and right - left < 0.1 * size:  # pdfium's own, which may stand anywhere
            continue
        # One of the forms a letter has by its place in a word is that letter; a ligature is its letters.
        plain = unicodedata.normalize("NFKC", one) if FOUND.match(one) else one
        found.append(Letter(plain, left, right, y.value, size))
    return found


def _lines(letters: list[Letter]) -> list[list[Letter]]:
    """Letters that follow each other in the file and stand on one base line."""
    lines: list[list[Letter]] = []
    last: Letter | None = None
    for one in letters:
        if last is not None and _is_mark(one):
            lines[-1].append(one)
            continue
        # In some fonts a word climbs from its last letter to its first.
        if last is not None and min(abs(last.y - one.y), abs(lines[-1][0].y - one.y)) < 0.4 * max(one.size, last.size):
            lines[-1].append(one)
        else:
            lines.append([one])
        last = one
    return lines


def _joined(letters: list[Letter]) -> list[Letter]:
    """The same; letters drawn as one are one, and marks are with their letters."""
    groups: list[list[Letter]] = []
    for one in letters:
        last = groups[-1][-1] if groups else None
        together = last is not None and abs(last.left - one.left) + abs(last.right - one.right) < 0.02
        if together and FOUND.match(one.text):
            groups[-1].append(one)
        else:
            groups.append([one])
    made: list[Letter] = []
    for at, group in enumerate(groups):
        # pdfium turns letters around where it turns a word around; by its neighbours one sees that it did.
        if len(group) > 1 and _goes_left(groups, at):
            group.reverse()
        made.append(replace(group[0], text="".join(one.text for one in group)))
    return _marked([one for one in made if not _is_mark(one)], [one for one in made if _is_mark(one)])


def _marked(bases: list[Letter], marks: list[Letter]) -> list[Letter]:
    """Letters with the marks that stand above, in or below them."""
    if not marks or not bases:
        return bases
    by_edge = {round(one.left, 1): one for one in bases}
    widths = {id(one): one.right - one.left for one in bases}
    order = sorted(bases, key=_middle)
    middles = [_middle(one) for one in order]
    for mark in sorted(marks, key=lambda one: -one.left):
        # Where a letter and its marks are one glyph, pdfium cuts its box into equal parts, the letter's at the right.
        edge = round(mark.right, 1)
        base = by_edge.get(edge) or by_edge.get(round(edge - 0.1, 1)) or by_edge.get(round(edge + 0.1, 1))
        if base is not None and abs(widths[id(base)] - (mark.right - mark.left)) < 0.1:
            base.left = mark.left
            by_edge[round(base.left, 1)] = base
        else:
            at = bisect.bisect(middles, _middle(mark))
            base = max(order[max(at - 2, 0) : at + 2], key=lambda one: _overlap(one, mark))
        base.text += mark.text
    return bases


def _goes_left(groups: list[list[Letter]], at: int) -> bool:
    """Whether letters around one follow each other from right to left; those of the same word say it best."""
    here = groups[at][0]
    votes = []
    for side, sign in ((at - 1, 1), (at + 1, -1)):
        if 0 <= side < len(groups) and FOUND.match(groups[side][0].text):
            other = groups[side][0]
            gap = max(other.left - here.right, here.left - other.right)
            votes.append((gap, sign * (other.left + other.right - here.left - here.right) > 0))
    return min(votes)[1] if votes else True


def _overlap(base: Letter, mark: Letter) -> float:
    return min(base.right, mark.right) - max(base.left, mark.left)


def _middle(one: Letter) -> float:
    return (one.left + one.right) / 2


def _is_mark(one: Letter) -> bool:
    return unicodedata.category(one.text[0]) == "Mn"


def _cells(letters: list[Letter]) -> list[list[Letter]]:
    """Letters of a line from left to right, parted where it is empty."""
    # Of what stands in one place, several letters in one box may be a word that a file names beside the one it draws.
    order = sorted(range(len(letters)), key=lambda n: (_middle(letters[n]), len(letters[n].text) == 1, n))
    size = max((one.size for one in letters), default=1.0)
    cells: list[list[Letter]] = []
    edge = 0.0
    for one in (letters[n] for n in order):
        if not cells or one.left - edge > CELL * size:
            cells.append([])
        elif one.left - edge > SPACE * size and " " not in (one.text, cells[-1][-1].text):
            cells[-1].append(replace(one, text=" ", left=edge, right=one.left))
        edge = max(edge, one.right) if cells[-1] else one.right
        cells[-1].append(one)
    return [cell for cell in cells if any(one.text != " " for one in cell)]


def _word(cell: list[Letter], base_is_right: bool) -> Word:
    """A cell, its text in the order of reading."""
    seen = "".join(unicodedata.normalize("NFC", one.text)[::-1] if FOUND.match(one.text) else one.text for one in cell)
    text = " ".join(logical(seen, _begins_right(seen, base_is_right)).split()).replace(HYPHEN, "-")
    inked = [one for one in cell if one.text != " "]
    low, high = min(one.y for one in inked), max(one.y for one in inked)
    size = max(one.size for one in inked)
    return Word(text, inked[0].left, max(one.right for one in inked), low - 0.25 * size, high + 0.75 * size)
