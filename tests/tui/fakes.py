"""A desk that plays recorded runs: the events are real, the work behind them is not done."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rlm_desk import events as ev
from rlm_desk.config import Settings
from rlm_desk.corpus import Corpus, Document
from rlm_desk.desk import past as stored
from rlm_desk.documents.picture import Picture
from rlm_desk.errors import DeskError, DocumentError, UsageError
from rlm_desk.evidence.account import Evidence, gather
from rlm_desk.plan import ModelSpec
from tests.tui.fakerecords import (
    FakeAnswer,
    FakeEstimate,
    FakeFound,
    FakeKept,
    FakePast,
    FakeProgress,
    FakeReport,
    FakeSkipped,
    FakeSummary,
    document,
)
from tests.tui.recording import RunBuilder


@dataclass
class FakeEngine:
    window: int


@dataclass
class FakeMachine:
    running: FakeEngine | None = None


class FakeRun:
    """Plays events, `pause` seconds apart; a cancel ends it as the loop would."""

    def __init__(self, builder: RunBuilder, pause: float, hold_at: int | None, error: DeskError | None) -> None:
        self.id = builder.run
        self._builder = builder
        self._pause = pause
        self._hold_at = hold_at
        self._error = error
        self._listeners: list[Callable[[int, str], None]] = []
        self._cancelled = asyncio.Event()
        self.over = False
        self.held = asyncio.Event()
        self.paused = self.hurried = self.watched = self.raised = False
        self.stopped: list[int] = []
        self.corpus = Corpus([])

    def on_text(self, listener: Callable[[int, str], None]) -> None:
        self._listeners.append(listener)

    def say(self, node: int, piece: str) -> None:
        for listener in self._listeners:
            listener(node, piece)

    def pause(self) -> bool:
        self.paused = not self.paused
        return self.paused

    def answer_now(self) -> None:
        self.hurried = True

    def watch(self) -> None:
        self.watched = True

    def stop(self, node: int) -> bool:
        self.stopped.append(node)
        return True

    def raise_budget(self, factor: float = 2.0) -> ev.BudgetLimits | None:
        self.raised = True
        return ev.BudgetLimits(subcalls=round(2000 * factor))

    def cancel(self) -> None:
        self._cancelled.set()

    async def __aiter__(self) -> AsyncIterator[ev.Recorded]:
        for index, recorded in enumerate(list(self._builder.recorded)):
            if index == self._hold_at:
                self.held.set()
                await self._cancelled.wait()
            if self._cancelled.is_set():
                del self._builder.recorded[index:]
                self._builder.finish(None, status="cancelled")
                yield self._builder.recorded[-1]
                break
            if self._pause:
                await asyncio.sleep(self._pause)
            yield recorded
        self.over = True

    async def evidence(self) -> Evidence:
        return gather(self.corpus, self._builder.recorded)

    async def result(self) -> FakeAnswer:
        if self._error is not None:
            raise self._error
        last = self._builder.recorded[-1].event
        assert isinstance(last, ev.RunFinished)
        texts = {k: v for r in self._builder.recorded for k, v in r.texts.items()}
        return FakeAnswer(texts.get(last.answer or "", ""), "final", last.error)


@dataclass
class FakeDesk:
    """Implements the port; `builders` are played one after another."""

    builders: list[RunBuilder] = field(default_factory=list)
    pause: float = 0.0
    hold_at: int | None = None
    estimated: FakeEstimate = field(default_factory=FakeEstimate)
    result_error: DeskError | None = None
    model_error: DeskError | None = None
    warm_error: DeskError | None = None
    warmed: int = 0
    close_seconds: float = 0.0
    files: dict[str, Sequence[Document]] = field(default_factory=dict)
    unreadable: tuple[FakeSkipped, ...] = ()
    history: dict[str, list[ev.Recorded]] = field(default_factory=dict)
    summaries: list[FakeSummary] = field(default_factory=list)
    past_corpus: Corpus = field(default_factory=lambda: Corpus([]))
    purged: list[str] = field(default_factory=list)
    told: dict[str, list[str]] = field(default_factory=dict)
    exported: list[str] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)
    drawn: list[tuple[str, int, int, int]] = field(default_factory=list)
    """Pages asked for: document, index, and the box."""
    found: FakeFound = field(default_factory=FakeFound)
    corpus: Corpus = field(default_factory=lambda: Corpus([]))
    skipped: tuple[FakeSkipped, ...] = ()
    asked: list[str] = field(default_factory=list)
    last: FakeRun | None = None
    expected: Any = None
    """The estimate that the last run was begun with."""
    machine: FakeMachine = field(default_factory=FakeMachine)
    closed: bool = False
    settings: Settings = field(default_factory=lambda: Settings(data_dir=Path(tempfile.mkdtemp())))
    models: Any = None
    """A real `desk.models.Models`, or a `FakeModels`."""
    busy: bool = False
    unconfined: str = ""
    server: str = ""
    leaves: str = ""
    kept: list[FakeKept] = field(default_factory=list)
    """Workspaces, the one opened last first."""
    workspace: FakeKept | None = None

    @property
    def model(self) -> ModelSpec:
        if self.model_error is not None:
            raise self.model_error
        if self.models is not None:
            return self.models.asked
        return ModelSpec("desk-tiny", Path("desk-tiny.gguf"), "0" * 64, "desk", "small", 4096, demonstration=True)

    async def load(self, paths: Sequence[Path | str], on_progress: Callable[[Any], None] | None = None) -> FakeReport:
        added: list[Document] = []
        for path in paths:
            found = self.files.get(str(path))
            if found is None:
                raise DocumentError(f"There is no file or folder {path}.", "Check the spelling.")
            added += found
            for index, one in enumerate(found):
                if on_progress is not None:
                    on_progress(FakeProgress(index + 1, len(found), one.name))
            await asyncio.sleep(0)
        self.corpus = Corpus([*(p.document for p in self.corpus.documents), *added])
        self.skipped += self.unreadable
        return FakeReport(tuple(added), self.unreadable)

    def remove(self, document_id: str) -> None:
        self.corpus = Corpus(p.document for p in self.corpus.documents if p.document.id != document_id)

    async def workspaces(self) -> list[FakeKept]:
        return list(self.kept)

    async def open_workspace(self, name: str) -> FakeKept:
        self.workspace = next(one for one in self.kept if one.name == name)
        self.kept.sort(key=lambda one: one.name != name)
        self.corpus, self.skipped = self.workspace.held, ()
        return self.workspace

    async def keep_in_workspace(self, paths: Sequence[Path | str]) -> FakeKept:
        if self.workspace is None:
            self.workspace = FakeKept(Path(paths[0]).name, self.corpus)
            self.kept.insert(0, self.workspace)
        self.workspace.held = self.corpus
        return self.workspace

    async def close_workspace(self) -> None:
        self.workspace, self.corpus, self.skipped = None, Corpus([]), ()

    async def conversation(self, limit: int = 20) -> list[FakeSummary]:
        wanted = self.workspace.questions if self.workspace is not None else []
        return [next(one for one in self.summaries if one.id == run) for run in wanted]

    async def warm(self) -> None:
        await asyncio.sleep(0)
        self.warmed += 1
        if self.warm_error is not None:
            raise self.warm_error

    async def estimate(self, question: str) -> FakeEstimate:
        await asyncio.sleep(0)
        return self.estimated

    def ask(self, question: str, *, estimate: Any = None) -> FakeRun:
        self.asked.append(question)
        self.expected = estimate
        self.last = FakeRun(self.builders.pop(0), self.pause, self.hold_at, self.result_error)
        self.last.corpus = self.corpus
        return self.last

    async def runs(self, limit: int = 100) -> list[FakeSummary]:
        return self.summaries[:limit]

    async def picture(self, document: Document, page: int, width: int, height: int) -> Picture:
        self.drawn.append((document.name, page, width, height))
        if document.kind != "pdf":
            raise DocumentError(f"{document.name} is no PDF.", "Read its text instead.")
        return Picture(width, height, bytes((0, 40 * page, 255)) * width * height)

    async def past(self, run_id: str) -> FakePast:
        if run_id not in self.history:
            raise UsageError(f"There is no run {run_id}.", "List them with rlm-desk runs list.")
        summary = next(one for one in self.summaries if one.id == run_id)
        return FakePast(summary, tuple(self.history[run_id]), self.past_corpus)

    async def carried(self, path: Path) -> stored.PastRun:
        return await stored.carried(path)

    async def export(self, run_id: str) -> FakePast:
        self.exported.append(run_id)
        return await self.past(run_id)

    async def told_of(self, run_id: str) -> list[str]:
        return self.told.get(run_id, [])

    async def purge_run(self, run_id: str) -> None:
        self.purged.append(run_id)
        self.summaries = [one for one in self.summaries if one.id != run_id]

    async def search(self, words: str, *, everywhere: bool = False, limit: int = 20) -> FakeFound:
        self.searched.append(words)
        return self.found

    async def document(self, document_id: str) -> Document:
        known = {one.id: one for found in self.files.values() for one in found}
        if document_id not in known:
            raise DocumentError("This document was purged.", "Add it again to read it.")
        return known[document_id]

    async def close(self) -> None:
        await asyncio.sleep(self.close_seconds)
        self.closed = True


def office(builders: Sequence[RunBuilder] = (), **over: Any) -> FakeDesk:
    """A desk that can load ``office``: six documents in two folders, one file that cannot be read."""
    names = ["Harbour/Contract 0.txt", "Harbour/Contract 1.txt", "Harbour/Contract 2.pdf"]
    names += ["Mill/Lease.md", "Mill/Annex A.txt", "Overview.txt"]
    return FakeDesk(
        builders=list(builders),
        files={"office": [document(n) for n in names]},
        unreadable=(FakeSkipped("Mill/Scan.pdf", "has no text layer: it is a scan"),),
        **over,
    )
