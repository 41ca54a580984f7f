"""One call on its way to a worker and back, over all the workers it may need."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from rlm_desk.confine.worker import Worker
from rlm_desk.errors import WorkerDied

LONGEST_TOKEN = 512
"""Characters; vocabularies hold runs of spaces half as long."""


@dataclass(eq=False, slots=True)
class Call:
    """A frame that waits for its answer."""

    header: dict[str, Any]
    body: bytes
    answer: asyncio.Future[dict[str, Any]]
    on_text: Callable[[str], None] | None = None
    delivered: int = 0
    """Characters given to `on_text`, over all replays."""
    received: int = 0
    """Characters received in this replay."""
    sent: bool = field(default=False)

    @property
    def most(self) -> int:
        """Characters a reply may have: a worker that delivers more has something else in mind."""
        return LONGEST_TOKEN * (int(self.header.get("max_tokens", 0)) + int(self.header.get("thinking", 0)) + 64)

    def deliver(self, text: str) -> None:
        """Pass on what is new of a piece of the reply: a replay says again what was delivered already."""
        if self.on_text is None:
            return
        self.received += len(text)
        new = self.received - self.delivered
        if new <= 0:
            return
        self.delivered = self.received
        try:
            self.on_text(text[-new:])
        except Exception as problem:  # the caller's own mistake: it goes to that caller
            self.answer.set_exception(problem)


_background: set[asyncio.Task[None]] = set()


def in_background(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """A task that is kept until it is done, whoever waits for it."""
    task = asyncio.get_running_loop().create_task(work)
    _background.add(task)
    task.add_done_callback(_background.discard)
    return task


async def post(worker: Worker, header: dict[str, Any], body: bytes) -> None:
    """Send a frame; a worker that is gone is the reader's business, and it sends the call again."""
    with contextlib.suppress(WorkerDied):
        await worker.send(header, body)
