"""The live recursion tree. Rows are drawn from the run's snapshot; only visible ones cost anything."""

from dataclasses import dataclass
from textwrap import wrap
from typing import ClassVar, Literal

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from rlm_desk.clean import one_line
from rlm_desk.rlm.tree import NodeView, TreeView
from rlm_desk.tui import wording
from rlm_desk.tui.commands import bindings

TEACH = (
    "The recursion tree grows here.\n"
    "The model writes code that cuts the documents up and asks itself about the pieces. "
    "A batch of such sub-calls is one line: Space unfolds it. "
    "Choosing a line shows its prompt, code, output and reply in the inspector."
)


class RecursionTree(ScrollView, can_focus=True):
    """Shows a `TreeView`. Root and children are unfolded, batches folded, until a person says otherwise."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        *bindings("tree"),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "move(-1000000)", "First", show=False),
        Binding("end", "move(1000000)", "Last", show=False),
        Binding("left", "out", "Fold or go to the parent", show=False),
        Binding("right", "into", "Unfold or go to the first child", show=False),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"recursion--{status.replace(' ', '-')}" for status in wording.GLYPHS),
        "recursion--label",
        "recursion--figure",
        "recursion--cursor",
        "recursion--role",
        "recursion--teach",
    }

    DEFAULT_CSS = """
    RecursionTree { overflow-x: hidden; scrollbar-size-vertical: 1; }
    RecursionTree .recursion--waiting { color: $text-muted; }
    RecursionTree .recursion--asking { color: $accent; }
    RecursionTree .recursion--running-code { color: $primary; }
    RecursionTree .recursion--done { color: $success; }
    RecursionTree .recursion--failed { color: $error; text-style: bold; }
    RecursionTree .recursion--cancelled { color: $warning; }
    RecursionTree .recursion--interrupted { color: $warning; }
    RecursionTree .recursion--role { color: $text-muted; }
    RecursionTree .recursion--figure { color: $text-muted; }
    RecursionTree .recursion--teach { color: $text-muted; }
    RecursionTree .recursion--cursor { background: $panel-lighten-1; text-style: bold; }
    RecursionTree:focus .recursion--cursor { background: $primary 40%; text-style: bold; }
    """

    @dataclass
    class Chosen(Message):
        """The cursor is on another node."""

        node: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.view: TreeView | None = None
        self.chosen: int | None = None
        """The node under the cursor."""
        self._turned: set[int] = set()
        """Nodes a person folded or unfolded against the default."""
        self._rows: list[tuple[int, int]] = []
        """(node, level) of every row, visible or scrolled away."""
        self._row_of: dict[int, int] = {}
        self._now: float | None = None

    def show(self, view: TreeView | None, now: float | None = None) -> None:
        """Draw another snapshot; a snapshot of another run starts anew. `now` lets clocks of open nodes run."""
        before, self.view, self._now = self.view, view, now
        if view is None or before is None or before.run != view.run:
            self._turned.clear()
            self.chosen = None
            self.scroll_home(animate=False)
        if view is None or before is None or before.run != view.run or len(before.nodes) != len(view.nodes):
            self._layout_rows()
        if self.chosen is None and view is not None and view.root is not None:
            self._choose(view.root)
        if before is None or view is None:
            self.refresh()
        elif (rows := min(len(self._rows), self.size.height)) > 0:
            self.refresh(Region(0, 0, self.size.width, rows))

    def node(self, ident: int | None) -> NodeView | None:
        """A node of the snapshot, by id."""
        return None if self.view is None or ident is None else self.view.nodes.get(ident)

    def is_open(self, node: NodeView) -> bool:
        return bool(node.children) and (node.role != "batch") != (node.id in self._turned)

    def reveal(self, ident: int) -> None:
        """Unfold what hides a node and put the cursor on it."""
        node = self.node(ident)
        at = self.node(node.parent) if node else None
        while at is not None:
            if not self.is_open(at):
                self._turned ^= {at.id}
            at = self.node(at.parent)
        self._layout_rows()
        self._choose(ident)

    def fold(self, ident: int | None = None) -> None:
        """Fold or unfold a node (the chosen one)."""
        node = self.node(self.chosen if ident is None else ident)
        if node is not None and node.children:
            self._turned ^= {node.id}
            self._layout_rows()
            if self.chosen not in self._row_of:
                self._choose(node.id)
            self.refresh()

    def jump(self, to: Literal["failed", "slowest"]) -> bool:
        """Go to the next failed node, or to the sub-call or child that took longest. False when there is none."""
        if self.view is None:
            return False
        nodes = self.view.nodes
        if to == "failed":
            failed = sorted(n.id for n in nodes.values() if n.status == "failed")
            after = [i for i in failed if self.chosen is None or i > self.chosen]
            found = (after or failed)[:1]
        else:
            leaves = [n for n in nodes.values() if n.role in ("call", "child")]
            found = [max(leaves, key=lambda n: n.seconds(self._now)).id] if leaves else []
        if found:
            self.reveal(found[0])
        return bool(found)

    def _layout_rows(self) -> None:
        rows: list[tuple[int, int]] = []
        if self.view is not None and self.view.root is not None:
            stack = [(self.view.root, 0)]
            while stack:
                ident, level = stack.pop()
                rows.append((ident, level))
                node = self.view.nodes[ident]
                if self.is_open(node):
                    stack += [(child, level + 1) for child in reversed(node.children)]
        self._rows = rows
        self._row_of = {ident: row for row, (ident, _) in enumerate(rows)}
        self.virtual_size = Size(self.size.width, len(rows))
        self.refresh()

    def _choose(self, ident: int) -> None:
        changed, self.chosen = self.chosen != ident, ident
        row = self._row_of.get(ident, 0)
        self.scroll_to_region(Region(0, row, 1, 1), animate=False, force=True)
        self.refresh()
        if changed:
            self.post_message(self.Chosen(ident))

    def action_move(self, by: int) -> None:
        """Move the cursor by rows."""
        if self._rows:
            row = self._row_of.get(self.chosen if self.chosen is not None else -1, 0)
            self._choose(self._rows[max(0, min(len(self._rows) - 1, row + by))][0])

    def action_page(self, way: int) -> None:
        """Move the cursor by what fits the screen."""
        self.action_move(way * max(1, self.size.height - 1))

    def action_out(self) -> None:
        """Fold the node, or go to its parent."""
        node = self.node(self.chosen)
        if node is None:
            return
        if self.is_open(node):
            self.fold()
        elif node.parent is not None:
            self._choose(node.parent)

    def action_into(self) -> None:
        """Unfold the node, or go to its first child."""
        node = self.node(self.chosen)
        if node is not None and node.children:
            if self.is_open(node):
                self._choose(node.children[0])
            else:
                self.fold()

    def on_click(self, event: events.Click) -> None:
        row = event.y + round(self.scroll_offset.y)
        if row < len(self._rows):
            ident, level = self._rows[row]
            self._choose(ident)
            if event.x in (level * 2, level * 2 + 1) or event.chain == 2:
                self.fold(ident)

    def on_resize(self, event: events.Resize) -> None:
        self._layout_rows()

    def render_line(self, y: int) -> Strip:
        """One visible row."""
        row = y + round(self.scroll_offset.y)
        width = self.size.width
        if self.view is None or not self._rows:
            lines = [line for part in TEACH.split("\n") for line in [*wrap(part, max(10, width - 2)), ""]]
            text = lines[row] if self.view is None and row < len(lines) else ""
            style = self.get_component_rich_style("recursion--teach")
            return Strip([Segment(f" {text}", style)]).adjust_cell_length(width, self.rich_style)
        if row >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        ident, level = self._rows[row]
        node = self.view.nodes[ident]
        strip = Strip(self._segments(node, level, width)).adjust_cell_length(width, self.rich_style)
        if ident == self.chosen:
            # Over the segments' own styles: their background would win otherwise.
            strip = Strip(Segment.apply_style(strip, post_style=self._cursor_style()), width)
        return strip

    def _cursor_style(self) -> Style:
        style = self.get_component_rich_style("recursion--cursor")
        return Style(bgcolor=style.bgcolor, bold=style.bold)

    def _segments(self, node: NodeView, level: int, width: int) -> list[Segment]:
        component = self.get_component_rich_style
        state = component(f"recursion--{node.status.replace(' ', '-')}")
        figure = component("recursion--figure")
        right = self._figures(node, width)
        fold = "  " if not node.children else ("▾ " if self.is_open(node) else "▸ ")
        left = "  " * level + fold
        role = "" if node.role == "call" else f"{wording.ROLES[node.role]} "
        room = width - cell_len(left) - 2 - cell_len(role) - cell_len(right)
        progress = ""
        if node.role == "batch":
            done = node.items_done + node.items_failed
            progress = f" {done}/{node.items}"
            cells = min(20, room // 3) if room >= 24 else 0
            if cells and self.view is not None:
                children = [self.view.nodes[child] for child in node.children]
                progress += f" {wording.strip(children, node.items, cells)}"
            room -= cell_len(progress)
        label = one_line(node.label or "…")
        if cell_len(label) > room:
            label = set_cell_size(label, max(0, room - 1)) + ("…" if room > 0 else "")
        return [
            Segment(left, figure),
            Segment(f"{wording.GLYPHS[node.status]} ", state),
            Segment(role, component("recursion--role")),
            Segment(set_cell_size(label, max(0, room)), component("recursion--label")),
            Segment(progress, state),
            Segment(right, figure),
        ]

    def _figures(self, node: NodeView, width: int) -> str:
        """The columns at the right: state in a word, depth, tokens, time; fewer where the pane is narrow."""
        parts = [f"{wording.duration(node.seconds(self._now)):>6} "]
        if width >= 34:
            parts.insert(0, f"{wording.count(node.total.processed):>6} tok")
        if width >= 64:
            parts.insert(0, f" depth {node.depth}")
        if width >= 56:
            word = "cached" if node.cached and node.status == "done" else wording.WORDS[node.status]
            parts.insert(0, f" {word:<7}")
        return "".join(parts)
