"""The last line: keys that work now, each of them whole. A key that is cut in half tells nobody anything."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

AROUND = 3
"""Blank cells of a key: before it, before its name and behind that."""


WAY_OUT = "leave"
"""The action of the key that leaves a screen."""


def _cells(keys: Sequence[FooterKey]) -> int:
    """What keys take beside each other; the blank behind the last may be cut off."""
    return sum(cell_len(key.key_display) + cell_len(key.description) + AROUND for key in keys) - 1


class KeyLine(Footer):
    """Textual's footer, without the keys there is no room for: F1 lists all. The way out is kept."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)
        self._needs = 0
        """Cells that all keys would take."""
        self._left_out = False

    def compose(self) -> ComposeResult:
        keys = [key for key in super().compose() if isinstance(key, FooterKey)]
        self._needs = _cells(keys)
        shown, rest = list(keys), [key for key in keys if key.action != WAY_OUT]
        while rest and _cells(shown) > self.app.size.width:
            shown.remove(rest.pop())
        self._left_out = len(shown) < len(keys)
        self.styles.grid_size_columns = max(1, len(shown))
        yield from shown

    def on_resize(self, event: events.Resize) -> None:
        """Another terminal has room for other keys."""
        if self._left_out or self._needs > event.size.width:
            self.refresh(recompose=True)
