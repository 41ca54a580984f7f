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


class Key(FooterKey):
    """One of them. Textual's own is made narrow, bound to its line, and made wide again: styled three times."""

    def _watch_compact(self, compact: bool) -> None:
        """A line is never compact here."""


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
        self._made: object = None
        """What the keys that are shown were made of."""

    @property
    def _working(self) -> list[tuple[str, str, str, str, bool, str]]:
        """Keys that work now, one for each action, as `Key` takes them."""
        found: dict[str, tuple[str, str, str, str, bool, str]] = {}
        for _, key, enabled, tooltip in self.screen.active_bindings.values() if self._bindings_ready else ():
            if key.show and key.action not in found:
                display = self.app.get_key_display(key)
                found[key.action] = (key.key, display, key.description, key.action, not enabled, tooltip)
        return list(found.values())

    def compose(self) -> ComposeResult:
        self._made = (working, width) = (self._working, self.app.size.width)
        keys = [Key(*one) for one in working]
        self._needs = _cells(keys)
        shown, rest = list(keys), [key for key in keys if key.action != WAY_OUT]
        while rest and _cells(shown) > width:
            shown.remove(rest.pop())
        self._left_out = len(shown) < len(keys)
        self.styles.grid_size_columns = max(1, len(shown))
        yield from shown

    async def recompose(self) -> None:
        """Textual wants it at every change of the focus; mostly the same keys work as before."""
        if not self.is_attached:
            return  # its screen was closed meanwhile
        if self._made != (self._working, self.app.size.width):
            await super().recompose()

    def on_resize(self, event: events.Resize) -> None:
        """Another terminal has room for other keys."""
        if self._left_out or self._needs > event.size.width:
            self.refresh(recompose=True)
