"""What the loop needs from the rooms around it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from rlm_desk.corpus import Corpus, Span
from rlm_desk.events import Recorded
from rlm_desk.repl.calls import CellResult, Serve

Sink = Callable[[Recorded], None]
"""Takes every event, in order. A sink that cannot keep them raises DeskError, which ends the run."""


class Repl(Protocol):
    """One Python session over one corpus."""

    async def run(self, code: str, serve: Serve) -> CellResult:
        """Execute a cell; sub-calls it makes go to `serve`. Raises only ConfinementError and WorkerDied."""

    async def values(self) -> tuple[tuple[str, str], ...]:
        """Name and short repr of each variable, for a forced finish."""

    async def close(self) -> None: ...


OpenRepl = Callable[[Corpus, int, Sequence[str]], Awaitable[Repl]]
"""(corpus, output_chars, earlier answers) -> a fresh session."""


class Cache(Protocol):
    """The sub-answer cache: replies by a key of model, prompt and sampling."""

    async def get_answer(self, key: str) -> str | None: ...

    async def put_answer(self, key: str, text: str, run: str = "") -> None: ...


class Attribution(Protocol):
    """Finds which characters of a corpus a free-form prompt contains."""

    async def find(self, text: str, near: int | None = None) -> tuple[Span, ...]:
        """Sorted and disjoint; `near` is an offset to prefer where a passage occurs in several places."""
        ...
