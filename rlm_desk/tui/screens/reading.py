"""A screen with one long text."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import ModalScreen
from textual.style import Style

from rlm_desk.clean import one_line
from rlm_desk.tui.screens.once import Once
from rlm_desk.tui.widgets.textview import Part, TextView


class Reading(Once[None], ModalScreen[None]):
    """One text over the whole screen; Esc goes back."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        Binding("escape,q,enter", "dismiss", "Back", show=False)
    ]

    def __init__(self, title: str, below: str, parts: list[Part]) -> None:
        super().__init__()
        self._title, self._below, self._parts = title, below, parts

    def compose(self) -> ComposeResult:
        view = TextView(id="reading")
        view.add_class("full")
        view.border_title = Content(one_line(self._title, 100))
        back = Content("Esc goes back").stylize(Style.from_meta({"@click": "screen.dismiss"}))
        view.border_subtitle = Content.assemble(f"{self._below} · " if self._below else "", back)
        yield view

    def on_mount(self) -> None:
        self.query_one(TextView).show(self._parts)
        self.query_one(TextView).focus()
