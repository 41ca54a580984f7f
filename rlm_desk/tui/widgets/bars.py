"""The lines around the panes: title, pane tabs for small terminals, budget, status."""

import time
from collections.abc import Collection
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widgets import Static

from rlm_desk.clean import one_line
from rlm_desk.confine.host import network
from rlm_desk.rlm.tree import TreeView
from rlm_desk.tui.memory import held
from rlm_desk.tui.widgets import pace
from rlm_desk.tui.wording import MUTED, RUN_WORDS, bar, budget_words, count, duration

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"

PANES = (
    ("documents", "Documents"),
    ("answer", "Answer"),
    ("recursion", "Tree"),
    ("inspector", "Inspector"),
    ("source", "Source"),
)


def ends(left: Content, right: Content, width: int) -> Content:
    """`left` and `right` at the ends of a line; `right` gives way where both do not fit."""
    gap = width - left.cell_length - right.cell_length
    return Content.assemble(left, " " * gap, right) if gap > 0 else left


def keys_shown(key: str, name: str) -> Content:
    """The help and the way out, with their keys; both can be clicked."""
    shown = [("F1", "help", "app.help"), (key, name, "screen.leave" if key == "Esc" else "app.quit_desk")]
    parts = [
        Content.assemble((one, "bold $accent"), f" {word}").stylize(Style.from_meta({"@click": action}))
        for one, word, action in shown
    ]
    return Content.assemble(parts[0], "  ", parts[1], " ")


class TitleBar(Static):
    """Name, model, and that nothing leaves the machine."""

    def __init__(self, title: str) -> None:
        super().__init__(id="title-bar", markup=False)
        self._title = title
        self._lefts: list[Content] = []
        self.way_out = ("Ctrl+Q", "quit")
        """The key that leaves this screen, and its name."""
        self._lefts = [Content.assemble((f" {title} ", "bold $primary"), "  ", ("…", MUTED))]
        self._draw()

    def describe(self, model: str, demonstration: bool, window: int) -> None:
        """Say which model will be asked; no name: that there is none."""
        parts: list[Content | str | tuple[str, str]] = [(f" {self._title} ", "bold $primary"), "  "]
        if not model:
            parts.append(("no model", "$warning"))
            self._lefts = [Content.assemble(*parts)]
        else:
            parts.append((one_line(model, 40), "bold"))
            parts.append((" demonstration model" if demonstration else "", "$warning"))
            size = f" · window {count(window)}" if window else ""
            self._lefts = [
                Content.assemble(*parts, (end, MUTED)) for end in (f"{size} tokens" if size else "", size, "")
            ]
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        keys = keys_shown(*self.way_out)
        # A newcomer needs the keys more than the model's window.
        room = self.size.width - keys.cell_length
        left = next((one for one in self._lefts if one.cell_length < room), self._lefts[-1])
        self.update(ends(left, keys, self.size.width))


class ScreenTitle(Static):
    """The first line of a screen beside the workspace."""

    def __init__(self, title: str) -> None:
        super().__init__(classes="screen-title", markup=False)
        self._title = title
        self._more = ""

    def say(self, more: str) -> None:
        """What stands behind the title."""
        self._more = more
        self.on_resize()

    def on_resize(self) -> None:
        left = Content.assemble((f" {self._title} ", "bold $primary"), (f" {one_line(self._more, 200)}", MUTED))
        self.update(ends(left, keys_shown("Esc", "back"), self.size.width))


class PaneTabs(Static):
    """Which pane is shown, where only one fits."""

    @dataclass
    class Wanted(Message):
        """A tab was clicked."""

        pane: str

    def __init__(self) -> None:
        super().__init__(id="pane-tabs", markup=False)
        self.current = "answer"

    def show(self, current: str, hidden: Collection[str] = ()) -> None:
        """Mark the pane that is shown, and those that were put away."""
        self.current = current
        parts: list[str | tuple[str, str]] = []
        for number, (ident, name) in enumerate(PANES, 1):
            chosen = ident == current
            text = f"[{number} {name}]" if chosen else f" {number} {name} "
            parts.append((text, "bold reverse" if chosen else f"strike {MUTED}" if ident in hidden else MUTED))
            parts.append(" ")
        self.update(Content.assemble(*parts))

    def on_click(self, event: events.Click) -> None:
        left = 0
        for ident, name in PANES:
            left += len(name) + 5
            if event.x < left:
                self.post_message(self.Wanted(ident))
                return


