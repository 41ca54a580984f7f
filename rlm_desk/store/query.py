"""What a person types into a search, as FTS5 understands it; and the piece of text that shows why a page fits.

Words must all stand on a page; `"in quotes"` a phrase, `begin*` how a word begins, `-word` not there, `a OR b`.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from rlm_desk.errors import UsageError

SNIPPET = 160
"""Characters of text shown."""
_TERM = re.compile(r'(-?)"([^"]*)"?(\*?)|(-?)([^\s"]+)')
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Query:
    """A search, understood."""

    all_of: str
    """FTS5 expression: every word."""
    some_of: str
    """FTS5 expression: any of them."""
    terms: tuple[str, ...]
    """What to mark, folded: words and phrases; one that ends in `*` may go on."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text around what fits."""

    text: str
    marks: tuple[tuple[int, int], ...]
    start: int
    end: int
    """What fitted first, in characters of the whole text; empty at its beginning when nothing did."""


def understand(typed: str) -> Query:
    """Raises UsageError when there is nothing to look for."""
    wanted: list[str] = []
    unwanted: list[str] = []
    terms: list[str] = []
    either = False
    for minus_phrase, phrase, star, minus, word in _TERM.findall(typed):
        if word == "OR" and wanted:
            either = True
            continue
        text, not_there = (word.rstrip("*"), minus) if word else (phrase, minus_phrase)
        opened = word.endswith("*") or bool(star)
        if not any(character.isalnum() for character in text):
            continue
        term = f'"{folded(text).replace(chr(34), " ").strip()}"' + ("*" if opened else "")
        if not_there:
            unwanted.append(term)
        elif either:
            wanted[-1] = f"({wanted[-1]} OR {term})"
        else:
            wanted.append(term)
        if not not_there:
            terms.append(fold(" ".join(text.split())) + ("*" if opened else ""))
        either = False
    if not wanted:
        raise UsageError(
            "There is no word to look for.", 'Type words; "in quotes" is a phrase, begin* how a word begins, -word not.'
        )
    without = "".join(f" NOT {term}" for term in unwanted)
    return Query(f"({' AND '.join(wanted)}){without}", f"({' OR '.join(wanted)}){without}", tuple(terms))


def folded(text: str) -> str:
    """A text as it enters the index: what FTS5 would take for one long word, being written without spaces, apart."""
    if text.isascii():
        return text
    text = _SURROGATES.sub("\ufffd", text)
    return _CJK.sub(r" \g<0> ", text)


def fold(text: str) -> str:
    """Small letters without accents, character by character, so that offsets stay."""
    return text.lower() if text.isascii() else "".join(map(_fold, text))


@lru_cache(4096)
def _fold(character: str) -> str:
    plain = unicodedata.normalize("NFKD", character)[:1].lower()
    return plain if len(plain) == 1 else character


def snippet(text: str, asked: Query) -> Snippet:
    """Some text around the place where most of the terms stand together."""
    pattern = re.compile("|".join(map(_pattern, sorted(asked.terms, key=len, reverse=True))))
    found = [match.span() for match in pattern.finditer(fold(text))]
    if not found:
        return Snippet(" ".join(text[: SNIPPET * 2].split())[:SNIPPET], (), 0, 0)
    best = _densest(text, found)
    low = max(best[0] - SNIPPET // 3, 0)
    low = text.find(" ", low, best[0]) + 1 or low if low else 0
    high = min(low + SNIPPET, len(text))
    marks = [(max(a, low) - low, min(b, high) - low) for a, b in found if a < high and b > low]
    # White space takes one character each, so that marks stay where they are.
    return Snippet(re.sub(r"\s", " ", text[low:high]), tuple(marks), *best)


def _densest(text: str, found: list[tuple[int, int]]) -> tuple[int, int]:
    """The first place behind which most different things stand within a snippet."""
    kinds = [fold(text[start:end]) for start, end in found]
    inside: Counter[str] = Counter()
    best, most, last = found[0], 0, 0
    for first, place in enumerate(found):
        while last < len(found) and found[last][0] - place[0] < SNIPPET * 2 // 3:
            inside[kinds[last]] += 1
            last += 1
        if len(inside) > most:
            best, most = place, len(inside)
        inside[kinds[first]] -= 1
        if not inside[kinds[first]]:
            del inside[kinds[first]]
    return best


def _pattern(term: str) -> str:
    bare = term.rstrip("*")
    words = r"\W+".join(re.escape(word) for word in re.findall(r"\w+", bare)) or re.escape(bare)
    if _CJK.search(bare):
        return words
    return rf"\b{words}" + (r"\w*" if term.endswith("*") else r"\b")
