"""A worker that is locked and waits, so that a new session or a restart is not felt.

It is stopped meanwhile, as every worker is that has nothing to do.
"""

import asyncio
import contextlib

from rlm_desk import errors
from rlm_desk.confine.worker import Worker


class Spares:
    """Keeps one REPL worker ready, without a context. Used from one event loop; close it with the app."""

    def __init__(self, allow_unconfined: bool = False) -> None:
        self._allow_unconfined = allow_unconfined
        self._coming: asyncio.Task[Worker] | None = None
        self._closed = False

    def prepare(self) -> None:
        """Start the next worker in the background, unless one is there or on its way."""
        if self._coming is None and not self._closed:
            self._coming = asyncio.get_running_loop().create_task(self._spawn())

    async def take(self) -> Worker:
        """The waiting worker, or a new one; the next is started meanwhile.

        Raises:
            ConfinementError, WorkerDied: no worker can be started here.
        """
        coming, self._coming = self._coming, None
        worker = await coming if coming is not None else await self._spawn()
        if not worker.alive:
            await worker.close(grace=0)
            worker = await self._spawn()
        worker.resume()
        self.prepare()
        return worker

    async def close(self) -> None:
        """End the waiting worker."""
        self._closed = True
        coming, self._coming = self._coming, None
        if coming is None:
            return
        coming.cancel()
        # One that could not start has told so to nobody, and nobody needs it any more.
        with contextlib.suppress(asyncio.CancelledError, errors.DeskError):
            await (await coming).close(grace=0)

    async def _spawn(self) -> Worker:
        worker = await Worker.spawn("repl", allow_unconfined=self._allow_unconfined, ready_seconds=20.0)
        worker.pause()
        return worker
