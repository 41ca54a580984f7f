"""A run as the screen follows it: events in, coalesced frames out."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from rlm_desk.corpus import Corpus, Span
from rlm_desk.events import Asked, Recorded, Replied, RunStarted
from rlm_desk.evidence.coverage import Coverage
from rlm_desk.rlm.tree import CorpusText, NodeDetail, Tree, TreeView
from rlm_desk.tui.widgets.strips import Ledger, State, cells

RATE_SECONDS = 10.0
"""The speed shown is the mean of this long."""

COVERAGE_SECONDS = 0.25
"""Coverage is worked out this often at most while a run goes on."""

STRIP = 48
"""Cells of the strip that stands for all documents."""

BREATH = 100
"""Events taken in one go before the loop may draw and read keys."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a run has read its documents at a moment."""

    ledger: Ledger
    headline: str
    """``read 212 of 3,104 pages``."""
    strip: tuple[State, ...]
    """All documents in one line."""


class Session:
    """Folds the events of one run. `frame` gives a snapshot when there is something new to draw."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._tree = Tree()
        self._coverage = Coverage(corpus)
        self._same_documents = False
        self._read_more = False
        self._reading: Reading | None = None
        self._reading_due = 0.0
        self._dirty = True
        self._rates: deque[tuple[float, int]] = deque()
        self.view: TreeView = self._tree.snapshot()
        self._live: dict[int, int] = {}
        self.pieces: list[str] = []
        """Live text of the root since the last frame."""
        self.root_asked = False
        """The root was asked anew since the last frame: a new reply streams."""

    async def follow(self, events: AsyncIterator[Recorded]) -> None:
        """Take events until they end."""
        taken = 0
        async for recorded in events:
            self.apply(recorded)
            taken += 1
            if taken % BREATH == 0:
                await asyncio.sleep(0)

    async def replay(self, recorded: Iterable[Recorded]) -> None:
        """Take a stored run; one that never finished is shown as interrupted."""
        for index, one in enumerate(recorded):
            self.apply(one)
            if index % BREATH == 0:
                await asyncio.sleep(0)
        self.interrupt()

    def apply(self, recorded: Recorded) -> None:
        """Take one event."""
        self._tree.apply(recorded)
        self._read_more |= self._coverage.add(recorded.event)
        self._dirty = True
        if isinstance(recorded.event, Replied):
            self._live.pop(recorded.event.node, None)
        if isinstance(recorded.event, RunStarted):
            open_now = [(p.document.id, p.document.name) for p in self._corpus.documents]
            self._same_documents = open_now == [(d.id, d.name) for d in recorded.event.documents]
        if isinstance(recorded.event, Asked) and recorded.event.node == self.view.root:
            self.root_asked = True
            self.pieces.clear()

    def take_text(self, node: int, piece: str) -> None:
        """Live text between events; only the root's is shown, all of it counts for the speed."""
        self._live[node] = self._live.get(node, 0) + 1
        if self.view.root is None or node == self.view.root:
            self.pieces.append(piece)
            self._dirty = True

    def interrupt(self) -> None:
        """No more events will come."""
        self._tree.interrupt()
        self._dirty = True

    def frame(self, now: float) -> TreeView | None:
        """A snapshot, or None when nothing happened since the last one."""
        if not self._dirty:
            return None
        self._dirty = False
        self.view = self._tree.snapshot()
        self._rates.append((now, self._tokens))
        while len(self._rates) > 2 and now - self._rates[0][0] > RATE_SECONDS:
            self._rates.popleft()
        return self.view

    @property
    def _tokens(self) -> int:
        """Tokens so far: those of finished replies, and a piece of live text for about one."""
        return self.view.total.processed + sum(self._live.values())

    def rate(self, now: float) -> float:
        """Tokens a second: lately while it runs, on the whole when it is over."""
        if not self.view.running:
            return self.view.total.processed / max(self.view.elapsed(), 0.001)
        if not self._rates:
            return 0.0
        began, tokens = self._rates[0]
        return max(0.0, (self._tokens - tokens) / max(now - began, 0.5))

    def detail(self, node: int) -> NodeDetail:
        """All about a node, with corpus text where the documents of the run are open."""
        return self._tree.detail(node, self._corpus_text())

    def pages(self, spans: Iterable[tuple[int, int]]) -> list[str] | None:
        """Document and page of every page that spans touch, in order; None when the documents are not at hand."""
        if not self._same_documents:
            return None
        found: dict[str, None] = {}
        for start, end in spans:
            for placed, page in self._corpus.cite(Span(start, end)):
                found[f"{placed.document.name}, {placed.document.page_kind} {page.label}"] = None
        return list(found)

    def _corpus_text(self) -> CorpusText | None:
        return (lambda start, end: self._corpus.text[start:end]) if self._same_documents else None

    @property
    def corpus(self) -> Corpus:
        """What the run reads, where its documents are the ones it was made with."""
        return self._corpus

    def reading(self, now: float | None = None) -> Reading | None:
        """How the documents were read; None when the run's documents are not at hand. At `now`, not too often."""
        if not self._same_documents:
            return None
        if self._reading is None or (self._read_more and (now is None or now >= self._reading_due)):
            self._read_more = False
            self._reading_due = (now or 0.0) + COVERAGE_SECONDS
            coverage = self._coverage
            ledger = Ledger(coverage.shown(), coverage.returned(), coverage.scanned())
            ranges = [(placed.start, placed.end) for placed in self._corpus.documents]
            self._reading = Reading(ledger, coverage.headline(), tuple(cells(ledger, ranges, STRIP)))
        return self._reading
