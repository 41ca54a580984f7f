"""The coverage ledger: for every character of the corpus how it was read, if it was. A fold over events.

Each character counts as the best of: shown to a model, returned by a helper, scanned by code, untouched. Headlines
count only the first. A prompt counts as shown once a reply to it begins: one that was refused, or that died in the
queue, showed nobody anything. Headings between documents belong to nobody.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rlm_desk.clean import plural
from rlm_desk.corpus import Corpus
from rlm_desk.events import Asked, Event, PartialReply, Read, Recorded, Replied
from rlm_desk.evidence.intervals import Counter, Range, RangeSet, intersect, merged, subtract, total

State = Literal["shown", "returned", "scanned", "untouched"]


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

    @property
    def state(self) -> State:
        """The best reading that any of it had."""
        return "shown" if self.shown else "returned" if self.returned else "scanned" if self.scanned else "untouched"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a document's coverage strip."""

    state: State
    """The best reading that any of its characters had."""
    shown: float
    """Share of its characters that a model was shown, 0.0 to 1.0."""


@dataclass(frozen=True, slots=True)
class PageCoverage:
    """How a page was read."""

    label: str
    amount: Amount
    lost: bool = False
    """Nobody could read it: a scan without a text layer, or damage. What stands in its place is no text of its own."""

    @property
    def read(self) -> bool:
        """A model was shown something of it."""
        return bool(self.amount.shown) and not self.lost


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

    @property
    def unread(self) -> tuple[str, ...]:
        """Labels of the pages of which no model was shown anything; blank pages left out."""
        return tuple(page.label for page in self.pages if not page.read and (page.amount.chars or page.lost))


class Coverage:
    """The ledger of one run over one corpus. Feed it events in order; ask at any time, while the run goes too."""

    def __init__(self, corpus: Corpus, recorded: Iterable[Recorded] = ()) -> None:
        self._corpus = corpus
        self._bodies = merged((placed.start, placed.end) for placed in corpus.documents)
        self._shown, self._returned, self._scanned = RangeSet(), RangeSet(), RangeSet()
        self._asked: dict[tuple[int, int], tuple[Range, ...]] = {}
        self._starts = [placed.start for placed in corpus.documents]
        pages = [(p.start, page) for p in corpus.documents for page in p.document.pages]
        self._page_starts = [start + page.start for start, page in pages]
        self._page_ends = [start + (page.start if page.unread else page.end) for start, page in pages]
        self._pages_read: set[int] = set()
        self._changed: set[int] = set()
        for one in recorded:
            self.add(one.event)

    def add(self, event: Event) -> bool:
        """Fold one event. True when it told of reading something new."""
        match event:
            case Asked() if event.shown:
                self._asked[event.node, event.turn] = event.shown
                return False
            case Replied() | PartialReply():
                return self._read(self._shown, self._asked.pop((event.node, event.turn), ()))
            case Read():
                return self._read(self._returned if event.how == "returned" else self._scanned, event.spans)
            case _:
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
        found: list[DocumentCoverage] = []
        for index, placed in enumerate(self._corpus.documents):
            whole = _amount(counters, placed.start, placed.end)
            pages = tuple(
                PageCoverage(
                    page.label, _amount(counters, placed.start + page.start, placed.start + page.end), page.unread
                )
                for page in placed.document.pages
            )
            read = sum(1 for page in pages if page.read)
            found.append(DocumentCoverage(index, placed.document.name, whole, pages, read))
        return found

    def strip(self, document: int, cells: int) -> tuple[Cell, ...]:
        """A document as exactly `cells` cells of about equal length. Costs what was read of it, not of the corpus.

        Raises:
            IndexError: the corpus has no such document.
        """
        placed = self._corpus.documents[document]
        return strip(self._counters(placed.start, placed.end), placed.start, len(placed.document.text), cells)

    def take_changed(self) -> frozenset[int]:
        """Documents of which more was read since this was asked last: the strips to draw again."""
        changed, self._changed = frozenset(self._changed), set()
        return changed

    @property
    def pages_read(self) -> int:
        """Pages of which a model was shown something."""
        return len(self._pages_read)

    def headline(self) -> str:
        """`read 212 of 3,104 pages`: pages of which a model was shown something."""
        return f"read {self.pages_read:,} of {plural(self._corpus.pages, 'page')}"

    def _read(self, into: RangeSet, spans: Iterable[Range]) -> bool:
        new = [part for start, end in spans for part in into.add(start, end)]
        for start, end in new:
            document = max(bisect_right(self._starts, start) - 1, 0)
            while document < len(self._starts) and self._starts[document] < end:
                self._changed.add(document)
                document += 1
            if into is self._shown:
                self._read_pages(start, end)
        return bool(new)

    def _read_pages(self, start: int, end: int) -> None:
        page = max(bisect_right(self._page_starts, start) - 1, 0)
        while page < len(self._page_starts) and self._page_starts[page] < end:
            if max(start, self._page_starts[page]) < min(end, self._page_ends[page]):
                self._pages_read.add(page)
            page += 1

    def _counters(self, start: int, end: int) -> list[Counter]:
        """How often each kind of reading is between two offsets, no character in two of them."""
        shown = self._shown.within(start, end)
        returned = subtract(self._returned.within(start, end), shown)
        scanned = subtract(self._scanned.within(start, end), merged([*shown, *returned]))
        return [Counter(shown), Counter(returned), Counter(scanned)]


def _amount(counters: list[Counter], start: int, end: int) -> Amount:
    shown, returned, scanned = (counter.within(start, end) for counter in counters)
    return Amount(shown, returned, scanned, end - start - shown - returned - scanned)


def strip(counters: list[Counter], start: int, length: int, cells: int) -> tuple[Cell, ...]:
    """A stretch of the corpus as exactly `cells` cells; `counters` hold what was shown, returned and scanned of it."""
    if not length:
        return (Cell("untouched", 0.0),) * cells
    whole = _amount(counters, start, start + length)
    if length in (whole.shown, whole.returned, whole.scanned, whole.untouched):  # as most documents of many are
        return (Cell(whole.state, whole.shown / length),) * cells
    found = []
    for n in range(cells):
        low = length * n // cells
        amount = _amount(counters, start + low, start + max(length * (n + 1) // cells, low + 1))
        found.append(Cell(amount.state, amount.shown / amount.chars))
    return tuple(found)
