"""How far the sub-calls of a run are, and how long the others will take."""

from collections.abc import Sequence

from rlm_desk.rlm.tree import NodeView, TreeView
from rlm_desk.tui.wording import duration

PACE_ITEMS = 4
"""Calls of a batch that have to be done before its pace says how long the others take."""


def batches(view: TreeView) -> list[NodeView]:
    """The open batches, and those that were at work beside them; none where no batch is open."""
    every = [node for node in view.nodes.values() if node.role == "batch"]
    since = min((node.started for node in every if not node.over), default=None)
    if since is None:
        return []
    return [node for node in every if not node.over or (node.finished or 0.0) > since]


def done(some: Sequence[NodeView]) -> int:
    """Calls that are over."""
    return sum(batch.items_done + batch.items_failed for batch in some)


def left(view: TreeView, elapsed: float, now: float) -> str:
    """How long still: by the pace of the open batches once they have one, else by what the whole run was expected."""
    if not view.running:
        return ""
    together = batches(view)
    over, items = done(together), sum(batch.items for batch in together)
    if PACE_ITEMS <= over < items:
        kept = sum(view.nodes[child].cached for batch in together for child in batch.children)
        worked = over - kept  # what was kept took no time
        spent = now - min(batch.started for batch in together)
        return f", {duration(spent * (items - over) / worked)} left" if worked >= PACE_ITEMS else ""
    expected = view.started.estimate_seconds if view.started else 0.0
    return f" of about {duration(expected)}" if expected > elapsed else ""
