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

ROOMY = 150
"""Cells from which on what a setting is stands in its line."""

VALUE = 36
"""Cells of a value there."""

LATER = "◆"
"""Stands before a value that the next start will take."""


class SettingTable(DataTable[Text]):
    """One line a setting. The last column takes what the others leave: the values, or in a wide table what they are."""

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
        about = room - VALUE - 2 if self.size.width >= ROOMY else 0
        values = VALUE if about else room
        self.add_column("Setting", width=widths["Setting"])
        self.add_column("Value", width=values)
        self.add_column("From", width=widths["From"])
        if about:
            self.add_column("What it is", width=about)
        for one in self._settings:
            value = one_line(one.text(one.value), values) or "(empty)"
            # Text, not str: a table reads strings as markup.
            cells = [
                Text(one.name),
                Text(f"{LATER} {value}" if one.value != one.now else value),
                Text(one.origin),
            ]
            self.add_row(*cells, *([Text(one_line(one.about, about))] if about else []))
        if self._settings:
            self.move_cursor(row=min(row, len(self._settings) - 1))
