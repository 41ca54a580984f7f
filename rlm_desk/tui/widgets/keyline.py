"""The last line: keys that work now, each of them whole. A key that is cut in half tells nobody anything."""

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

AROUND = 3
"""Blank cells of a key: before it, before its name and behind that."""


class KeyLine(Footer):
    """Textual's footer, without the keys there is no room for: F1 lists all. The last one, the way out, is kept."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)
        self._needs = 0
        """Cells that all keys would take."""
        self._left_out = False

    def compose(self) -> ComposeResult:
        keys = [key for key in super().compose() if isinstance(key, FooterKey)]
        widths = [cell_len(key.key_display) + cell_len(key.description) + AROUND for key in keys]
        self._needs, room = sum(widths), self.app.size.width
        count = len(keys)
        while count > 1 and sum(widths[: count - 1]) + widths[-1] > room:
            count -= 1
        self._left_out = count < len(keys)
        shown = [*keys[: count - 1], *keys[-1:]]
        self.styles.grid_size_columns = max(1, len(shown))
        yield from shown

    def on_resize(self, event: events.Resize) -> None:
        """Another terminal has room for other keys."""
        if self._left_out or self._needs > event.size.width:
            self.refresh(recompose=True)