class BudgetBar(Static):
    """What the run drew from its budget: used of limit, for each of the five."""

    def __init__(self) -> None:
        super().__init__(id="budget-bar", markup=False)
        self._figures: list[tuple[str, str, float, bool]] = []

    def show(self, view: TreeView | None, now: float | None = None) -> None:
        """Draw the budget of a run; None draws nothing."""
        if view is None or view.started is None:
            self._figures = []
            self.update("")
            return
        used, limits = view.used, view.limits
        seconds = view.elapsed(now)
        rows: list[tuple[str, float, float, str, str, str]] = [
            ("calls", used.subcalls, limits.subcalls, count(used.subcalls), count(limits.subcalls), "subcalls"),
            ("depth", used.depth, limits.depth, str(used.depth), str(limits.depth), "depth"),
            ("turns", used.turns, limits.turns, str(used.turns), str(limits.turns), "turns"),
            ("tokens", used.tokens, limits.tokens, count(used.tokens), count(limits.tokens), "tokens"),
            ("time", seconds, limits.seconds, duration(seconds), duration(limits.seconds), "seconds"),
        ]
        # Depth fills at once in any recursive run and ends nothing: it never warns.
        self._figures = [
            (f"{name} {a}/{b}", key, value / limit if limit else 1.0, key in view.spent)
            for name, value, limit, a, b, key in rows
        ]
        self._draw()

    def on_resize(self) -> None:
        if self._figures:
            self._draw()

    def _draw(self) -> None:
        text = sum(len(f[0]) + 3 for f in self._figures)
        cells = max(0, min(10, (self.size.width - text - 2) // len(self._figures) - 1))
        parts: list[str | tuple[str, str]] = [" "]
        for index, (words, key, share, spent) in enumerate(self._figures):
            low = key != "depth" and share >= 0.75
            colour = "$error" if spent else "$warning" if low else MUTED
            parts.append(("" if index == 0 else " · ", MUTED))
            mark = "✗ " if spent else "! " if low else ""
            parts.append((mark + words, colour if mark else ""))
            if cells >= 3:
                parts.append((f" {bar(share, cells)}", colour))
        # Without layout: a frame that lays the screen out again costs ten times as much.
        self.update(Content.assemble(*parts), layout=False)


class StatusLine(Static):
    """What goes on now: a live sign, the state in words, speed, time, and "offline" where that is enforced."""

    def __init__(self) -> None:
        super().__init__(id="status-line", markup=False)
        self._beat = 0
        self._left = Content("")
        self._spare = Content("")
        """What gives way first in a narrow terminal."""
        self._mark = Content("")
        self._held = (0.0, 0)
        """When memory was looked at last, and how much it was."""

    def marks(self, unconfined: bool, server: str) -> None:
        """What stands at the line's beginning for as long as it is so, however narrow the terminal is.

        Args:
            unconfined: hostile code is not kept in here.
            server: where text is sent; empty: nowhere.
        """
        parts = [(" ✗ UNCONFINED ", "bold $error")] if unconfined else []
        parts += [(f" ⇄ sent to {one_line(server, 60)} ", "bold $warning")] if server else []
        self._mark = Content.assemble(*parts)
        self._draw()

    def idle(self, text: str) -> None:
        """A quiet line, between runs."""
        self._put([(f" {one_line(text, 200)}", MUTED)])

    def busy(self, text: str, animate: bool) -> None:
        """A wait with a live sign."""
        self._put([(f" {self._sign(animate)} ", "$accent"), one_line(text, 200)])

    def show(self, view: TreeView, now: float, rate: float, animate: bool, stopping: bool, paused: bool) -> None:
        """The line of a run. `rate` is in tokens a second."""
        parts: list[str | tuple[str, str]] = []
        elapsed = view.elapsed(now)
        if view.running and view.asked is not None:
            used = budget_words(view.asked.what, view.asked.limit)
            self._put([(f" ! {used} used up: Ctrl+D goes on with more · Ctrl+N answers now", "bold $warning")])
            return
        if view.running:
            parts.append(
                (" ‖ paused, Ctrl+G goes on · ", "bold $warning") if paused else (f" {self._sign(animate)} ", "$accent")
            )
            parts.append("stopping" if stopping else self._doing(view))
        else:
            word = RUN_WORDS[view.status]
            bad = view.status in ("failed", "interrupted")
            mark = {"answered": "✓", "failed": "✗", "cancelled": "⊘"}.get(view.status, "!")
            parts.append((f" {mark} {word}", "$error" if bad else "$success" if mark == "✓" else "$warning"))
        parts.append((f" · {count(rate)} tok/s", MUTED))
        parts.append((f" · {duration(elapsed)}{'' if paused else pace.left(view, elapsed, now)}", MUTED))
        self._put(parts, (self._memory(), MUTED))

    def _memory(self) -> str:
        """What desk and workers hold, looked at once a second at most."""
        if time.monotonic() - self._held[0] >= 1.0:
            self._held = (time.monotonic(), held())
        return f" · {self._held[1] / 2**30:.1f} GiB" if self._held[1] else ""

    def _doing(self, view: TreeView) -> str:
        root = view.nodes.get(view.root) if view.root is not None else None
        if root is None:
            return "starting"
        if together := pace.batches(view):
            done, items = pace.done(together), sum(batch.items for batch in together)
            return f"turn {root.turns} · {done:,}/{items:,} sub-calls"
        doing = {"asking": "the model is writing", "running code": "running its code"}
        return f"turn {max(1, root.turns)} · {doing.get(root.status, root.status)}"

    def _sign(self, animate: bool) -> str:
        self._beat += 1
        return SPINNER[self._beat // 2 % len(SPINNER)] if animate else "●"

    def on_resize(self) -> None:
        self._draw()

    def _put(self, parts: list[str | tuple[str, str]], spare: tuple[str, str] = ("", "")) -> None:
        self._left, self._spare = Content.assemble(*parts), Content.assemble(spare)
        self._draw()

    def _draw(self) -> None:
        left = Content.assemble(self._mark, self._left)
        # Asked each time: only a filter that is up and holds for every worker makes the word true.
        offline = Content.styled("⌂ offline ", "$success") if network().state == "on" else Content("")
        whole = Content.assemble(left, self._spare)
        fits = whole.cell_length + offline.cell_length < self.size.width
        self.update(ends(whole if fits else left, offline, self.size.width), layout=False)
