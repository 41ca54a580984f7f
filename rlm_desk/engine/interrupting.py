"""Ends a long step early where nobody wants any of it: its requests were cancelled, or their time is over.

Of use on a slow CPU, where a step of the fewest rows that are worth feeding takes longer than it should. llama.cpp asks
between two operations of a step; on a GPU it never does.
"""

import select
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping
from math import inf

from rlm_desk.engine.jobs import Feed
from rlm_desk.engine.speed import Speed
from rlm_desk.wire import FrameError, Header, Pipe

LOOK_SECONDS = 0.03
"""Between two looks while a step computes."""


class Inbox:
    """The host's frames, which may be looked at before it is their turn."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._frames: deque[tuple[Header, bytes]] = deque()
        self._end: EOFError | FrameError | OSError | None = None

    def receive(self) -> tuple[Header, bytes]:
        """The next frame. Raises as `Pipe.receive`."""
        if self._frames:
            return self._frames.popleft()
        if self._end is not None:
            raise self._end
        return self._pipe.receive()

    @property
    def waiting(self) -> bool:
        """Whether `receive` has something at once."""
        return bool(self._frames) or self._end is not None or self._readable

    @property
    def _readable(self) -> bool:
        return bool(select.select([self._pipe.fileno()], [], [], 0)[0])

    def cancelled(self) -> set[int]:
        """Requests that frames not yet received cancel."""
        while self._end is None and self._readable:
            try:
                self._frames.append(self._pipe.receive())
            except (EOFError, FrameError, OSError) as problem:
                self._end = problem  # told when it is its turn: nothing may be raised through llama.cpp
        return {int(header["id"]) for header, _ in self._frames if header["type"] == "cancel"}


class Interruption:
    """Says of a step's feeds whether it may end early."""

    def __init__(
        self, cancelled: Callable[[], Collection[int]] | None, deadlines: Mapping[int, float], speed: Speed
    ) -> None:
        """`cancelled`: who was cancelled meanwhile; None: no step ends early. `deadlines`: on the monotonic clock."""
        self._cancelled, self._deadlines, self._speed = cancelled, deadlines, speed

    def of(self, feeds: list[Feed]) -> Callable[[], bool] | None:
        """What to ask during the step; None where it is too short to be worth asking."""
        cancelled = self._cancelled
        if cancelled is None or not self._speed.long(feeds):
            return None
        wanted = {feed.job.id for feed in feeds}
        due = time.monotonic() + LOOK_SECONDS

        def over() -> bool:
            nonlocal due
            now = time.monotonic()
            if now < due:
                return False
            due = now + LOOK_SECONDS
            gone = cancelled()
            return all(one in gone or self._deadlines.get(one, inf) <= now for one in wanted)

        return over
