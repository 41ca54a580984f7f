"""What takes its time on a screen beside the workspace: a live sign, how far it is, how fast, how long still."""

import time

from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from rlm_desk.clean import one_line
from rlm_desk.tui.widgets.bars import SPINNER
from rlm_desk.tui.wording import MUTED, bar, duration

FRAMES = 10
"""Frames a second while something goes on."""


class BusyLine(Static):
    """Hidden until something begins. `told` may be called as often as one likes: frames are drawn by the clock."""

    DEFAULT_CSS = "BusyLine { height: 1; display: none; padding: 0 1; background: $panel; }"

    def __init__(self) -> None:
        super().__init__("", id="busy-line", markup=False)
        self._title = ""
        self._what = ""
        self._began = self._since = 0.0
        self._done = self._total = self._first = 0
        self._beat = 0
        self._timer: Timer | None = None

    def on_mount(self) -> None:
        self._timer = self.set_interval(1 / FRAMES, self._draw, pause=True)

    def begin(self, name: str) -> None:
        """Something goes on from now."""
        self._title, self._what, self._began = name, "", time.monotonic()
        self._done = self._total = self._first = 0
        self.display = True
        self._draw()
        if self._timer is not None:
            self._timer.resume()

    def told(self, what: str, done: int, total: int) -> None:
        """Bytes done so far of `total`, as a `carrying.OnBytes`."""
        if what != self._what:
            self._what, self._since, self._first = what, time.monotonic(), done
        self._done, self._total = done, total

    def end(self) -> None:
        """It is over."""
        self.display = False
        if self._timer is not None:
            self._timer.pause()

    def _draw(self) -> None:
        now = time.monotonic()
        self._beat += 1
        sign = SPINNER[self._beat % len(SPINNER)] if self.app.animation_level != "none" else "●"
        parts: list[str | tuple[str, str]] = [(f"{sign} ", "$accent"), one_line(self._title, 60)]
        if self._total:
            share, seconds = self._done / self._total, now - self._since
            rate = (self._done - self._first) / seconds if seconds > 0.2 else 0.0
            parts.append((f"  {bar(share, 12)} ", "$accent"))
            parts.append(f"{self._what} {100 * self._done // self._total}% of {self._total / 1e9:.2f} GB")
            if rate > 0:
                left = duration((self._total - self._done) / rate)
                parts.append((f"  {rate / 1e6:,.0f} MB/s, {left} left", MUTED))
        else:
            parts.append((f"  {duration(now - self._began)}", MUTED))
        parts.append(("  Esc stops it", MUTED))
        self.update(Content.assemble(*parts), layout=False)
