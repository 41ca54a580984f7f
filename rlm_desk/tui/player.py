"""Plays a stored run again, as fast as a person likes, forwards and back. No widget and no model in here."""

import bisect
from collections.abc import Sequence

from rlm_desk.corpus import Corpus
from rlm_desk.events import NodeStarted, PartialReply, Recorded
from rlm_desk.tui.session import Session

SPEEDS = (1, 2, 5, 10, 20, 50)
"""Times as fast as it was."""


class Player:
    """Feeds a session from recorded events by a clock of its own. It begins at the end, where a finished run is."""

    def __init__(self, recorded: Sequence[Recorded], corpus: Corpus, *, goes_on: bool = False) -> None:
        """`goes_on`: the run is not over, so that its events end here and it was not interrupted."""
        self._goes_on = goes_on
        self._recorded = recorded
        self._corpus = corpus
        # Clocks are set back now and then: a moment is never before the one of the event before it.
        self._times: list[float] = []
        for one in recorded:
            self._times.append(max(one.event.at, self._times[-1] if self._times else one.event.at))
        roots = (r.event.node for r in recorded if isinstance(r.event, NodeStarted) and r.event.role == "root")
        self._root = next(roots, None)
        self._next = 0
        self.began = self._times[0] if self._times else 0.0
        """Seconds since the epoch."""
        self.length = self._times[-1] - self.began if self._times else 0.0
        """Seconds from the first event to the last."""
        self.position = 0.0
        """Seconds since the first event."""
        self.speed = 10
        self.playing = False
        self.session = Session(corpus)
        """Another one after going back."""

    @property
    def now(self) -> float:
        """The moment that is shown, in seconds since the epoch."""
        return self.began + self.position

    @property
    def share(self) -> float:
        """How far it is, from 0 to 1."""
        return self.position / self.length if self.length else 1.0

    @property
    def over(self) -> bool:
        """Whether all events were taken."""
        return self._next == len(self._recorded)

    def play(self) -> None:
        """Go on; from the start when it is at its end."""
        if self.over:
            self.seek(0.0)
        self.playing = True

    def pause(self) -> None:
        """Stand still."""
        self.playing = False

    def faster(self, by: int) -> None:
        """The next speed (1), or the one before (-1)."""
        self.speed = SPEEDS[max(0, min(len(SPEEDS) - 1, SPEEDS.index(self.speed) + by))]

    def advance(self, seconds: float) -> None:
        """Let this much real time pass while it plays."""
        if self.playing:
            self._take(self.position + seconds * self.speed)
            if self.over:
                self.playing = False

    def seek(self, position: float) -> None:
        """Go to a moment, in seconds since the first event."""
        position = max(0.0, min(self.length, position))
        if position < self.position:
            self.session = Session(self._corpus)
            self._next = 0
        self._take(position)

    def end(self) -> None:
        """Go to the end: the run as it was when it ended."""
        self.seek(self.length)

    def _take(self, position: float) -> None:
        self.position = max(0.0, min(self.length, position))
        until = bisect.bisect_right(self._times, self.began + self.position)
        if position >= self.length:
            until = len(self._recorded)
        for one in self._recorded[self._next : until]:
            self.session.apply(one)
            self._stream(one)
        self._next = max(self._next, until)
        if self.over and not self._goes_on:
            self.session.interrupt()  # says so only of a run whose last event is missing

    def _stream(self, one: Recorded) -> None:
        """What the root had written by then stands for the text that streamed."""
        event = one.event
        if isinstance(event, PartialReply) and event.node == self._root:
            self.session.root_asked = True
            self.session.pieces[:] = [one.texts[event.text]] if event.text in one.texts else []
