"""Which lane of a timeline a node lies in: as plain numbers, no widget in here.

Roots, children and batches lie by their depth, sub-calls below them, as many lanes as ran at once. A node takes the
first lane of its kind that is free when it begins, whenever one looks: live and replay give the same.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

from rlm_desk.rlm.tree import NodeView


@dataclass(slots=True)
class Lane:
    """Nodes that followed one another."""

    name: str
    kind: tuple[int, int, int]
    """Sub-calls last; then the depth; then batches below the node that asked."""
    nodes: list[int] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)

    def first(self, moment: float) -> int:
        """Index of the node that lies at a moment, or of the next one."""
        return max(0, bisect_right(self.starts, moment) - 1)


class Lanes:
    """Takes the nodes of growing snapshots of one run."""

    def __init__(self) -> None:
        self._lanes: list[Lane] = []
        self._of: dict[int, Lane] = {}
        self.rows: list[Lane] = []
        """From the top."""

    def __contains__(self, node: int) -> bool:
        return node in self._of

    def take(self, nodes: Mapping[int, NodeView]) -> None:
        """Place nodes that are new. They began after all that are placed, as their numbers do."""
        count = len(self._lanes)
        for ident in range(len(self._of), len(nodes)):
            node = nodes[ident]
            lane = self._free(node, nodes)
            lane.nodes.append(ident)
            # A clock that was set back must not put a node before the one it follows.
            lane.starts.append(max(node.started, lane.starts[-1]) if lane.starts else node.started)
            self._of[ident] = lane
        if len(self._lanes) != count:
            self.rows = sorted(self._lanes, key=lambda lane: lane.kind)  # stable: lanes of a kind as they came
            self._name()

    def row(self, node: int) -> int:
        """The row of a node, from 0."""
        return self.rows.index(self._of[node])

    def beside(self, node: int, by: int) -> int | None:
        """The node before (-1) or after (1) in the same lane."""
        lane = self._of[node]
        at = lane.nodes.index(node) + by
        return lane.nodes[at] if 0 <= at < len(lane.nodes) else None

    def above(self, node: int, by: int, moment: float) -> int | None:
        """The node at a moment, or the nearest before it, in the lane above (-1) or below (1)."""
        row = self.row(node) + by
        if not 0 <= row < len(self.rows):
            return None
        lane = self.rows[row]
        return lane.nodes[lane.first(moment)]

    def _free(self, node: NodeView, nodes: Mapping[int, NodeView]) -> Lane:
        call = node.role == "call"
        kind = (1, 0, 0) if call else (0, node.depth, int(node.role == "batch"))
        for lane in self._lanes:
            if lane.kind == kind:
                last = nodes[lane.nodes[-1]]
                if (last.finished if last.finished is not None else inf) <= node.started:
                    return lane
        made = Lane("", kind)
        self._lanes.append(made)
        return made

    def _name(self) -> None:
        slots = 0
        for lane in self.rows:
            slots += lane.kind[0]
            lane.name = f"slot {slots}" if lane.kind[0] else "batches" if lane.kind[2] else f"depth {lane.kind[1]}"
