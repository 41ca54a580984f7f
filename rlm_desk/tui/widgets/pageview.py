"""A page as it is printed, in cells, beside the text that was read from it."""

from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from rlm_desk.documents.picture import Picture
from rlm_desk.tui.commands import bindings
from rlm_desk.tui.widgets import halfblocks


class PageView(Widget, can_focus=True):
    """Shows one picture, or a sentence instead. It has the keys of the source where it stands in its place."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        *bindings("source"),
        Binding("down,j,space,pagedown", "turn(1)", "Next page", show=False),
        Binding("up,k,pageup", "turn(-1)", "Page before", show=False),
    ]

    DEFAULT_CSS = "PageView { width: 1fr; height: 1fr; padding: 0 0 0 1; color: $foreground 80%; display: none; }"

    @dataclass
    class Turned(Message):
        """The person wants another page: the next (1), or the one before (-1)."""

        by: int

    class Sized(Message):
        """It has another size, and the picture should too."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.picture: Picture | None = None
        """What is shown."""
        self.sentence = ""
        """What is said instead."""
        self._lines: list[list[Segment]] = []

    @property
    def box(self) -> tuple[int, int]:
        """Pixels there is room for: width, height."""
        return self.content_size.width, self.content_size.height * 2

    def show(self, picture: Picture) -> None:
        """Show a picture no larger than the box."""
        self.picture, self.sentence = picture, ""
        if self.app.no_color or self.app.console.color_system is None:
            self._lines = halfblocks.shades(picture.rgb, picture.width, self.app.current_theme.dark, self.rich_style)
        else:
            self._lines = halfblocks.colours(picture.rgb, picture.width)
        self.refresh()

    def say(self, sentence: str) -> None:
        """Say something instead."""
        self.picture, self.sentence, self._lines = None, sentence, []
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        self.post_message(self.Sized())

    def action_turn(self, by: int) -> None:
        """Ask for another page."""
        self.post_message(self.Turned(by))

    def render(self) -> Content:
        return Content(self.sentence)

    def render_line(self, y: int) -> Strip:
        """One line of the picture, in the middle; or of the sentence."""
        if self.picture is None:
            return super().render_line(y)
        width = self.size.width
        if y >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        left = max(1, (width - self.picture.width + 1) // 2)
        return Strip([Segment(" " * left, self.rich_style), *self._lines[y]]).adjust_cell_length(width, self.rich_style)
