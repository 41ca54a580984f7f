"""A line to write into. What is pasted or completed there may be a stranger's, such as a file's name."""

from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.binding import Binding
from textual.expand_tabs import expand_tabs_inline
from textual.widgets import Input

from rlm_desk.clean import clean


class Field(Input):
    """Keeps its value as it is, and shows it cleaned: `Input` would hand control characters to the terminal."""

    # What is typed while the program starts reaches it as the terminal's own line would: Enter as a line feed.
    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        Binding("ctrl+j", "submit", "Enter", show=False)
    ]

    @property
    def _value(self) -> Text:
        shown = super()._value
        shown.plain = clean(shown.plain)  # one character for one: the cursor and the selection stay where they are
        return shown

    def _position_to_cell(self, position: int) -> int:
        return cell_len(expand_tabs_inline(clean(self.value[:position]), 4))
