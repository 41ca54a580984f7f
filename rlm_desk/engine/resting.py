"""A worker that nobody asks anything is stopped: code of a hostile model file computes only while somebody waits."""

import asyncio

from rlm_desk.confine.worker import Worker

REST_SECONDS = 2.0
"""From the last answer: what it still has to say about itself is said by then, and a follow-up finds it awake."""


class Resting:
    """Stops one worker after a while, and lets it go on when it is asked."""

    def __init__(self) -> None:
        self._soon: asyncio.TimerHandle | None = None
        self._stopped: Worker | None = None

    def wake(self) -> None:
        """It is asked something, or told something."""
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
        if self._stopped is not None:
            self._stopped.resume()
            self._stopped = None

    def rest(self, worker: Worker | None) -> None:
        """Nobody waits for it any more."""
        self.wake()
        if worker is not None:
            self._soon = asyncio.get_running_loop().call_later(REST_SECONDS, self._stop, worker)

    def _stop(self, worker: Worker) -> None:
        self._soon = None
        if worker.alive:
            worker.pause()
            self._stopped = worker
