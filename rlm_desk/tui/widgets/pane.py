"""A bordered part of the workspace with a number, so that a key can go to it; its edges can be dragged."""

from dataclasses import dataclass
from typing import Self

from textual import events
from textual.containers import Container, Vertical
from textual.content import Content
from textual.geometry import NULL_OFFSET, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.message import Message
from textual.widget import Widget

from rlm_desk.tui.arrangement import Arrangement, Edge, Name


class Pane(Vertical):
    """One of the panes."""

    @dataclass
    class Dragged(Message):
        """An edge is being dragged to a place on the screen."""

        pane: str
        edge: Edge
        x: int
        y: int

    def __init__(self, number: int, title: str, *, id: str) -> None:
        super().__init__(id=id, classes="pane")
        self.number = number
        self.name_shown = title
        self._caption: tuple[str, str, str] | None = None
        self._edge: Edge | None = None
        self._captioning = False
        self.caption("")

    def caption(self, more: str, below: str = "") -> None:
        """What stands in the border: the pane's name, `more` behind it, `below` at the bottom."""
        # Content, not str: a border title given as text would be read as markup.
        if (self.name_shown, more, below) == self._caption:
            return
        self._caption = (self.name_shown, more, below)
        title = f"{self.number} {self.name_shown}" + (f" · {more}" if more else "")
        self._captioning = True
        try:
            self.border_title = Content(title)
            self.border_subtitle = Content(below) if below else None
        finally:
            self._captioning = False

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Draw again. For another caption only the borders: all lines of a pane take as long as the rest of a frame."""
        if self._captioning and not regions:
            width, height = self.outer_size
            regions = (Region(-1, -1, width, 1), Region(-1, height - 2, width, 1))
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    # dragging

    def on_mouse_down(self, event: events.MouseDown) -> None:
        edge = self._edge_at(event.x, event.y)
        if edge is not None and event.widget is self:
            self._edge = edge
            self.capture_mouse()
            event.stop()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._edge is not None and self.id is not None:
            self.post_message(self.Dragged(self.id, self._edge, event.screen_x, event.screen_y))

    def on_mouse_up(self) -> None:
        if self._edge is not None:
            self._edge = None
            self.release_mouse()

    def _edge_at(self, x: int, y: int) -> Edge | None:
        width, height = self.outer_size
        if x in (0, width - 1):
            return "left" if x == 0 else "right"
        if y in (0, height - 1):
            return "top" if y == 0 else "bottom"
        return None


class PaneLayout(Layout):
    """Places panes where the arrangement says."""

    name = "panes"

    def __init__(self) -> None:
        self.arrangement = Arrangement()
        self.current: Name = "medium"

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        """One placement for each pane that is displayed."""
        parent.pre_layout(self)
        places = self.arrangement.regions(self.current, [child.id or "" for child in children], size)
        return [
            WidgetPlacement(places[child.id], NULL_OFFSET, child.styles.margin, child)
            for child in children
            if child.id in places
        ]


class PaneGrid(Container):
    """Holds the panes."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.panes = PaneLayout()

    @property
    def layout(self) -> Layout:
        """Ours, instead of one that a stylesheet can name."""
        return self.panes

    def rearrange(self) -> None:
        """Place the panes again."""
        # A widget that asks for a layout clears what its parents remember, not what it remembers itself.
        self.children[0].refresh(layout=True)
