"""How much a list or a text has to scroll over, said without laying the whole screen out where nothing moves."""

from math import ceil

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.widget import Widget

EIGHTHS = 8
"""Steps of a cell that a scrollbar is drawn in."""


def measure(view: ScrollView, size: Size) -> None:
    """Give `view` another virtual size.

    Textual lays the whole screen out for that, which takes longer than all else in a frame of a run. While the
    scrollbar stays, or stays away, nothing has another place; what was scrolled to is held where it still is.
    """
    before, height = view.virtual_size, view.scrollable_content_region.height
    if not (size.height > height) == (before.height > height) == view.show_vertical_scrollbar:
        view.virtual_size = size
        return
    if size == before:
        return
    view.set_reactive(Widget.virtual_size, size)
    if view.show_vertical_scrollbar:
        bar = view.vertical_scrollbar
        if _thumb(bar, size.height) == _thumb(bar, bar.window_virtual_size):
            bar.set_reactive(ScrollBar.window_virtual_size, size.height)  # it would be drawn as it is
        else:
            bar.window_virtual_size = size.height
    if size.height < before.height:
        view.scroll_target_y = view.validate_scroll_target_y(view.scroll_target_y)
        view.scroll_y = view.validate_scroll_y(view.scroll_y)


def _thumb(bar: ScrollBar, height: int) -> tuple[int, int]:
    """Where the thumb begins and how long it is, in eighths of a cell, over `height` lines, as Textual draws it."""
    if height <= bar.window_size:
        return 0, 0
    cells = max(1.0, bar.window_size * bar.size.height / height)
    start = (bar.size.height - cells) * bar.position / (height - bar.window_size)
    return int(EIGHTHS * start), ceil(EIGHTHS * cells)
