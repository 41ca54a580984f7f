"""The run over time: a lane for every sub-call that went on at once, like a flame chart. The tree's nodes, the tree's
cursor; only visible lanes are drawn."""

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from rlm_desk.clean import one_line
from rlm_desk.rlm.tree import NodeView, TreeView
from rlm_desk.tui import wording
from rlm_desk.tui.commands import bindings
from rlm_desk.tui.lanes import Lane, Lanes
from rlm_desk.tui.widgets.recursion import RecursionTree
from rlm_desk.tui.widgets.rows import fitted

GUTTER = 9
"""Cells at the left for the lane's name."""
TICK = 12
"""Cells between two times on the axis."""
CLOSEST = 0.02
"""Seconds that are shown at least."""
RANK = {"failed": 5, "interrupted": 4, "cancelled": 3, "running code": 2, "asking": 2, "waiting": 1, "done": 0}
"""Which of several nodes in one cell is seen: a failure is never hidden by the rest."""


class Timeline(ScrollView, can_focus=True):
    """Shows the snapshot that a `RecursionTree` holds, and moves its cursor."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        *bindings("timeline"),
        Binding("left,h", "beside(-1)", "Before", show=False),
        Binding("right,l", "beside(1)", "After", show=False),
        Binding("up,k", "lane(-1)", "Lane above", show=False),
        Binding("down,j", "lane(1)", "Lane below", show=False),
        Binding("home", "edge(0)", "First", show=False),
        Binding("enter", "open", "Look into it", show=False),
        Binding("end", "edge(-1)", "Last", show=False),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"timeline--{status.replace(' ', '-')}" for status in wording.GLYPHS),
        "timeline--axis",
        "timeline--chosen",
    }

    DEFAULT_CSS = """
    Timeline { overflow-x: hidden; scrollbar-size-vertical: 1; display: none; }
    Timeline .timeline--waiting { background: $foreground 15%; }
    Timeline .timeline--asking { background: $accent 35%; }
    Timeline .timeline--running-code { background: $primary 35%; }
    Timeline .timeline--done { background: $success 30%; }
    Timeline .timeline--failed { background: $error 40%; text-style: bold; }
    Timeline .timeline--cancelled { background: $warning 30%; }
    Timeline .timeline--interrupted { background: $warning 30%; }
    Timeline .timeline--axis { color: $text-muted; }
    Timeline .timeline--chosen { color: $background; background: $primary; text-style: bold; }
    """

    def __init__(self, tree: RecursionTree, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._tree = tree
        self._lanes = Lanes()
        self._run = ""
        self._now: float | None = None
        self._from: float | None = None
        self._span = 0.0
        """What is shown: seconds since the epoch, and how many of them. None: the whole run."""

    def show(self, now: float | None = None) -> None:
        """Draw what the tree shows. Costs nothing while the tree itself is seen."""
        if not self.display:
            return
        self._now = now
        view = self._tree.view
        if view is None or view.run != self._run or len(view.nodes) < self._placed:
            self._lanes, self._placed, self._from = Lanes(), 0, None
            self._run = view.run if view is not None else ""
        if view is not None:
            self._lanes.take(view.nodes)
            self._placed = len(view.nodes)
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._lanes.rows) + 1)
        self.refresh()

    _placed = 0

    # where things are

    def _window(self) -> tuple[float, float]:
        """First moment shown, and seconds shown."""
        view = self._tree.view
        if view is None or view.started is None:
            return 0.0, 1.0
        whole = max(CLOSEST, view.elapsed(self._now))
        if self._from is None:
            return view.started.at, whole
        return self._from, self._span

    @property
    def _cells(self) -> int:
        return max(1, self.size.width - GUTTER)

    def _end(self, node: NodeView) -> float:
        return node.started + node.seconds(self._now)

    def _chosen(self) -> NodeView | None:
        return self._tree.node(self._tree.chosen)

    # moving

    def choose(self, ident: int) -> None:
        """Put the cursor of tree and timeline on a node, and show it."""
        changed, self._tree.cursor = self._tree.cursor != ident, ident
        if changed:
            self._tree.moved(ident)
        self.follow()

    def follow(self) -> None:
        """Show where the cursor is."""
        node = self._chosen()
        if node is None or node.id not in self._lanes:
            return
        start, span = self._window()
        if self._from is not None and not start <= node.started < start + span:
            self._from = node.started - span / 4
        row = self._lanes.row(node.id)
        # The axis stays above: a row just below it counts as hidden behind it.
        self.scroll_to_region(Region(0, row, 1, 2), animate=False, force=True)
        self.refresh()

    def action_open(self) -> None:
        """Look into the chosen node."""
        if (node := self._chosen()) is not None:
            self.post_message(RecursionTree.Opened(node.id))

    def action_beside(self, by: int) -> None:
        """The node before or after in this lane."""
        node = self._chosen()
        if node is not None and node.id in self._lanes and (other := self._lanes.beside(node.id, by)) is not None:
            self.choose(other)

    def action_lane(self, by: int) -> None:
        """What went on in the lane above or below."""
        node = self._chosen()
        if node is not None and node.id in self._lanes:
            middle = (node.started + self._end(node)) / 2
            if (other := self._lanes.above(node.id, by, middle)) is not None:
                self.choose(other)

    def action_edge(self, which: int) -> None:
        """The first or the last node of this lane."""
        node = self._chosen()
        if node is not None and node.id in self._lanes:
            self.choose(self._lanes.rows[self._lanes.row(node.id)].nodes[which])

    def closer(self, by: int) -> None:
        """Show half the time around the cursor (1), or twice as much (-1); at most the whole run."""
        view = self._tree.view
        if view is None or view.started is None:
            return
        start, span = self._window()
        node = self._chosen()
        middle = start + span / 2
        if node is not None and by > 0:
            middle = (max(node.started, start) + min(self._end(node), start + span)) / 2
        whole = max(CLOSEST, view.elapsed(self._now))
        self._span = max(CLOSEST, span / 2 if by > 0 else span * 2)
        if self._span >= whole:
            self._from = None
        else:
            self._from = min(max(view.started.at, middle - self._span / 2), view.started.at + whole - self._span)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        row = event.y - 1 + round(self.scroll_offset.y)
        if event.y < 1 or not 0 <= row < len(self._lanes.rows) or event.x < GUTTER:
            return
        lane = self._lanes.rows[row]
        found = self._painted(lane)[event.x - GUTTER]
        if found is not None:
            self.choose(found)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseScrollUp | events.MouseScrollDown, by: int) -> None:
        if event.ctrl:
            event.stop()
            event.prevent_default()
            self.closer(by)

    # drawing

    def render_line(self, y: int) -> Strip:
        """The axis, or one lane."""
        width, base = self.size.width, self.rich_style
        if self._tree.view is None:
            text = " Every sub-call over time, once a run goes on." if y == 0 else ""
            return Strip([Segment(text, self.get_component_rich_style("timeline--axis"))]).adjust_cell_length(
                width, base
            )
        row = y - 1 + round(self.scroll_offset.y)
        if y == 0:
            segments = self._axis()
        elif row < len(self._lanes.rows):
            segments = self._lane(self._lanes.rows[row])
        else:
            segments = []
        return Strip(segments).adjust_cell_length(width, base)

    def _axis(self) -> list[Segment]:
        assert self._tree.view is not None
        start, span = self._window()
        view: TreeView = self._tree.view
        zero = view.started.at if view.started else start
        text = " " * GUTTER
        for cell in range(0, self._cells, TICK):
            text += f"╷{wording.duration(start - zero + span * cell / self._cells)}".ljust(TICK)
        return [Segment(text, self.get_component_rich_style("timeline--axis"))]

    def _painted(self, lane: Lane) -> list[int | None]:
        """The node that each cell of a lane shows."""
        assert self._tree.view is not None
        nodes = self._tree.view.nodes
        start, span = self._window()
        count = self._cells
        scale = count / span
        found: list[int | None] = [None] * count
        chosen = self._tree.chosen
        for ident in lane.nodes[lane.first(start) :]:
            node = nodes[ident]
            first = int((node.started - start) * scale)
            if first >= count:
                break
            last = max(first, int((self._end(node) - start) * scale - 1e-9))
            for cell in range(max(0, first), min(count, last + 1)):
                before = found[cell]
                worse = before is None or RANK[node.status] >= RANK[nodes[before].status]
                if ident == chosen or (worse and before != chosen):
                    found[cell] = ident
        return found

    def _lane(self, lane: Lane) -> list[Segment]:
        assert self._tree.view is not None
        nodes = self._tree.view.nodes
        axis = self.get_component_rich_style("timeline--axis")
        segments = [Segment(fitted(f" {lane.name}", GUTTER), axis)]
        painted = self._painted(lane)
        at = 0
        while at < len(painted):
            ident, begun = painted[at], at
            while at < len(painted) and painted[at] == ident:
                at += 1
            if ident is None:
                segments.append(Segment(" " * (at - begun), axis))
            else:
                segments += self._bar(nodes[ident], at - begun)
        return segments

    def _bar(self, node: NodeView, width: int) -> list[Segment]:
        """A node in `width` cells: its sign first, so that neighbours are told apart, and no state is colour alone."""
        chosen = node.id == self._tree.chosen
        name = "chosen" if chosen else node.status.replace(" ", "-")
        style = self.get_component_rich_style(f"timeline--{name}")
        source = node.id in self._tree.sources
        first = Segment("★" if source else wording.GLYPHS[node.status], style + Style(bold=True) if source else style)
        if width == 1:
            return [first]
        text = f" {one_line(node.label or node.role, 80)}"
        rest = fitted(text, width - 1) if width > 4 else " " * (width - 1)
        assert cell_len(rest) == width - 1
        return [first, Segment(rest, style)]
