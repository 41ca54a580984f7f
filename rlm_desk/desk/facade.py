"""The Python API: the desk without `async`."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from rlm_desk.config import load as load_settings
from rlm_desk.corpus import Corpus, Document
from rlm_desk.desk.library import LoadReport
from rlm_desk.desk.run import Answer
from rlm_desk.desk.service import AsyncDesk
from rlm_desk.documents.picture import Picture
from rlm_desk.errors import UsageError
from rlm_desk.events import BudgetLimits, Recorded
from rlm_desk.evidence.account import Evidence
from rlm_desk.rlm.run import Route

T = TypeVar("T")


class Desk:
    """Ask questions of documents, offline.

    Settings are keyword arguments (`model=`, `data_dir=`, `slots=`...); what is not given comes from `RLM_DESK_*`
    variables and config.toml. Use it as a context manager; every method may raise `rlm_desk.errors.DeskError`.
    """

    def __init__(self, **settings: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="rlm-desk", daemon=True)
        self._thread.start()
        try:
            self._desk = self._wait(AsyncDesk.open(load_settings(**settings)))
        except BaseException:
            self._stop()
            raise

    def __enter__(self) -> "Desk":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def corpus(self) -> Corpus:
        """The open documents as one string."""
        return self._desk.corpus

    def load(self, *paths: Path | str) -> LoadReport:
        """Open files, folders and globs."""
        return self._wait(self._desk.load(paths))

    def ask(
        self,
        question: str,
        *,
        budget: BudgetLimits | None = None,
        route: Route | None = None,
        on_event: Callable[[Recorded], None] | None = None,
    ) -> Answer:
        """Ask, and wait for the answer. `on_event` is called on another thread with every committed event.

        An interrupt (ctrl+c) cancels the run and is raised again.
        """

        async def work() -> Answer:
            run = self._desk.ask(question, budget=budget, route=route)
            try:
                async for recorded in run:
                    if on_event:
                        on_event(recorded)
                return await run.result()
            except asyncio.CancelledError:
                run.cancel()
                await run.settled()
                raise

        return self._wait(work())

    def picture(self, document: Document, page: int, width: int, height: int) -> Picture:
        """Page number `page` (from 0) of a PDF that is open, drawn into a box of pixels: RGB rows."""
        return self._wait(self._desk.picture(document, page, width, height))

    def evidence(self, run: str) -> Evidence:
        """What the answer of a run rests on, by `Answer.run`: sources, checked quotes, coverage, gaps."""
        return self._wait(self._desk.evidence(run))

    def close(self) -> None:
        """End every worker and close the store."""
        if self._thread.is_alive():
            try:
                self._wait(self._desk.close())
            finally:
                self._stop()

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        if self._loop.is_closed():
            work.close()
            raise UsageError("This desk is closed.", "Make another: Desk().")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
