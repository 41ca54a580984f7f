"""How much a list or a text has to scroll over, said without laying the whole screen out where nothing moves."""

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.widget import Widget


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
        view.vertical_scrollbar.window_virtual_size = size.height
    if size.height < before.height:
        view.scroll_target_y = view.validate_scroll_target_y(view.scroll_target_y)
        view.scroll_y = view.validate_scroll_y(view.scroll_y)
