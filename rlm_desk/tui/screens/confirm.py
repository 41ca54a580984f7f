"""Asked only where something would be lost."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from rlm_desk.clean import clean
from rlm_desk.tui.screens.dialog import Dialog


class ConfirmDialog(Dialog):
    """Says what will be lost; its result is ``yes`` or empty. The way back has the focus."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        Binding("y", "dismiss('yes')", "Yes", show=False),
        Binding("n", "dismiss('')", "No", show=False),
    ]

    def __init__(self, title: str, what: str, lost: str, act: str) -> None:
        super().__init__()
        self._title, self._what, self._lost, self._act = title, what, lost, act

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as box:
            box.border_title = Content(clean(self._title))
            yield Static(Content.styled(clean(self._what), "bold"))
            yield Static(clean(self._lost), classes="hint", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Keep it (N)", id="no", variant="primary")
                yield Button(f"{self._act} (Y)", id="yes", variant="error")

    def on_mount(self) -> None:
        self.query_one("#no").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss("yes" if event.button.id == "yes" else "")
