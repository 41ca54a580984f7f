"""Makes a run's events: numbers them, times them, and cites each text once."""

import hashlib
import time
from collections.abc import Callable
from typing import Any, TypeVar

from rlm_desk.events import Event, Hash, Recorded
from rlm_desk.rlm.ports import Sink

E = TypeVar("E", bound=Event)


def text_hash(text: str) -> Hash:
    """The blob key of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Recorder:
    """The only maker of events in a run. Not thread-safe: one event loop."""

    def __init__(self, run: str, sink: Sink, clock: Callable[[], float] = time.time) -> None:
        self.run = run
        self.started = clock()
        self._sink = sink
        self._clock = clock
        self._seq = 0
        self._nodes = 0
        self._known: set[Hash] = set()
        self._fresh: dict[Hash, str] = {}

    def text(self, text: str) -> Hash:
        """Cite a text: its hash; the text itself travels with the next event if it is new to the run."""
        key = text_hash(text)
        if key not in self._known:
            self._known.add(key)
            self._fresh[key] = text
        return key

    def emit(self, make: Callable[..., Event], **fields: Any) -> Event:
        """Record one event."""
        event = make(run=self.run, seq=self._seq, at=self._clock(), **fields)
        self._seq += 1
        texts, self._fresh = self._fresh, {}
        self._sink(Recorded(event=event, texts=texts))
        return event

    def node(self) -> int:
        """A new node number; 0 is the root."""
        self._nodes += 1
        return self._nodes - 1

    def elapsed(self) -> float:
        """Seconds since the run began."""
        return self._clock() - self.started
