"""Progress of bytes on the command line: a line that replaces itself on a terminal, a line each tenth elsewhere."""

import sys
import time
from typing import TextIO

from rlm_desk.clean import one_line

EVERY_SECONDS = 0.2
LARGE = 256 * 1024 * 1024
"""Bytes below which nothing is said: it is over at once."""


class Transfer:
    """Give it to whatever takes an `OnBytes`; use it as a context manager, so that its line ends."""

    def __init__(self, name: str, out: TextIO | None = None) -> None:
        self._name = one_line(name, 60)
        self._out = out or sys.stderr
        self._live = self._out.isatty()
        self._what = ""
        self._begun = self._said = 0.0
        self._first = self._tenth = 0
        self._shown = False

    def __enter__(self) -> "Transfer":
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown and self._live:
            self._out.write("\n")

    def __call__(self, what: str, done: int, total: int) -> None:
        """Bytes done so far of `total`."""
        now = time.monotonic()
        if what != self._what:
            self._what, self._begun, self._first, self._tenth = what, now, done, 0
        if total < LARGE:
            return
        if self._live and (now - self._said >= EVERY_SECONDS or done == total):
            self._said, self._shown = now, True
            self._out.write(f"\r\x1b[2K{self.line(done, total, now)}")
            self._out.flush()
        elif not self._live and done * 10 // total > self._tenth:
            self._tenth = done * 10 // total
            self._out.write(self.line(done, total, now) + "\n")
            self._out.flush()

    def line(self, done: int, total: int, now: float) -> str:
        """What is being done, how far it is, how fast, and how long it will still take."""
        seconds = now - self._begun
        speed = (done - self._first) / seconds if seconds > 0.2 else 0.0
        left = f", {speed / 1e6:,.0f} MB/s, {duration((total - done) / speed)} left" if speed else ""
        return f"{self._what} {self._name}: {done * 100 // max(1, total)}% of {total / 1e9:.1f} GB{left}"


def duration(seconds: float) -> str:
    """Seconds for people."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    return (
        f"{whole // 60} min {whole % 60:02d} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    )
