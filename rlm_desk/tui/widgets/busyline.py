"""What takes its time on a screen beside the workspace: a live sign, how far it is, how fast, how long still."""

import time
from collections.abc import Callable

from rich.cells import cell_len
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from rlm_desk.clean import one_line
from rlm_desk.tui.widgets.bars import SPINNER
from rlm_desk.tui.widgets.rows import fitted
from rlm_desk.tui.wording import MUTED, bar, duration

FRAMES = 10
"""Frames a second while something goes on."""

NARROWEST = 10
"""Cells that are left to a name."""

WIDE = 100
"""Cells from which on there is room for the speed too."""


class BusyLine(Static):
    """Hidden until something begins. `told` may be called as often as one likes: frames are drawn by the clock."""

    DEFAULT_CSS = "BusyLine { height: 1; display: none; padding: 0 1; background: $panel; }"

    def __init__(self) -> None:
        super().__init__("", id="busy-line", markup=False)
        self.clock: Callable[[], float] = time.monotonic
        """Now, in seconds since some moment."""
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
        self._title, self._what, self._began = name, "", self.clock()
        self._done = self._total = self._first = 0
        self.display = True
        self._draw()
        if self._timer is not None:
            self._timer.resume()

    def told(self, what: str, done: int, total: int) -> None:
        """Bytes done so far of `total`, as a `carrying.OnBytes`."""
        if what != self._what:
            self._what, self._since, self._first = what, self.clock(), done
        self._done, self._total = done, total

    def end(self) -> None:
        """It is over."""
        self.display = False
        if self._timer is not None:
            self._timer.pause()

    def _draw(self) -> None:
        now = self.clock()
        self._beat += 1
        sign = SPINNER[self._beat % len(SPINNER)] if self.app.animation_level != "none" else "●"
        narrow = self.content_size.width < WIDE
        parts: list[str | tuple[str, str]] = []
        if self._total:
            share, seconds = self._done / self._total, now - self._since
            rate = (self._done - self._first) / seconds if seconds > 0.2 else 0.0
            parts.append((f"  {bar(share, 6 if narrow else 12)} ", "$accent"))
            parts.append(f"{self._what} {100 * self._done // self._total}% of {self._total / 1e9:.2f} GB")
            if rate > 0:
                left = duration((self._total - self._done) / rate)
                speed = "" if narrow else f"{rate / 1e6:,.0f} MB/s, "
                parts.append((f"  {speed}{left} left", MUTED))
        else:
            parts.append((f"  {duration(now - self._began)}", MUTED))
        parts.append(("  Esc stops it", MUTED))
        rest = Content.assemble(*parts)
        # How far it is and how to stop it say more than the end of a long name.
        title = one_line(self._title, 60)
        room = max(NARROWEST, self.content_size.width - rest.cell_length - 2)
        shown = fitted(title, min(room, cell_len(title)))
        self.update(Content.assemble((f"{sign} ", "$accent"), shown, rest), layout=False)
