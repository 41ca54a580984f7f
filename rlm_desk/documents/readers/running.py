"""What takes all pages of a document to see: headers and footers that repeat, and words broken at the ends of lines.

Standard library only.
"""

import re
from collections import Counter
from collections.abc import Sequence

from rlm_desk.documents.readers.layout import Laid
from rlm_desk.documents.readers.words import HYPHEN

LEAST = 3
"""Pages on which a line must stand to be a running one."""
BACK = 2
"""Pages it is looked for before: headers of left and of right pages take turns."""
_NUMBER = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(r"\W*+(?:page|seite|p\.|s\.)?\s*+(?:\d++|[ivxlc]++)(?:\s*+(?:of|von|/)\s*+\d++)?\W*+", re.I)
_BROKEN = re.compile(rf"(?:(?<!\w)(\w++)|){HYPHEN}(\n*)(\w*)([^\w\s]*)[ ]?")
_WORD = re.compile(r"\w+(?:-\w+)*")
_Place = tuple[int, int]
"""Page, and line on it."""


def without_running(pages: Sequence[Laid]) -> tuple[list[list[str]], list[str]]:
    """Lines of each page without its running header and footer, and a note that quotes them.

    A line in the margin is a running one when it stands in the margins of neighbouring pages too, its numbers alike
    or counted on with the pages. It is kept where it stands first; a page's number alone is left out everywhere.
    """
    chain: dict[_Place, _Place] = {}
    """A line's first appearance."""
    for page, laid in enumerate(pages):
        for at in (*laid.above, *laid.below):
            chain[page, at] = _first(pages, chain, page, at)
    lengths = Counter(chain.values())
    gone: dict[int, set[int]] = {}
    quoted: dict[str, None] = {}
    for (page, at), first in chain.items():
        text = pages[page].lines[at].strip()
        alone = _PAGE_NUMBER.fullmatch(text) is not None
        if lengths[first] >= LEAST and (alone or first != (page, at)):
            gone.setdefault(page, set()).add(at)
            if not alone:
                quoted.setdefault(pages[first[0]].lines[first[1]].strip()[:60])
    kept = [[line for at, line in enumerate(laid.lines) if at not in gone.get(n, ())] for n, laid in enumerate(pages)]
    if not quoted:
        return kept, []
    some = "; ".join(f"“{text}”" for text in list(quoted)[:3])
    more = f" and {len(quoted) - 3} more" if len(quoted) > 3 else ""
    return kept, [f"Headers and footers that repeat on following pages are kept once: {some}{more}."]


def _first(pages: Sequence[Laid], chain: dict[_Place, _Place], page: int, at: int) -> _Place:
    """Where the running line that this one belongs to began; itself when it follows none."""
    line = pages[page].lines[at]
    for back in range(1, BACK + 1):
        if page >= back:
            before = pages[page - back]
            same_edge = before.above if at in pages[page].above else before.below
            for other in same_edge:
                if _alike(before.lines[other], line, back):
                    return chain[page - back, other]
    return page, at


def _alike(before: str, line: str, distance: int) -> bool:
    """The same words, and numbers that are equal or have been counted on: `Page 3 of 9`, then `Page 4 of 9`."""
    if line.startswith("|") or _NUMBER.sub("#", " ".join(before.split())) != _NUMBER.sub("#", " ".join(line.split())):
        return _roman(before) and _roman(line)
    pairs = zip(_NUMBER.findall(before), _NUMBER.findall(line), strict=True)
    return all(a == b or (len(b) < 7 and int(b) == int(a) + distance) for a, b in pairs)


def _roman(line: str) -> bool:
    return re.fullmatch(r"\W*[ivxlc]{1,7}\W*", line, re.I) is not None


def unbroken(pages: Sequence[str]) -> list[str]:
    """Texts with words joined that were broken at the end of a line; a hyphen of the word's own stays."""
    if not any(HYPHEN in page for page in pages):
        return list(pages)
    known = Counter(word.casefold() for page in pages for word in _WORD.findall(page) if len(word) > 3)

    def join(match: re.Match[str]) -> str:
        left, line_end, right, after = match[1] or "", match[2][:1], match[3], match[4]
        if not right:
            return f"{left}-{match[2]}{after} "
        hyphen = "" if _is_one_word(left, right) else "-"
        return f"{left}{hyphen}{right}{after}{line_end or ' '}"

    def _is_one_word(left: str, right: str) -> bool:
        whole, hyphened = known[f"{left}{right}".casefold()], known[f"{left}-{right}".casefold()]
        if whole or hyphened:
            return whole >= hyphened
        return left.isalpha() and right.isalpha() and right.islower()

    return [_BROKEN.sub(join, page) for page in pages]
