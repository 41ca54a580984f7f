"""Stopping one node of a run while the rest of it goes on.

What the program of the node above gets for it is stated, never invented: `None` for a typed question (as for one that
had no usable answer), the words of `NO_ANSWER` for a text, and a QueryError where nothing else was asked.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rlm_desk import events
from rlm_desk.errors import AnswerNow, DeskError
from rlm_desk.rlm.recorder import Recorder

NO_ANSWER = "(no answer: the person at the desk stopped this call)"


class Stopped(DeskError):
    """The person stopped a node. Raised in the cell that asked as a QueryError, where it got no answer at all."""

    def __init__(self) -> None:
        super().__init__("The person at the desk stopped this call.", "Go on without its answer.")


class Stops:
    """Nodes that can be stopped now, each with what ends its work."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._open: dict[int, asyncio.Timeout] = {}
        self._stopped: set[int] = set()

    def stop(self, node: int) -> bool:
        """Stop a node and all below it. False when it is not under way. An event keeps it.

        Must be called on the run's event loop.
        """
        limit = self._open.get(node)
        if limit is None or node in self._stopped:
            return False
        self._stopped.add(node)
        self._recorder.emit(events.NodeStopped, node=node)
        # A deadline is what asyncio nests well: it ends exactly the work of this block, whoever else is cancelled.
        limit.reschedule(asyncio.get_running_loop().time())
        return True

    @asynccontextmanager
    async def over(self, node: int) -> AsyncIterator[None]:
        """Work on a node that can be stopped.

        Raises:
            Stopped: the person did.
        """
        limit = asyncio.timeout(None)
        try:
            async with limit:
                self._open[node] = limit
                try:
                    yield
                finally:
                    del self._open[node]
        except TimeoutError:
            if not limit.expired():
                raise  # of something inside
            raise Stopped from None

    @asynccontextmanager
    async def to_the_end(self, node: int) -> AsyncIterator[None]:
        """As `over`, and an event says how the node ended: done, stopped, cancelled, or failed with its sentence."""
        try:
            async with self.over(node):
                yield
        except (Stopped, AnswerNow) as stopped:
            self._recorder.emit(events.NodeFinished, node=node, status="cancelled", error=stopped.sentence)
            raise
        except asyncio.CancelledError:
            self._recorder.emit(events.NodeFinished, node=node, status="cancelled")
            raise
        except DeskError as problem:
            self._recorder.emit(events.NodeFinished, node=node, status="failed", error=problem.sentence)
            raise
        self._recorder.emit(events.NodeFinished, node=node, status="done")
