"""The fold: events in, views out."""

from dataclasses import dataclass, field
from types import MappingProxyType

from rlm_desk import events as ev
from rlm_desk.rlm.tree.detail import CorpusText, NodeDetail, detail
from rlm_desk.rlm.tree.views import NONE_YET, OVER, NodeStatus, NodeView, RunState, Tokens, TreeView, Used


@dataclass(slots=True)
class _Node:
    """A node being folded. Views are cut from it."""

    start: ev.NodeStarted
    status: NodeStatus = "waiting"
    finished: float | None = None
    updated: float = 0.0
    turns: int = 0
    cells: int = 0
    own: Tokens = NONE_YET
    total: Tokens = NONE_YET
    children: list[int] = field(default_factory=list)
    items_done: int = 0
    items_failed: int = 0
    missing: int = 0
    cached: bool = False
    stopped: bool = False
    how: ev.AnswerHow | None = None
    error: str = ""
    events: list[ev.Event] = field(default_factory=list)
    partial: ev.PartialReply | None = None

    def view(self, before: NodeView | None) -> NodeView:
        s = self.start
        # The tuple of a large batch is built again only when a child came.
        same = before is not None and len(before.children) == len(self.children)
        return NodeView(
            id=s.node,
            parent=s.parent,
            role=s.role,
            depth=s.depth,
            label=s.label,
            status=self.status,
            started=s.at,
            finished=self.finished,
            turns=self.turns,
            cells=self.cells,
            own=self.own,
            total=self.total,
            children=before.children if before is not None and same else tuple(self.children),
            items=max(s.items, len(self.children)) if s.role == "batch" else 0,
            items_done=self.items_done,
            items_failed=self.items_failed,
            missing=self.missing,
            cached=self.cached,
            stopped=self.stopped,
            how=self.how,
            error=self.error,
            updated=self.updated,
        )


