"""The recursion tree of a run: a fold over its events into immutable views.

`Tree.apply` costs O(depth) per event; `Tree.snapshot` rebuilds only the nodes that changed since the last one, so a
screen can ask for it every frame. What a node was asked and answered is put together on demand by `Tree.detail`.
Not covered: which pages were read (that is the coverage ledger in `evidence`).
"""

from rlm_desk.rlm.tree.detail import Cell, CorpusText, MessageText, NodeDetail, Prompt, Reply
from rlm_desk.rlm.tree.fold import Tree
from rlm_desk.rlm.tree.views import OVER, NodeStatus, NodeView, RunState, Tokens, TreeView, Used

__all__ = [
    "OVER",
    "Cell",
    "CorpusText",
    "MessageText",
    "NodeDetail",
    "NodeStatus",
    "NodeView",
    "Prompt",
    "Reply",
    "RunState",
    "Tokens",
    "Tree",
    "TreeView",
    "Used",
]
