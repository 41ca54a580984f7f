"""What the interface needs of the desk, so that its tests can play recorded events instead.

`desk.service.AsyncDesk` and `Run` have these shapes. All calls are made on the app's event loop.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from rlm_desk.config import Settings
from rlm_desk.corpus import Corpus, Document
from rlm_desk.events import BudgetLimits, Recorded
from rlm_desk.plan import ModelSpec

if TYPE_CHECKING:  # what a screen needs that is opened later must not keep the first frame waiting
    from rlm_desk.catalogue.carrying import OnBytes
    from rlm_desk.catalogue.devices import Devices
    from rlm_desk.catalogue.importing import By, Imported
    from rlm_desk.catalogue.planning import Prepared
    from rlm_desk.desk.estimate import Speed
    from rlm_desk.desk.models import Checked, Here, Unseen
    from rlm_desk.documents.picture import Picture
    from rlm_desk.evidence.account import Evidence


class Skipped(Protocol):
    """A file that could not be read, and why."""

    @property
    def name(self) -> str: ...
    @property
    def reason(self) -> str:
        """Continues the name to a sentence."""


class Progress(Protocol):
    """How far loading is: documents done and in all, the last one's name."""

    @property
    def done(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def name(self) -> str: ...


class LoadReport(Protocol):
    """What a load brought in."""

    @property
    def added(self) -> Sequence[Any]: ...
    @property
    def skipped(self) -> Sequence[Skipped]: ...


class Estimate(Protocol):
    """What a run will take on this machine."""

    @property
    def tokens(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def basis(self) -> str: ...
    @property
    def per_token(self) -> float: ...


class Answer(Protocol):
    """How a run ended."""

    @property
    def text(self) -> str: ...
    @property
    def how(self) -> str | None: ...
    @property
    def why(self) -> str:
        """What stopped a run that has no answer of its own."""


class RunSummary(Protocol):
    """A run in the history."""

    @property
    def id(self) -> str: ...
    @property
    def started(self) -> float: ...
    @property
    def status(self) -> str: ...
    @property
    def question(self) -> str | None: ...
    @property
    def answer(self) -> str | None: ...
    @property
    def error(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def demonstration(self) -> bool: ...
    @property
    def documents(self) -> int: ...
    @property
    def chars(self) -> int: ...
    @property
    def seconds(self) -> float: ...


class Kept(Protocol):
    """A workspace: a named set of documents, with the questions asked in it."""

    @property
    def name(self) -> str: ...
    @property
    def documents(self) -> int: ...
    @property
    def runs(self) -> int: ...


class PastRun(Protocol):
    """A run of the history with the corpus it read."""

    @property
    def summary(self) -> RunSummary: ...
    @property
    def recorded(self) -> Sequence[Recorded]: ...
    @property
    def corpus(self) -> Corpus:
        """A purged document is there with its length and without its text."""

    async def evidence(self) -> Evidence: ...


class PageHit(Protocol):
    """A page that holds words that were searched for."""

    @property
    def document(self) -> str:
        """The document's id."""

    @property
    def name(self) -> str: ...
    @property
    def page_kind(self) -> str: ...
    @property
    def page(self) -> int:
        """Index of the page in its document."""

    @property
    def label(self) -> str: ...
    @property
    def snippet(self) -> str: ...
    @property
    def marks(self) -> Sequence[tuple[int, int]]:
        """What fitted, in characters of the snippet."""


class RunHit(Protocol):
    """A past run whose question or answer holds the words."""

    @property
    def run(self) -> str: ...


class Found(Protocol):
    """What a search gave, best first."""

    @property
    def pages(self) -> Sequence[PageHit]: ...
    @property
    def runs(self) -> Sequence[RunHit]: ...
    @property
    def more(self) -> bool: ...


class RunPort(Protocol):
    """A run that goes on."""

    @property
    def id(self) -> str: ...
    def __aiter__(self) -> AsyncIterator[Recorded]: ...
    def on_text(self, listener: Callable[[int, str], None]) -> None: ...
    def cancel(self) -> None: ...
    @property
    def paused(self) -> bool: ...
    def pause(self) -> bool: ...
    def answer_now(self) -> None: ...
    def watch(self) -> None:
        """A person sees it: a budget that runs out asks them."""

    def stop(self, node: int) -> bool: ...
    def raise_budget(self, factor: float = 2.0) -> BudgetLimits | None: ...
    async def result(self) -> Any: ...
    async def evidence(self) -> Evidence: ...


class EnginePort(Protocol):
    """The loaded model."""

    @property
    def window(self) -> int:
        """Tokens one request may hold; less than the model's own where memory is short."""


class MachinePort(Protocol):
    """Holds the engine."""

    @property
    def running(self) -> EnginePort | None:
        """None until the model is loaded."""


class ModelsPort(Protocol):
    """What can be asked: see `desk.models.Models`."""

    @property
    def asked(self) -> ModelSpec: ...
    @property
    def loaded(self) -> ModelSpec | None: ...
    def setting(self, spec: ModelSpec) -> str: ...
    async def choose(self, spec: ModelSpec) -> None: ...
    async def load(self) -> None: ...
    async def unload(self) -> None: ...
    async def here(self) -> Sequence[Here]: ...
    async def unseen(self) -> Sequence[Unseen]: ...
    async def unfinished(self) -> Sequence[str]: ...
    async def devices(self) -> Devices: ...
    async def fit(self, spec: ModelSpec) -> Prepared: ...
    async def speed(self) -> Speed: ...
    def measured(self, spec: ModelSpec) -> tuple[Speed, float] | None: ...
    async def bring(self, file: Path, by: By, on_bytes: OnBytes) -> Imported: ...
    async def verify(self, spec: ModelSpec, on_bytes: OnBytes) -> tuple[str, Checked]: ...
    async def remove(self, spec: ModelSpec) -> int: ...


class DeskPort(Protocol):
    """The service behind every face."""

    settings: Settings
    """What it was opened with."""

    @property
    def corpus(self) -> Corpus: ...
    @property
    def skipped(self) -> Sequence[Skipped]: ...
    @property
    def unconfined(self) -> str:
        """Why nothing hostile is kept in here, where the person allowed that; empty: it is."""

    @property
    def server(self) -> str:
        """Where text is sent; empty: nowhere."""

    @property
    def leaves(self) -> str:
        """The same as a sentence."""

    @property
    def model(self) -> ModelSpec: ...
    @property
    def machine(self) -> MachinePort: ...
    @property
    def models(self) -> ModelsPort: ...
    async def load(
        self, paths: Sequence[Path | str], on_progress: Callable[[Any], None] | None = None
    ) -> LoadReport: ...
    def remove(self, document_id: str) -> None: ...
    @property
    def workspace(self) -> Kept | None:
        """The one that is open."""

    async def workspaces(self) -> Sequence[Kept]:
        """The one opened last first."""

    async def open_workspace(self, name: str) -> Kept: ...
    async def keep_in_workspace(self, paths: Sequence[Path | str]) -> Kept: ...
    async def close_workspace(self) -> None: ...
    async def conversation(self, limit: int = 20) -> Sequence[RunSummary]:
        """The newest runs of the open workspace, oldest first."""

    async def warm(self) -> None: ...
    async def estimate(self, question: str) -> Estimate: ...
    def ask(self, question: str, *, estimate: Any = None) -> RunPort:
        """Begin a run. `estimate`: what `estimate` said it will take, for its record."""

    async def runs(self, limit: int = 100) -> Sequence[RunSummary]: ...
    async def search(self, words: str, *, everywhere: bool = False, limit: int = 20) -> Found: ...
    async def document(self, document_id: str) -> Document: ...
    async def picture(self, document: Document, page: int, width: int, height: int) -> Picture:
        """A page of a PDF, by index, in a box of pixels. Raises DocumentError where none is to be had."""

    async def past(self, run_id: str) -> PastRun: ...
    async def carried(self, path: Path) -> PastRun:
        """The run in a bundle."""

    async def export(self, run_id: str) -> PastRun:
        """`past`, of a run that is about to be written somewhere: the audit log has a line of it."""

    async def purge_run(self, run_id: str) -> None: ...
    async def told_of(self, run_id: str) -> Sequence[str]: ...
    async def close(self) -> None: ...
