"""Lines with a cursor, of which only the visible ones are ever drawn: what the trees of the workspace are made of."""

from collections.abc import Hashable, Iterable, Sequence
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from rlm_desk.tui.widgets.measuring import measure

NAME_CELLS = 9
"""A name with less room is cut at its end: two halves of it would say nothing."""


def fitted(text: str, width: int) -> str:
    """`text` in exactly `width` cells, with an ellipsis where it is cut."""
    if width <= 0:
        return ""
    return set_cell_size(text, width) if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"


def fitted_name(name: str, width: int) -> str:
    """A file's name in exactly `width` cells, cut in its middle: the end tells files of one stem apart."""
    if cell_len(name) <= width or width < NAME_CELLS:
        return fitted(name, width)
    tail = name[-(width // 3) :]
    while cell_len(tail) > width // 3:
        tail = tail[1:]
    room = width - 1 - cell_len(tail)
    return set_cell_size(name, room) + "…" + tail


class Rows(ScrollView, can_focus=True):
    """A list of keys, one per line. A subclass draws a line and hears of the cursor."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "move(-1000000)", "First", show=False),
        Binding("end", "move(1000000)", "Last", show=False),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--cursor"}

    DEFAULT_CSS = """
    Rows { overflow-x: hidden; scrollbar-size-vertical: 1; }
    Rows .rows--cursor { background: $panel; }
    Rows:focus .rows--cursor { background: $primary 18%; text-style: bold; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.keys: Sequence[Hashable] = ()
        """What the lines stand for, in order."""
        self._row_of: dict[Hashable, int] = {}
        self.cursor: Hashable | None = None
        """The key under the cursor."""
        self._base = Style()
        """Of a line's blank cells."""

    # for subclasses

    def paint(self, row: int, width: int) -> list[Segment]:
        """One line; what is longer than `width` cells is cut off."""
        raise NotImplementedError

    def moved(self, key: Hashable) -> None:
        """The cursor came to another key."""

    def pressed(self, row: int, x: int, twice: bool) -> None:
        """A line was clicked; the cursor is on it."""

    # rows

    def lay_out(self, keys: Sequence[Hashable]) -> None:
        """Replace the lines; the cursor stays on its key where that is still there."""
        self.place(keys)
        self.refresh()

    def place(self, keys: Sequence[Hashable]) -> None:
        """As `lay_out`, for who knows better which lines are to be drawn again."""
        self.keys = keys
        self._row_of = {key: row for row, key in enumerate(keys)}
        self._measure()

    def in_sight(self) -> range:
        """The rows that are seen."""
        top = round(self.scroll_offset.y)
        return range(top, min(len(self.keys), top + self.size.height))

    def _measure(self) -> None:
        """Say how much there is to scroll over."""
        measure(self, Size(self.scrollable_content_region.width, len(self.keys)))

    def row(self, key: Hashable | None) -> int | None:
        """The line of a key."""
        return self._row_of.get(key)

    def choose(self, key: Hashable) -> None:
        """Put the cursor on a key and show it."""
        changed, self.cursor = self.cursor != key, key
        row = self._row_of.get(key, 0)
        self.scroll_to_region(Region(0, row, 1, 1), animate=False, force=True)
        self.refresh()
        if changed:
            self.moved(key)

    def refresh_rows(self, rows: Iterable[int] | None = None) -> None:
        """Draw these of the visible lines again; without `rows`, all."""
        seen = self.in_sight()
        regions = [Region(0, row - seen.start, self.size.width, 1) for row in (seen if rows is None else rows)]
        if regions:  # without any, Textual would draw the whole widget
            self.refresh(*regions)

    def action_move(self, by: int) -> None:
        """Move the cursor by rows."""
        if self.keys:
            row = self._row_of.get(self.cursor, 0)
            self.choose(self.keys[max(0, min(len(self.keys) - 1, row + by))])

    def action_page(self, way: int) -> None:
        """Move the cursor by what fits the screen."""
        self.action_move(way * max(1, self.size.height - 1))

    def on_click(self, event: events.Click) -> None:
        at = event.get_content_offset(self)  # a border is not a row
        if at is None:
            return
        row = at.y + round(self.scroll_offset.y)
        if 0 <= row < len(self.keys):
            self.choose(self.keys[row])
            self.pressed(row, at.x, event.chain == 2)

    def on_resize(self, event: events.Resize) -> None:
        self._measure()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The visible rows. What is behind them is asked of all widgets around it: once, not for every row."""
        self._base = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One visible row."""
        row = y + round(self.scroll_offset.y)
        width = self.size.width
        base = self._base
        if row >= len(self.keys):
            return Strip.blank(width, base)
        strip = Strip(self.paint(row, width)).adjust_cell_length(width, base)
        if self.keys[row] == self.cursor:
            # Over the segments' own styles: their background would win otherwise.
            strip = Strip(Segment.apply_style(strip, post_style=self._cursor_style()), width)
        return strip

    def _cursor_style(self) -> Style:
        style = self.get_component_rich_style("rows--cursor")
        return Style(bgcolor=style.bgcolor, bold=style.bold)
