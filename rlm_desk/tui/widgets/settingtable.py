"""All settings in a table: name, value, and where the value comes from."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.widgets import DataTable

from rlm_desk.clean import one_line
from rlm_desk.desk.settings import Setting
from rlm_desk.tui.commands import binding_of

LATER = "◆"
"""Stands before a value that the next start will take."""


class SettingTable(DataTable[Text]):
    """One line a setting. The column of values takes what the others leave."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [binding_of("screen.change")]

    DEFAULT_CSS = """
    SettingTable { background: $surface; scrollbar-size-vertical: 1; overflow-x: hidden; }
    SettingTable:focus { background-tint: $foreground 0%; }
    """

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, cursor_type="row", zebra_stripes=False, cell_padding=1)
        self._settings: list[Setting] = []

    def on_resize(self, event: events.Resize) -> None:
        if event.size.width:
            self._build()

    @property
    def chosen(self) -> Setting | None:
        """The setting under the cursor."""
        return self._settings[self.cursor_row] if 0 <= self.cursor_row < len(self._settings) else None

    def show(self, settings: Sequence[Setting]) -> None:
        """List settings; the cursor stays in its row."""
        self._settings = list(settings)
        self._build()

    def _build(self) -> None:
        row = self.cursor_row
        self.clear(columns=True)
        names = max((len(one.name) for one in self._settings), default=0)
        widths = {"Setting": max(16, min(24, names)), "From": 11}
        # Each column has a blank cell on both sides; the scrollbar takes one.
        room = max(10, self.size.width - sum(widths.values()) - 2 * (len(widths) + 1) - 1)
        self.add_column("Setting", width=widths["Setting"])
        self.add_column("Value", width=room)
        self.add_column("From", width=widths["From"])
        for one in self._settings:
            value = one_line(one.text(one.value), room) or "(empty)"
            # Text, not str: a table reads strings as markup.
            self.add_row(
                Text(one.name),
                Text(f"{LATER} {value}" if one.value != one.now else value),
                Text(one.origin),
            )
        if self._settings:
            self.move_cursor(row=min(row, len(self._settings) - 1))
