"""Where in what was shown a fact stands: the sentence to cite, 300 characters at most, and the words to mark in it."""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rlm_desk.corpus import Corpus, Span
from rlm_desk.evidence.lookup import number_pattern, occurrences, words_pattern

PASSAGE = 300
"""Characters of a passage at most."""
LOOKED_AT = 40
"""Places of one fact that are compared."""
WINDOW = 60_000
"""Characters of what was shown in which the sentence nearest to a question is looked for."""

TOPIC_CHARS = 2000
"""Characters of a text from which the words are taken that say what it is about."""

Basis = Literal["value", "question", "beginning"]
"""Why a passage was chosen: it holds the value; it is nearest to the question; nothing better was found."""

_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_SENTENCE_END = re.compile(r"[.!?;](?=\s)|\n\s*\n|\n(?=\s*(?:[-•*]|\d+[.)]))")
_COMMON = frozenset(
    "a all an and any are as at be by can do does each for from has have how if in into is it its many may more most"
    " much not of on one or per shall than that the their there these they this to under was were what when where which"
    " who whose will with would yes no none answer question text document documents following".split()
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of one document, to be cited."""

    span: Span
    """In the corpus."""
    mark: Span | None
    """The words in it that hold the fact; None when no such words were found."""
    basis: Basis


class Places:
    """Which document of a corpus holds a character."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._starts = [placed.start for placed in corpus.documents]

    def at(self, offset: int) -> int | None:
        """Its index; None between documents."""
        index = bisect_right(self._starts, offset) - 1
        return index if index >= 0 and offset < self.corpus.documents[index].end else None


def locate(places: Places, shown: Sequence[Span], values: Iterable[str], about: Collection[str]) -> Passage:
    """The passage of `shown` (not empty) that holds one of `values`, the first that is found, or is `about` them.

    Where a value stands in several places, the sentence that has most words of `about` is taken, then the first.
    """
    for value in values:
        for pattern in _patterns(value):
            found = around(places, shown, pattern, about)
            if found is not None:
                return found
    nearest = _nearest(places, shown, about)
    if nearest is not None:
        return Passage(nearest, None, "question")
    first = shown[0]
    return Passage(Span(first.start, min(first.end, first.start + PASSAGE)), None, "beginning")


def around(places: Places, shown: Sequence[Span], pattern: str, about: Collection[str]) -> Passage | None:
    """The passage around the best place that fits a pattern; None where none does."""
    text = places.corpus.text
    hits = [at for span in shown for at in _some(occurrences(pattern, text, span.start, span.end))]
    if not hits:
        return None
    best = max(hits, key=lambda at: (_nearness(_around(places, shown, at), text, about), -at.start))
    return Passage(_around(places, shown, best), best, "value")


def topics(*texts: str) -> frozenset[str]:
    """The words of texts that say what they are about, for `locate`."""
    return frozenset(word for text in texts for word in _words(text[:TOPIC_CHARS]) if word not in _COMMON)


def _patterns(value: str) -> Iterator[str]:
    """A value as it is, in any case of letters, else its first number."""
    bare = value.strip().strip(".\"'`").strip()
    if bare:
        pattern = words_pattern(bare)
        yield pattern
        yield f"(?i:{pattern})"
    numbers = _NUMBER.findall(bare)
    if numbers and len(bare) < 60:
        yield number_pattern(numbers[0])


def _some(hits: Iterator[Span]) -> list[Span]:
    return [hit for hit, _ in zip(hits, range(LOOKED_AT), strict=False)]


def _around(places: Places, shown: Sequence[Span], hit: Span) -> Span:
    """The sentence around a hit, inside what was shown and one document, PASSAGE characters at most."""
    corpus, index = places.corpus, places.at(hit.start)
    bounds = next((span for span in shown if span.start <= hit.start < span.end), hit)
    low, high = bounds.start, bounds.end
    if index is not None:
        low, high = max(low, corpus.documents[index].start), min(high, corpus.documents[index].end)
    room = max(PASSAGE - len(hit), 0)
    low, high = max(low, hit.start - room // 2), min(high, max(hit.end, hit.end + room // 2))
    before = [match.end() for match in _SENTENCE_END.finditer(corpus.text, low, hit.start)]
    after = _SENTENCE_END.search(corpus.text, hit.end, high)
    start, end = (before[-1] if before else low), (after.start() + 1 if after else high)
    passage = corpus.text[start:end]
    return Span(start + len(passage) - len(passage.lstrip()), end - (len(passage) - len(passage.rstrip())))


def _nearest(places: Places, shown: Sequence[Span], about: Collection[str]) -> Span | None:
    """The sentence that has most words of `about`, at least two; None when there is none."""
    best: Span | None = None
    most, left = 1, WINDOW
    for span in shown:
        for sentence in _sentences(places.corpus.text, span.start, min(span.end, span.start + left)):
            score = _nearness(sentence, places.corpus.text, about)
            if score > most and places.at(sentence.start) is not None:
                best, most = sentence, score
        left -= len(span)
        if left <= 0:
            break
    if best is None:
        return None
    document = places.corpus.documents[places.at(best.start) or 0]
    return Span(best.start, min(best.end, document.end, best.start + PASSAGE))


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    at = start
    for match in _SENTENCE_END.finditer(text, start, end):
        yield from _trimmed(text, at, match.start() + 1)
        at = match.end()
    yield from _trimmed(text, at, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    sentence = text[start:end]
    if sentence.strip():
        yield Span(start + len(sentence) - len(sentence.lstrip()), end - len(sentence) + len(sentence.rstrip()))


def _nearness(span: Span, text: str, about: Collection[str]) -> int:
    return len(_set(text[span.start : min(span.end, span.start + 2 * PASSAGE)]) & set(about)) if about else 0


def _words(text: str) -> list[str]:
    return [_stem(word) for word in re.findall(r"[^\W\d_]{2,}", text.casefold())]


def _stem(word: str) -> str:
    """Enough of a word to meet its other forms: `renews`, `renewal`, `renewed`."""
    return word[:5] if len(word) > 5 else word.rstrip("s") if len(word) > 3 else word


@lru_cache(4096)
def _set(text: str) -> frozenset[str]:
    return frozenset(_words(text))
