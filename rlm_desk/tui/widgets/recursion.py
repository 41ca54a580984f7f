"""The live recursion tree. Rows are drawn from the run's snapshot; only visible ones cost anything."""

from collections.abc import Hashable
from dataclasses import dataclass
from itertools import groupby
from textwrap import wrap
from typing import ClassVar, Literal, cast

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding
from textual.message import Message
from textual.strip import Strip

from rlm_desk.clean import one_line
from rlm_desk.rlm.tree import NodeView, TreeView
from rlm_desk.tui import wording
from rlm_desk.tui.commands import bindings
from rlm_desk.tui.widgets.rows import Rows, fitted

TEACH = (
    "The recursion tree grows here.\n"
    "The model writes code that cuts the documents up and asks itself about the pieces. "
    "A batch of such sub-calls is one line: Space unfolds it. "
    "Choosing a line shows its prompt, code, output and reply in the inspector."
)


Jump = Literal["failed", "slowest", "answer"]


class RecursionTree(Rows):
    """Shows a `TreeView`. Root and children are unfolded, batches folded, until a person says otherwise."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        *bindings("tree"),
        Binding("left", "out", "Fold or go to the parent", show=False),
        Binding("right", "into", "Unfold or go to the first child", show=False),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"recursion--{status.replace(' ', '-')}" for status in wording.GLYPHS),
        "recursion--label",
        "recursion--figure",
        "recursion--guide",
        "recursion--role",
        "recursion--teach",
        "recursion--source",
    }

    DEFAULT_CSS = """
    RecursionTree .recursion--waiting { color: $text-muted; }
    RecursionTree .recursion--asking { color: $accent; }
    RecursionTree .recursion--running-code { color: $primary; }
    RecursionTree .recursion--done { color: $success; }
    RecursionTree .recursion--failed { color: $error; text-style: bold; }
    RecursionTree .recursion--cancelled { color: $warning; }
    RecursionTree .recursion--interrupted { color: $warning; }
    RecursionTree .recursion--role { color: $text-muted; }
    RecursionTree .recursion--figure { color: $text-muted; }
    RecursionTree .recursion--guide { color: $foreground 25%; }
    RecursionTree .recursion--teach { color: $text-muted; }
    RecursionTree .recursion--source { color: $warning; text-style: bold; }
    """

    @dataclass
    class Chosen(Message):
        """The cursor is on another node."""

        node: int

    @dataclass
    class Opened(Message):
        """A node with nothing below it is to be looked into."""

        node: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.view: TreeView | None = None
        self.sources: frozenset[int] = frozenset()
        """Nodes that the answer stands on: marked, and what `jump("answer")` goes to."""
        self._turned: set[int] = set()
        """Nodes a person folded or unfolded against the default."""
        self._guides: list[str] = []
        """What stands before each row: lines that lead to its parent."""
        self._now: float | None = None

    @property
    def chosen(self) -> int | None:
        """The node under the cursor."""
        return cast(int | None, self.cursor)

    def show(self, view: TreeView | None, now: float | None = None) -> None:
        """Draw another snapshot; a snapshot of another run starts anew. `now` lets clocks of open nodes run."""
        before, self.view, self._now = self.view, view, now
        another = view is None or before is None or before.run != view.run
        if another:
            self._turned.clear()
            self.cursor = None
            self.sources = frozenset()
            self.scroll_home(animate=False)
        seen = self._seen()
        if another or (before and view and len(before.nodes) != len(view.nodes)):
            self._place_rows()
        if view is not None and view.root is not None and self.node(self.chosen) is None:
            self.choose(view.root)  # a new run, or the chosen node has not begun yet at this moment of a replay
        if before is None or view is None or another or seen != self._seen():
            self.refresh()
        else:
            self.refresh_rows(self._stirred(before, view))

    def _seen(self) -> list[tuple[Hashable, str]]:
        """What the visible lines stand for and where they hang."""
        return [(self.keys[row], self._guides[row]) for row in self.in_sight()]

    def _stirred(self, before: TreeView, view: TreeView) -> list[int]:
        """The visible rows whose node is another one than before, or whose clock goes on."""
        stirred: list[int] = []
        for row in self.in_sight():
            ident = cast(int, self.keys[row])
            node = view.nodes[ident]
            if not node.over or node is not before.nodes.get(ident):
                stirred.append(row)
        return stirred

    def mark(self, sources: frozenset[int]) -> None:
        """Mark the nodes that the answer stands on."""
        self.sources = sources
        self.refresh()

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
        self.choose(ident)

    def fold(self, ident: int | None = None) -> None:
        """Fold or unfold a node (the chosen one); one with nothing below it is opened."""
        node = self.node(self.chosen if ident is None else ident)
        if node is not None and not node.children:
            self.post_message(self.Opened(node.id))
        elif node is not None:
            self._turned ^= {node.id}
            self._layout_rows()
            if self.row(self.cursor) is None:
                self.choose(node.id)

    def jump(self, to: Jump) -> bool:
        """Go to the next failed node, the slowest sub-call, or what the answer stands on. False when there is none."""
        if self.view is None:
            return False
        nodes = self.view.nodes
        found: list[int] = []
        if to == "slowest":
            leaves = [n for n in nodes.values() if n.role in ("call", "child")]
            found = [max(leaves, key=lambda n: n.seconds(self._now)).id] if leaves else []
        else:
            wanted = self.sources if to == "answer" else [n.id for n in nodes.values() if n.status == "failed"]
            every = sorted(i for i in wanted if i in nodes)
            found = [i for i in every if self.chosen is None or i > self.chosen][:1] or every[:1]
        if found:
            self.reveal(found[0])
        return bool(found)

    def _layout_rows(self) -> None:
        self._place_rows()
        self.refresh()

    def _place_rows(self) -> None:
        """A row for every node that is not folded away."""
        rows: list[int] = []
        guides: list[str] = []
        if self.view is not None and self.view.root is not None:
            nodes = self.view.nodes
            stack = [(self.view.root, "", "")]
            while stack:
                ident, before, below = stack.pop()
                rows.append(ident)
                guides.append(before)
                node = nodes[ident]
                if not node.children or not self.is_open(node):
                    continue
                middle, last = below + "├ ", below + "└ "
                if not any(nodes[child].children for child in node.children):
                    # Nearly all nodes of a large run are calls of a batch: in one go.
                    rows += node.children
                    guides += [middle] * (len(node.children) - 1) + [last]
                    continue
                stack.append((node.children[-1], last, below + "  "))
                stack += [(child, middle, below + "│ ") for child in node.children[-2::-1]]
        self._guides = guides
        self.place(rows)

    def moved(self, key: Hashable) -> None:
        self.post_message(self.Chosen(cast(int, key)))

    def pressed(self, row: int, x: int, twice: bool) -> None:
        start = len(self._guides[row])
        if x in (start, start + 1) or twice:
            self.fold(cast(int, self.keys[row]))

    def action_out(self) -> None:
        """Fold the node, or go to its parent."""
        node = self.node(self.chosen)
        if node is None:
            return
        if self.is_open(node):
            self.fold()
        elif node.parent is not None:
            self.choose(node.parent)

    def action_into(self) -> None:
        """Unfold the node, or go to its first child."""
        node = self.node(self.chosen)
        if node is not None and node.children:
            if self.is_open(node):
                self.choose(node.children[0])
            else:
                self.fold()

    def render_line(self, y: int) -> Strip:
        """One visible row; before a run, what will be here."""
        if self.view is not None:
            return super().render_line(y)
        width = self.size.width
        lines = [line for part in TEACH.split("\n") for line in [*wrap(part, max(10, width - 2)), ""]]
        text = lines[y] if y < len(lines) else ""
        style = self.get_component_rich_style("recursion--teach")
        return Strip([Segment(f" {text}", style)]).adjust_cell_length(width, self.rich_style)

    def paint(self, row: int, width: int) -> list[Segment]:
        """A node: where it hangs, its state, what it is about, how far a batch is, and its figures."""
        assert self.view is not None
        node = self.view.nodes[cast(int, self.keys[row])]
        component = self.get_component_rich_style
        state = component(f"recursion--{node.status.replace(' ', '-')}")
        figure = component("recursion--figure")
        left = self._guides[row]
        fold = "  " if not node.children else ("▾ " if self.is_open(node) else "▸ ")
        role = "" if node.role == "call" else f"{wording.ROLES[node.role]} "
        mark = "★ " if node.id in self.sources else ""
        right = self._figures(node, width)
        room = width - cell_len(left + fold + role + mark + right) - 2
        progress = self._progress(node, room) if node.role == "batch" else []
        room -= sum(cell_len(segment.text) for segment in progress)
        return [
            Segment(left, component("recursion--guide")),
            Segment(fold, figure),
            Segment(f"{wording.GLYPHS[node.status]} ", state),
            Segment(mark, component("recursion--source")),
            Segment(role, component("recursion--role")),
            Segment(fitted(one_line(node.label or "…"), room), component("recursion--label")),
            *progress,
            Segment(right, figure),
        ]

    def _progress(self, node: NodeView, room: int) -> list[Segment]:
        """A batch's count and the states of its items."""
        assert self.view is not None
        component = self.get_component_rich_style
        ended = 0 if node.status in ("cancelled", "interrupted") else node.items_failed  # those were not answered
        done = node.items_done + ended
        segments = [Segment(f" {done:,}/{node.items:,}", component("recursion--figure"))]
        cells = min(24, room // 3) if room >= 24 else 0
        if cells:
            children = [self.view.nodes[child] for child in node.children]
            segments.append(Segment(" ", component("recursion--figure")))
            for status, run in groupby(wording.strip(children, node.items, cells)):
                style = component(f"recursion--{status.replace(' ', '-')}")
                segments.append(Segment(wording.STRIP[status] * len(list(run)), style))
        return segments

    def _figures(self, node: NodeView, width: int) -> str:
        """The columns at the right: state in a word, depth, tokens, time; fewer where the pane is narrow."""
        parts = [f"{wording.duration(node.seconds(self._now)):>6} "]
        if width >= 50:
            parts.insert(0, f"{wording.count(node.total.processed):>6} tok")
        if width >= 90:
            parts.insert(0, f" depth {node.depth}")
        if width >= 64:
            word = "cached" if node.cached and node.status == "done" else wording.WORDS[node.status]
            parts.insert(0, f" {word:<7}")
        return "".join(parts)
