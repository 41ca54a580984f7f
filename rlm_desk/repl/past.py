"""A cell's clock, its calls answered by the host, and its past: what it takes to run it again. Host side."""

import hashlib
import time
from dataclasses import dataclass, field
from typing import Any

from rlm_desk import errors
from rlm_desk.repl.calls import Call, Serve


@dataclass(slots=True)
class Past:
    """A cell that has run, and the replies its calls got: enough to run it again in a new worker."""

    code: str
    calls: list[tuple[bytes, list[Any] | errors.DeskError]] = field(default_factory=list)
    """Fingerprint of each call, since a cell may put megabytes into each, and what it got."""


class Clock:
    """Counts a cell's own time: it stands while the host answers a call."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: float | None = None
        self._spent = 0.0

    def go(self) -> None:
        """The cell computes."""
        self._since = time.monotonic()

    def stop(self) -> None:
        """The cell waits."""
        if self._since is not None:
            self._spent += time.monotonic() - self._since
            self._since = None

    @property
    def spent(self) -> float:
        """Seconds computed so far."""
        return self._spent + (time.monotonic() - self._since if self._since is not None else 0.0)

    @property
    def left(self) -> float:
        """Seconds it may still compute; negative once it is over."""
        return self._seconds - self.spent


class Recorded:
    """Serves the calls of a cell that is run again, from what they got the first time."""

    def __init__(self, past: Past) -> None:
        self._calls = iter(past.calls)

    async def serve(self, call: Call) -> list[Any]:
        """The recorded reply. Raises EngineError for a call that was not made then, which the cell sees."""
        recorded = next(self._calls, None)
        if recorded is None or recorded[0] != fingerprint(call):
            raise errors.EngineError("This call was not made when the cell first ran.")
        if isinstance(recorded[1], errors.DeskError):
            raise recorded[1]
        return recorded[1]


def fingerprint(call: Call) -> bytes:
    """The same for the same call, in 32 bytes."""
    digest = hashlib.sha256(
        repr((call.op, call.question, call.kind, call.labels, call.documents, call.questions)).encode()
    )
    for item in call.items:
        text = b"" if item.text is None else item.text.encode("utf-8", "surrogatepass")
        digest.update(repr((item.span, item.label, item.text is None, len(text))).encode())
        digest.update(text)
    return digest.digest()


async def answered(call: Call, serve: Serve) -> list[Any] | errors.DeskError:
    """What `serve` says, or its error where that is one for the cell to see."""
    try:
        values = await serve(call)
    except (errors.Cancelled, errors.StoreError):  # these end the run, whatever the cell would make of them
        raise
    except errors.DeskError as problem:
        # What is kept of it must not hold the frames it came through, and with them the call's text.
        problem.__traceback__ = problem.__context__ = problem.__cause__ = None
        return problem
    if len(values) != len(call.items):
        raise ValueError(f"{len(values)} values for a call of {len(call.items)} items")
    return values
