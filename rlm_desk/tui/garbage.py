"""When this process looks for garbage: a full look stops it for up to a quarter of a second when a large run is open.

Reference counts free nearly everything at once. What is left are cycles, such as closed screens: they are looked for
while nobody presses a key and nothing moves, and at any other time only after very much was made.
"""

import gc
import time

LOOK_SECONDS = 5.0
"""How often it is asked whether now is a good time."""

REST_SECONDS = 3.0
"""Nobody has pressed anything for this long."""

WORTH = 50
"""Collections of young objects since the last full look that make another one worth its time."""

AT_MOST = 1000
"""Collections of young objects after which a full look comes at any time: about 7 million more objects than before."""


class Garbage:
    """Takes the time of full looks from Python, and gives it back at the end."""

    def __init__(self) -> None:
        self._before = gc.get_threshold()
        self._stirred = time.monotonic()

    def begin(self) -> None:
        """From now on full looks wait."""
        self._before = gc.get_threshold()
        gc.set_threshold(*self._before[:2], AT_MOST)

    def end(self) -> None:
        """Python decides again."""
        gc.set_threshold(*self._before)

    def stirred(self) -> None:
        """Somebody pressed something, or the screen moves."""
        self._stirred = time.monotonic()

    def look(self) -> bool:
        """A full look, if nobody would notice it and it is worth its time."""
        rested = time.monotonic() - self._stirred >= REST_SECONDS
        if not rested or not gc.isenabled() or gc.get_count()[2] < WORTH:
            return False
        gc.collect()
        return True
