"""A corpus as one node sees it, and where its characters lie in the run's corpus.

Events cite characters of the run's corpus. A child that was given some of the documents counts from its own
beginning; a `View` translates.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from rlm_desk.corpus import Corpus, Document, Page, Span
from rlm_desk.rlm.ports import Attribution


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Characters of a view that stand in the run's corpus one after the other."""

    start: int
    end: int
    origin: int
    """Where the first of them stands there."""

    def moved(self, by: int) -> "_Stretch":
        return _Stretch(self.start + by, self.end + by, self.origin)


class View:
    """A node's corpus and the translation of its spans."""

    def __init__(self, corpus: Corpus, stretches: Iterable[_Stretch], whole: Corpus) -> None:
        self.corpus = corpus
        self.whole = whole
        self._stretches = sorted(stretches, key=lambda one: one.start)
        """What lies outside them is a heading, or text that code made."""
        self._starts = [one.start for one in self._stretches]

    @classmethod
    def of(cls, corpus: Corpus) -> "View":
        """The root's view: everything, in place."""
        return cls(corpus, [_Stretch(placed.start, placed.end, placed.start) for placed in corpus.documents], corpus)

    def documents(self, indices: Iterable[int]) -> "View":
        """A view of some of the documents, for a child."""
        chosen = list(indices)
        corpus = self.corpus.select(chosen)
        stretches = []
        for index, now in zip(chosen, corpus.documents, strict=True):
            old = self.corpus.documents[index]
            stretches += [one.moved(now.start - old.start) for one in self._within(Span(old.start, old.end))]
        return View(corpus, stretches, self.whole)

    def passage(self, text: str, span: Span | None, label: str) -> "View":
        """A view of one text that code cut out (`span`: where it was, if known) or made."""
        document = Document("", label or "text", "text", "page", text, (Page("1", 0, len(text)),))
        corpus = Corpus([document])
        by = corpus.documents[0].start - span.start if span else 0
        return View(corpus, [one.moved(by) for one in self._within(span)] if span else [], self.whole)

    def origin(self, span: Span) -> list[Span]:
        """Where characters of this view lie in the run's corpus; headings and made-up text lie nowhere."""
        return [Span(one.origin, one.origin + one.end - one.start) for one in self._within(span)]

    @property
    def near(self) -> int | None:
        """Where in the run's corpus this node's text comes from, if it is known: where its first text does."""
        return self._stretches[0].origin if self._stretches else None

    async def trace(self, span: Span, attribution: Attribution) -> tuple[Span, ...]:
        """Where characters of this view lie in the run's corpus, found by their words where code made the text."""
        found = self.origin(span)
        for placed in self.corpus.documents:
            start, end = max(span.start, placed.start), min(span.end, placed.end)
            if start < end and not self._within(Span(placed.start, placed.end)):
                found += await attribution.find(self.corpus.text[start:end], self.near)
        return tuple(found)

    def _within(self, span: Span) -> list[_Stretch]:
        """What of the stretches lies in a span."""
        found = []
        for one in self._stretches[max(bisect_right(self._starts, span.start) - 1, 0) :]:
            if one.start >= span.end:
                break
            start, end = max(span.start, one.start), min(span.end, one.end)
            if start < end:
                found.append(_Stretch(start, end, one.origin + start - one.start))
        return found


class NoAttribution:
    """Attribution where there is no corpus to search."""

    async def find(self, text: str, near: int | None = None) -> tuple[Span, ...]:
        """Nothing."""
        return ()
