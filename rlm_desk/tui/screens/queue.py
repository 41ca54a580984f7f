"""The questions that wait for the run that goes on: their order, and taking one back."""

from collections import deque
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from rlm_desk.clean import one_line
from rlm_desk.tui.screens.dialog import Dialog


class QueueDialog(Dialog):
    """Changes the queue in place; its result is a question that was taken back to be written anew, or empty."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        Binding("delete,d", "drop", "Remove", show=False),
        Binding("u", "up", "Sooner", show=False),
    ]

    def __init__(self, waiting: deque[str]) -> None:
        super().__init__()
        self._waiting = waiting

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as box:
            box.border_title = "Questions that wait"
            yield Static("Asked one after another, when the run that goes on is over.", markup=False)
            yield OptionList(markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Sooner (U)", id="up")
                yield Button("Remove (D)", id="drop")
                yield Button("Change (Enter)", id="change", variant="primary")

    def on_mount(self) -> None:
        self._list(0)
        self.query_one(OptionList).focus()

    def _list(self, at: int) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(Content(f"{n}  {one_line(q, 200)}")) for n, q in enumerate(self._waiting, 1)])
        if self._waiting:
            options.highlighted = max(0, min(at, len(self._waiting) - 1))
        else:
            self.dismiss("")

    @property
    def _at(self) -> int | None:
        """The chosen question; None where the run took the last of them meanwhile."""
        at = self.query_one(OptionList).highlighted
        return at if at is not None and at < len(self._waiting) else None

    def action_drop(self) -> None:
        """Do not ask it."""
        if (at := self._at) is not None:
            del self._waiting[at]
            self._list(at)

    def action_up(self) -> None:
        """Ask it before the one above it."""
        if (at := self._at) is not None and at > 0:
            self._waiting[at - 1], self._waiting[at] = self._waiting[at], self._waiting[at - 1]
            self._list(at - 1)

    @on(OptionList.OptionSelected)
    def action_change(self) -> None:
        """Take it back into the question box."""
        if not self.is_active:  # Enter twice: the second one is not to take another
            return
        if (at := self._at) is None:
            self.dismiss("")
            return
        question = self._waiting[at]
        del self._waiting[at]
        self.dismiss(question)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        {"up": self.action_up, "drop": self.action_drop, "change": self.action_change}[event.button.id or ""]()
