"""The countdown after a demonstration."""

import math
import time
from collections.abc import Callable

from textual.screen import Screen
from textual.timer import Timer


class Countdown:
    """Says how long it is until `close`, once a second; `stay` ends it."""

    def __init__(self, screen: Screen[None], say: Callable[[str], None], close: Callable[[], None]) -> None:
        self._screen = screen
        self._say = say
        self._close = close
        self._until = 0.0
        self._timer: Timer | None = None

    def start(self, seconds: float) -> None:
        """Begin to count."""
        self._until = time.monotonic() + seconds
        self._timer = self._screen.set_interval(min(1.0, seconds / 4), self._tick)
        self._tick()

    def stay(self) -> bool:
        """Stop counting. False when nothing was counted."""
        if self._timer is None:
            return False
        self._timer.stop()
        self._timer = None
        return True

    def _tick(self) -> None:
        left = self._until - time.monotonic()
        if left > 0:
            self._say(f"closes in {math.ceil(left)} s; any key to stay")
        elif self.stay():
            self._close()