class Tree:
    """Folds the events of one run, in order."""

    def __init__(self) -> None:
        self._texts: dict[ev.Hash, str] = {}
        self._nodes: dict[int, _Node] = {}
        self._views: dict[int, NodeView] = {}
        self._changed: set[int] = set()
        self._started: ev.RunStarted | None = None
        self._finished: ev.RunFinished | None = None
        self._interrupted = False
        self._root: int | None = None
        self._total = Tokens()
        self._subcalls = 0
        self._depth = 0
        self._how: ev.AnswerHow | None = None
        self._answer: ev.Hash | None = None
        self._limits: ev.BudgetLimits | None = None
        self._low: list[str] = []
        self._spent: list[str] = []
        self._asked: ev.BudgetAsked | None = None
        self._updated = 0.0
        self._restarts: list[tuple[float, str]] = []

    def apply(self, recorded: ev.Recorded) -> None:
        """Take the next event. Events about a node that was never started are ignored."""
        self._texts.update(recorded.texts)
        event = recorded.event
        self._updated = event.at
        match event:
            case ev.RunStarted():
                self._started = event
            case ev.RunFinished():
                self._finish(event)
            case ev.NodeStarted():
                self._start(event)
            case ev.BudgetLow():
                self._low.append(event.what)
            case ev.BudgetRaised():
                self._limits = event.budget
                self._low.clear()
                self._asked = None
            case ev.BudgetAsked():
                self._asked = event
            case ev.BudgetSpent():
                self._spent.append(event.what)
                self._asked = None
            case ev.EngineRestarted():
                self._restarts.append((event.at, event.reason))
            case _:
                node = self._nodes.get(event.node)
                if node is not None:
                    self._touch(node, event.at)
                    self._step(node, event)

    def interrupt(self) -> None:
        """The events end here although the run did not finish: it was killed."""
        if self._finished is None:
            self._interrupted = True
            self._close("interrupted")

    def snapshot(self) -> TreeView:
        """The run now. Nodes that did not change are the same objects as in the last snapshot."""
        for ident in self._changed:
            self._views[ident] = self._nodes[ident].view(self._views.get(ident))
        changed, self._changed = frozenset(self._changed), set()
        started, finished = self._started, self._finished
        end = finished.at if finished else self._updated
        root = self._nodes[self._root] if self._root is not None else None
        seconds = finished.seconds if finished else max(0.0, end - started.at) if started else 0.0
        answer = finished.answer if finished and finished.answer else self._answer
        how = self._how
        if finished and finished.answer and finished.status == "best_effort" and how not in ("forced", "best_effort"):
            how = "best_effort"
        return TreeView(
            run=started.run if started else "",
            question=self.text(started.question) if started else "",
            started=started,
            raised=self._limits,
            status=self._state(),
            # A copy of a dict of 5,000 entries takes tens of microseconds; the views themselves are shared.
            nodes=MappingProxyType(self._views.copy()),
            changed=changed,
            root=self._root,
            total=self._total,
            used=Used(self._subcalls, self._depth, root.turns if root else 0, self._total.processed, seconds),
            answer=self.text(answer) if answer else "",
            how=how,
            error=finished.error if finished else "",
            low=tuple(dict.fromkeys(self._low)),
            spent=tuple(dict.fromkeys(self._spent)),
            asked=self._asked,
            updated=self._updated,
            ended=end if finished or self._interrupted else None,
        )

    def text(self, key: ev.Hash) -> str:
        """A text the run cites, or a note that it is gone (its document was purged)."""
        return self._texts.get(key, "[this text was removed]")

    def detail(self, node: int, corpus_text: CorpusText | None = None) -> NodeDetail:
        """All that happened at a node. Pieces of the corpus come from `corpus_text`; without it, their offsets.

        Raises:
            KeyError: the run has no such node.
        """
        at = self._nodes[node]
        restarts = [reason for when, reason in self._restarts if self._alive(at, when)]
        return detail(at.view(None), at.events, at.partial, restarts, self.text, corpus_text)

    def _start(self, event: ev.NodeStarted) -> None:
        self._nodes[event.node] = _Node(event, updated=event.at)
        self._changed.add(event.node)
        self._depth = max(self._depth, event.depth)
        parent = self._nodes.get(event.parent) if event.parent is not None else None
        if parent is not None:
            parent.children.append(event.node)
            self._touch(parent, event.at)
        elif self._root is None:
            self._root = event.node

    def _step(self, node: _Node, event: ev.Event) -> None:
        match event:
            case ev.PartialReply():
                # Each replaces the last, so it is not kept among the events.
                node.partial = event
                return
            case ev.Asked():
                node.turns += 1
                node.status = "asking"
                self._subcalls += node.start.role == "call"
                self._begin_batch(node, event.at)
            case ev.Replied():
                node.partial = None
                node.status = "waiting" if node.start.role in ("root", "child") else node.status
                node.cached = event.cached
                if not event.cached:
                    self._spend(node, event)
            case ev.CellStarted():
                node.cells += 1
                node.status = "running code"
            case ev.CellFinished():
                node.status = "waiting"
            case ev.Missing():
                node.missing = len(event.items)
            case ev.Answered():
                node.how = event.how
                if node.start.node == self._root:
                    self._how, self._answer = event.how, event.text
            case ev.NodeStopped():
                node.stopped = True
            case ev.NodeFinished():
                self._end(node, event.status, event.at, event.error)
            case _:
                pass
        node.events.append(event)

    def _begin_batch(self, call: _Node, at: float) -> None:
        """The first of its calls is asked."""
        parent = self._nodes.get(call.start.parent) if call.start.parent is not None else None
        if parent is not None and parent.start.role == "batch" and parent.status == "waiting":
            parent.status = "asking"
            self._touch(parent, at)

    def _spend(self, node: _Node, event: ev.Replied) -> None:
        node.own += event.usage
        self._total += event.usage
        at: _Node | None = node
        while at is not None:
            at.total += event.usage
            self._touch(at, event.at)
            at = self._nodes.get(at.start.parent) if at.start.parent is not None else None

    def _end(self, node: _Node, status: NodeStatus, at: float, error: str = "") -> None:
        node.status, node.finished, node.error = status, at, error
        parent = self._nodes.get(node.start.parent) if node.start.parent is not None else None
        if parent is not None and parent.start.role == "batch":
            parent.items_done += status == "done"
            parent.items_failed += status != "done"
            self._touch(parent, at)

    def _finish(self, event: ev.RunFinished) -> None:
        self._finished = event
        self._asked = None
        self._close("cancelled" if event.status == "cancelled" else "interrupted")

    def _close(self, status: NodeStatus) -> None:
        for node in self._nodes.values():
            if node.status not in OVER:
                self._end(node, status, self._updated)
                self._changed.add(node.start.node)

    def _touch(self, node: _Node, at: float) -> None:
        node.updated = at
        self._changed.add(node.start.node)

    def _alive(self, node: _Node, when: float) -> bool:
        return node.start.at <= when and (node.finished is None or when <= node.finished)

    def _state(self) -> RunState:
        if self._finished is not None:
            return self._finished.status
        if self._interrupted:
            return "interrupted"
        return "running" if self._started is not None else "waiting"
