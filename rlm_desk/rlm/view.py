"""A corpus as one node sees it, and where its characters lie in the run's corpus.

Events cite characters of the run's corpus. A child that was given some of the documents counts from its own
beginning; a `View` translates.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from rlm_desk.corpus import Corpus, Document, Page, Span
from rlm_desk.rlm.ports import Attribution


class View:
    """A node's corpus and the translation of its spans."""

    def __init__(self, corpus: Corpus, origins: Sequence[int | None], whole: "Corpus") -> None:
        self.corpus = corpus
        self.whole = whole
        self._origins = origins
        """For each document, where its text starts in the run's corpus; None for text made by code."""
        self._starts = [placed.start for placed in corpus.documents]

    @classmethod
    def of(cls, corpus: Corpus) -> "View":
        """The root's view: everything, in place."""
        return cls(corpus, [placed.start for placed in corpus.documents], corpus)

    def documents(self, indices: Iterable[int]) -> "View":
        """A view of some of the documents, for a child."""
        chosen = list(indices)
        return View(self.corpus.select(chosen), [self._origins[i] for i in chosen], self.whole)

    def passage(self, text: str, span: Span | None, label: str) -> "View":
        """A view of one text that code cut out (`span`: where it was, if known) or made."""
        document = Document("", label or "text", "text", "page", text, (Page("1", 0, len(text)),))
        origin = self.origin(span) if span else []
        return View(Corpus([document]), [origin[0].start if origin else None], self.whole)

    def origin(self, span: Span) -> list[Span]:
        """Where characters of this view lie in the run's corpus; headings and made-up text lie nowhere."""
        found = []
        index = max(bisect_right(self._starts, span.start) - 1, 0)
        for placed, origin in zip(self.corpus.documents[index:], self._origins[index:], strict=True):
            if placed.start >= span.end:
                break
            start, end = max(span.start, placed.start), min(span.end, placed.end)
            if origin is not None and start < end:
                found.append(Span(origin + start - placed.start, origin + end - placed.start))
        return found

    @property
    def near(self) -> int | None:
        """Where in the run's corpus this node's text comes from, if it is known: its first document."""
        return next((origin for origin in self._origins if origin is not None), None)

    async def trace(self, span: Span, attribution: Attribution) -> tuple[Span, ...]:
        """Where characters of this view lie in the run's corpus, found by their words where code made the text."""
        found = self.origin(span)
        index = max(bisect_right(self._starts, span.start) - 1, 0)
        for placed, origin in zip(self.corpus.documents[index:], self._origins[index:], strict=True):
            if placed.start >= span.end:
                break
            start, end = max(span.start, placed.start), min(span.end, placed.end)
            if origin is None and start < end:
                found += await attribution.find(self.corpus.text[start:end], self.near)
        return tuple(found)


class NoAttribution:
    """Attribution where there is no corpus to search."""

    async def find(self, text: str, near: int | None = None) -> tuple[Span, ...]:
        """Nothing."""
        return ()
