"""Cutting long text into rows of a width, as offsets: what a pane over 100,000 lines needs to open at once.

Rows are found by one regular expression over plain narrow text; a line with wide, combining or control characters is
measured by itself. Offsets are those of the text as it was read, so that a passage can be marked in it; `shown` makes a
row safe to show.
"""

import re
from functools import lru_cache

from rich.cells import cell_len

from rlm_desk.clean import clean

TAB = "    "

# Letters that every terminal draws in one cell: Latin, Greek, Cyrillic, common punctuation and signs.
_NARROW = r"\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf"
_ODD = re.compile(rf"[^\n\r{_NARROW}]")


@lru_cache(64)
def _rows(width: int) -> re.Pattern[str]:
    """Matches a row of narrow text: up to a blank near the end where there is one, with its line's end."""
    back = max(1, width * 2 // 3)
    return re.compile(rf"[^\n]{{0,{width}}}(?:\n|\Z)|[^\n]{{{back},{width - 1}}} |[^\n]{{1,{width}}}")


def rows(text: str, width: int, start: int = 0, end: int | None = None) -> list[int]:
    """Where each row of `text[start:end]` begins. A row goes up to where the next begins; it may end in a newline."""
    end = len(text) if end is None else end
    width = max(width, 2)
    found: list[int] = []
    at = start
    match = _rows(width)
    while at < end:
        odd = _ODD.search(text, at, end)
        if odd is None:
            found.extend(one.start() for one in match.finditer(text, at, end) if one.start() < one.end())
            break
        line = text.rfind("\n", at, odd.start()) + 1 or at
        found.extend(one.start() for one in match.finditer(text, at, line) if one.start() < one.end())
        # Odd lines come in blocks (a language, a table drawn with tabs): go on line by line while they do.
        at = line
        while at < end:
            stop = text.find("\n", at, end) + 1 or end
            if _ODD.search(text, at, stop) is None:
                break
            _measured(text, at, stop, width, found)
            at = stop
    if not found:
        found.append(start)
    return found


class _Cells(dict[str, int]):
    """How many cells a character takes at most, looked up once."""

    def __missing__(self, character: str) -> int:
        cells = self[character] = len(TAB) if character == "\t" else cell_len(clean(character))
        return cells


_CELLS = _Cells()


def _measured(text: str, start: int, end: int, width: int, found: list[int]) -> None:
    """Rows of one line that holds characters of other widths."""
    found.append(start)
    if len(TAB) * (end - start) <= width:
        return
    used, blank, after = 0, -1, 0  # cells of the row, its last blank, and the cells up to behind that
    for at, character in enumerate(text[start:end], start):
        cells = _CELLS[character]
        if used and used + cells > width:
            # At a blank in the last third, else in the middle of a word.
            good = blank - found[-1] > width // 2
            found.append(blank + 1 if good else at)
            used = used - after if good else 0
            blank = -1
        used += cells
        if character == " ":
            blank, after = at, used


def shown(text: str) -> str:
    """Part of a row as it may be shown: cleaned, without its line's end, a tab as four blanks."""
    return clean(text.rstrip("\r\n")).replace("\t", TAB)
