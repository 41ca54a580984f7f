"""The coverage ledger: for every character of the corpus how it was read, if it was. A fold over events.

Each character counts as the best of: shown to a model, returned by a helper, scanned by code, untouched. Headlines
count only the first. Headings between documents belong to nobody.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from rlm_desk.corpus import Corpus
from rlm_desk.events import Asked, Event, Read, Recorded
from rlm_desk.evidence.intervals import Counter, Range, intersect, merged, subtract, total

COMPACT = 4096
"""Spans kept as they come before they are merged."""


@dataclass(frozen=True, slots=True)
class Amount:
    """Characters of a document or page by how they were read; they add up to its length."""

    shown: int
    returned: int
    scanned: int
    untouched: int

    @property
    def chars(self) -> int:
        return self.shown + self.returned + self.scanned + self.untouched


@dataclass(frozen=True, slots=True)
class PageCoverage:
    """How a page was read."""

    label: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class DocumentCoverage:
    """How a document was read."""

    index: int
    """Its place in the corpus."""
    name: str
    amount: Amount
    pages: tuple[PageCoverage, ...]
    pages_read: int
    """Pages of which a model was shown something."""


class _Spans:
    """A growing set of ranges, merged now and then."""

    def __init__(self) -> None:
        self._merged: list[Range] = []
        self._new: list[Range] = []

    def add(self, spans: Iterable[Range]) -> None:
        self._new.extend(spans)
        if len(self._new) > COMPACT + len(self._merged):
            self.ranges()

    def ranges(self) -> list[Range]:
        if self._new:
            self._merged = merged([*self._merged, *self._new])
            self._new = []
        return self._merged


class Coverage:
    """The ledger of one run over one corpus. Feed it events in any order; ask at any time."""

    def __init__(self, corpus: Corpus, recorded: Iterable[Recorded] = ()) -> None:
        self._corpus = corpus
        self._bodies = merged((placed.start, placed.end) for placed in corpus.documents)
        self._shown, self._returned, self._scanned = _Spans(), _Spans(), _Spans()
        for one in recorded:
            self.add(one.event)

    def add(self, event: Event) -> bool:
        """Fold one event. True when it told of reading."""
        if isinstance(event, Asked):
            self._shown.add(event.shown)
            return bool(event.shown)
        if isinstance(event, Read):
            (self._returned if event.how == "returned" else self._scanned).add(event.spans)
            return bool(event.spans)
        return False

    def shown(self) -> list[Range]:
        """Characters of documents that a model was shown, as sorted disjoint ranges."""
        return intersect(self._shown.ranges(), self._bodies)

    def returned(self) -> list[Range]:
        """Given back by a helper, and not shown."""
        return subtract(intersect(self._returned.ranges(), self._bodies), self._shown.ranges())

    def scanned(self) -> list[Range]:
        """Seen by code only."""
        more = merged([*self._shown.ranges(), *self._returned.ranges()])
        return subtract(intersect(self._scanned.ranges(), self._bodies), more)

    def untouched(self) -> list[Range]:
        """Characters of documents that nobody read."""
        return subtract(
            self._bodies, merged([*self._shown.ranges(), *self._returned.ranges(), *self._scanned.ranges()])
        )

    @property
    def amount(self) -> Amount:
        """The whole corpus."""
        return Amount(total(self.shown()), total(self.returned()), total(self.scanned()), total(self.untouched()))

    def documents(self) -> list[DocumentCoverage]:
        """Every document and its pages, in corpus order."""
        counters = [Counter(ranges) for ranges in (self.shown(), self.returned(), self.scanned())]

        def amount(start: int, end: int) -> Amount:
            shown, returned, scanned = (counter.within(start, end) for counter in counters)
            return Amount(shown, returned, scanned, end - start - shown - returned - scanned)

        found: list[DocumentCoverage] = []
        for index, placed in enumerate(self._corpus.documents):
            whole = amount(placed.start, placed.end)
            pages = tuple(
                PageCoverage(page.label, amount(placed.start + page.start, placed.start + page.end))
                for page in placed.document.pages
            )
            read = sum(1 for page in pages if page.amount.shown)
            found.append(DocumentCoverage(index, placed.document.name, whole, pages, read))
        return found

    @property
    def pages_read(self) -> int:
        """Pages of which a model was shown something."""
        shown = Counter(self.shown())
        return sum(
            1
            for placed in self._corpus.documents
            for page in placed.document.pages
            if shown.within(placed.start + page.start, placed.start + page.end)
        )

    def headline(self) -> str:
        """`read 212 of 3,104 pages`: pages of which a model was shown something."""
        pages = self._corpus.pages
        return f"read {self.pages_read:,} of {pages:,} page{'' if pages == 1 else 's'}"
