"""Where in all documents a claim stands first, without running a loose pattern over every character of them.

A pattern is only tried where a part of it that cannot be broken stands: the longest word, a group of digits, a year. A
quotation or a name whose longest word may itself be broken over a line is looked for once more in the text without
its breaks.
"""

import re
from collections.abc import Iterator
from functools import cache

import numpy as np

from rlm_desk.corpus import Corpus, Span
from rlm_desk.evidence.lookup import BREAK, occurrences, spelt
from rlm_desk.evidence.words import folded_codes

CHUNK = 1 << 20
"""Characters whose breaks are taken out at once."""
OVERLAP = 8192
"""Characters looked at again with the next chunk."""


def first(kind: str, text: str, pattern: str, corpus: Corpus) -> Span | None:
    """The first place of a claim in the documents; headings between them do not count."""
    reach = 3 * len(text) + 80
    for anchor in _anchors(kind, text):
        for low, high in _windows(corpus, anchor, reach):
            hit = next(occurrences(pattern, corpus.text, low, high), None)
            if hit is not None:
                return hit
    if kind in ("quotation", "name"):
        return _unbroken(text, pattern, corpus)
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


def _unbroken(claim: str, pattern: str, corpus: Corpus) -> Span | None:
    """Where a claim stands once white space, hyphens and soft hyphens are taken out of both."""
    needle = _squeezed(claim)[0]
    if not needle:
        return None
    compiled = re.compile(pattern)
    for placed in corpus.documents:
        for start in range(placed.start, placed.end, CHUNK):
            end = min(start + CHUNK + OVERLAP, placed.end)
            squeezed, offsets = _squeezed(corpus.text[start:end])
            at = squeezed.find(needle)
            while at >= 0:
                match = compiled.match(corpus.text, start + int(offsets[at]), placed.end)
                if match is not None:
                    return Span(match.start(), match.end())
                at = squeezed.find(needle, at + 1)
    return None


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
