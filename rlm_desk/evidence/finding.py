"""Where in all documents a claim stands first, without running a loose pattern over every character of them.

A pattern is only tried where a part of it that cannot be broken stands: the longest word, a group of digits, a year. A
quotation or a name whose longest word may itself be broken over a line is looked for once more in the text without
its breaks.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import numpy as np

from rlm_desk.corpus import Corpus, Span
from rlm_desk.evidence.lookup import BREAK, compiled, occurrences, spelt
from rlm_desk.evidence.words import folded_codes

CHUNK = 1 << 20
"""Characters whose breaks are taken out at once."""
OVERLAP = 8192
"""Characters looked at again with the next chunk."""


UNKNOWN = Span(-1, -1)
"""Said of a claim that there was no more time to look for."""
TRIES = 200_000
"""Stretches of text in which the claims of one answer are looked for: 2 s or so; an honest one takes hundreds."""
PLACES = 1000
"""Places at which the letters of one claim stand in the text without its breaks, and are not it."""


class Finder:
    """Looks for claims in all the text of a corpus, for one answer."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._left = TRIES

    def first(self, claims: Sequence[tuple[str, str, str]]) -> list[Span | None]:
        """The first place of each claim (its kind, text and pattern); headings between documents do not count.

        None for what stands nowhere, UNKNOWN for what was not looked for to the end.
        """
        found = [self._anchored(*claim) for claim in claims]
        broken = {n: claims[n] for n, at in enumerate(found) if at is None and claims[n][0] in ("quotation", "name")}
        for n, at in _unbroken(broken, self.corpus).items():
            found[n] = at
        return found

    def _anchored(self, kind: str, text: str, pattern: str) -> Span | None:
        reach = 3 * len(text) + 80
        for anchor in _anchors(kind, text):
            for low, high in _windows(self.corpus, anchor, reach):
                if self._left <= 0:
                    return UNKNOWN
                self._left -= 1
                hit = next(occurrences(pattern, self.corpus.text, low, high), None)
                if hit is not None:
                    return hit
        return None


def _anchors(kind: str, text: str) -> Iterator[str]:
    """Strings one of which stands in the documents wherever the claim does (breaks within words left aside)."""
    if kind in ("number", "date"):
        groups = re.findall(r"\d+", text)
        whole = re.sub(r"[,'’\u00a0\u202f]", "", re.findall(r"\d[\d,'’\u00a0\u202f]*", text)[0]) if groups else ""
        # 4,200 and 4200 are one number: its last three digits stand together either way.
        yield max(groups, key=len) if kind == "date" else whole if len(whole) <= 3 else whole[-3:]
        pattern = spelt(int(whole)) if kind == "number" and len(whole) <= 2 and whole else ""
        if pattern:
            word = max(re.findall(r"[a-z]{2,}", pattern), key=len)
            yield from (word, word.capitalize(), word.upper())
    else:
        words = re.findall(r"\w+", text)
        if words:
            yield max(words, key=len)


def _windows(corpus: Corpus, anchor: str, reach: int) -> Iterator[tuple[int, int]]:
    """Stretches of documents around the places of a string; together they hold all that lies within `reach` of one."""
    text, at = corpus.text, 0
    for placed in corpus.documents:
        at = max(at, placed.start)
        if at >= placed.end:
            continue
        at = text.find(anchor, at)
        if at < 0:
            return
        while at >= 0 and at < placed.end:
            yield max(placed.start, at - reach), min(placed.end, at + 2 * reach)
            at = text.find(anchor, at + reach)
        if at < 0:
            return


def _unbroken(claims: Mapping[int, tuple[str, str, str]], corpus: Corpus) -> dict[int, Span]:
    """Where claims stand once white space, hyphens and soft hyphens are taken out of both: one pass for all of them."""
    needles = {n: needle for n, (_, text, _) in claims.items() if (needle := _squeezed(text)[0])}
    left = dict.fromkeys(needles, PLACES)
    found: dict[int, Span] = {}
    for placed in corpus.documents if needles else ():
        for start in range(placed.start, placed.end, CHUNK):
            end = min(start + CHUNK + OVERLAP, placed.end)
            squeezed, offsets = _squeezed(corpus.text[start:end])
            for n, needle in needles.items():
                at = -1 if n in found else squeezed.find(needle)
                while at >= 0 and left[n]:
                    match = compiled(claims[n][2]).match(corpus.text, start + int(offsets[at]), placed.end)
                    if match is not None:
                        found[n] = Span(match.start(), match.end())
                        break
                    left[n] -= 1
                    at = squeezed.find(needle, at + 1)
    return found


def _squeezed(text: str) -> "tuple[str, np.ndarray[tuple[int], np.dtype[np.int64]]]":
    """A text without its breaks, in one case and one kind of quotation mark, and where its characters stood."""
    codes = folded_codes(text)
    breaks, single, double = _classes()
    codes[np.isin(codes, single)] = ord("'")
    codes[np.isin(codes, double)] = ord('"')
    kept = np.flatnonzero(~np.isin(codes, breaks))
    return codes[kept].tobytes().decode("utf-32-le", "surrogatepass"), kept


@cache  # twelve thousand characters are looked at, and this is asked for every document
def _classes() -> "tuple[np.ndarray[tuple[int], np.dtype[np.uint32]], ...]":
    breaks = [code for code in range(0x3001) if BREAK.fullmatch(chr(code))]
    return tuple(np.array(codes, np.uint32) for codes in (breaks, [ord(c) for c in "’‘ʼ"], [ord(c) for c in "“”„«»"]))
