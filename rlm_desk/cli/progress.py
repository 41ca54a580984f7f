"""How a run shows itself on the command line: live on a terminal, append-only, or as JSON lines."""

import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, TextIO

from rlm_desk import events
from rlm_desk.clean import clean, one_line, plural
from rlm_desk.confine.host import network
from rlm_desk.errors import allowed
from rlm_desk.events import Recorded
from rlm_desk.rlm.tree import NodeView, Tree, TreeView

if TYPE_CHECKING:
    from rich.text import Text

EVERY_SECONDS = 2.0
"""How often a batch under way is reported in append-only progress."""


class Progress(Protocol):
    """One way of showing a run. Progress goes to standard error; answers go to standard output."""

    def event(self, recorded: Recorded) -> None:
        """A committed event."""
        ...

    def close(self) -> None:
        """The run is over."""
        ...


class JsonProgress:
    """Every event with its new texts, one JSON object a line, on standard output."""

    def event(self, recorded: Recorded) -> None:
        """Write the line at once."""
        sys.stdout.write(recorded.model_dump_json() + "\n")
        sys.stdout.flush()

    def close(self) -> None:
        """Nothing is left to write."""


class PlainProgress:
    """A line when something begins or ends, and every two seconds for a batch under way."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._tree = Tree()
        self._said = 0.0
        self._started = time.monotonic()

    def event(self, recorded: Recorded) -> None:
        """Say what happened, if it is worth a line."""
        self._tree.apply(recorded)
        event = recorded.event
        if isinstance(event, events.CellStarted):
            self._say(self._depth(event.node), f"runs code:\n{self._tree.text(event.code)}")
        elif isinstance(event, events.CellFinished):
            output = clean(self._tree.text(event.output)).strip()
            if output:
                self._say(self._depth(event.node), f"printed: {output}")
        elif isinstance(event, events.NodeStarted) and event.role == "batch":
            self._say(event.depth, f"{plural(event.items, 'sub-call')}: {event.label}")
        elif isinstance(event, events.NodeStarted) and event.role in ("root", "child"):
            self._say(event.depth, f"{event.role}: {event.label}")
        elif isinstance(event, events.NodeFinished):
            self._finished(event)
        elif isinstance(event, events.Nudged):
            self._say(self._depth(event.node), f"asked again: {event.reason}")
        elif isinstance(event, events.NodeStopped):
            self._say(self._depth(event.node), "the person stopped this; the run goes on without its answer")
        elif (told := budget_said(event)) is not None:
            self._say(0, told)
        elif isinstance(event, events.EngineRestarted):
            self._say(0, f"the model was loaded again: {event.reason}")

    def close(self) -> None:
        """Nothing to put back."""

    def _finished(self, event: events.NodeFinished) -> None:
        view = self._tree.snapshot()
        node = view.nodes[event.node]
        if node.role == "batch":
            over = f"{batch_count(node)}{'' if node.items_failed else f' {event.status}'}"
            self._say(node.depth, f"{over}, {node.total.processed:,} tokens")
        elif node.role == "call":
            if event.status == "failed":
                self._say(node.depth, f"a sub-call failed: {event.error}")
            self._batch_under_way(view.nodes.get(node.parent if node.parent is not None else -1))
        elif node.role == "child":
            self._say(node.depth, f"child {event.status}{': ' + event.error if event.error else ''}")

    def _batch_under_way(self, batch: NodeView | None) -> None:
        now = time.monotonic()
        if batch is None or now - self._said < EVERY_SECONDS:
            return
        left = eta(batch, time.time())
        self._say(batch.depth, batch_count(batch) + (f", about {left:.0f} s left" if left else ""))

    def _depth(self, node: int) -> int:
        return self._tree.snapshot().nodes[node].depth

    def _say(self, depth: int, text: str) -> None:
        self._said = time.monotonic()
        indent = "  " * depth
        stamp = f"[{time.monotonic() - self._started:6.1f} s] "
        lines = clean(text).splitlines() or [""]
        rest = "\n".join(" " * len(stamp) + indent + "  " + line for line in lines[1:])
        print(stamp + indent + lines[0] + ("\n" + rest if rest else ""), file=self._out, flush=True)


class LiveProgress:
    """The recursion tree, redrawn in place on a terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self._tree = Tree()
        self._live = Live(
            console=Console(stderr=True),
            get_renderable=self._draw,
            refresh_per_second=8,
            transient=False,
            vertical_overflow="crop",
        )
        self._live.start()

    def event(self, recorded: Recorded) -> None:
        """Fold the event; the next redraw shows it."""
        self._tree.apply(recorded)

    def close(self) -> None:
        """Draw the last state and leave it on the terminal."""
        self._live.stop()

    def _draw(self) -> "Text":
        from rich.text import Text

        view = self._tree.snapshot()
        used, limits = view.used, view.limits
        lines = [
            f"{used.subcalls:,}/{limits.subcalls:,} sub-calls · depth {used.depth}/{limits.depth} · "
            f"{used.tokens:,} tokens · {view.elapsed(time.time()):.0f} s{_where(view)}"
        ]
        if view.root is not None:
            self._lines(view.nodes, view.root, lines)
        return Text("\n".join(lines))

    def _lines(self, nodes: Mapping[int, NodeView], number: int, lines: list[str]) -> None:
        node = nodes[number]
        label = one_line(node.label, 60)
        count = f" {batch_count(node)}" if node.role == "batch" else ""
        left = eta(node, time.time()) if node.role == "batch" else 0.0
        more = f" · about {left:.0f} s left" if left else ""
        lines.append(f"{'  ' * node.depth}{MARKS.get(node.status, '?')} {node.role}{count}: {label}{more}")
        if node.role != "batch":
            for child in node.children:
                self._lines(nodes, child, lines)


def _where(view: TreeView) -> str:
    """Where the run's text goes: to a server, or nowhere as far as that is enforced."""
    if view.started is not None and view.started.model.server:
        return f" · sent to {one_line(view.started.model.server)}"
    return " · offline" if network().state == "on" else ""


MARKS = {"waiting": "·", "asking": "…", "running code": ">", "done": "✓", "failed": "✗", "cancelled": "-"}


def budget_said(event: events.Event) -> str | None:
    """A budget's event as a line; None for others."""
    match event:
        case events.BudgetLow():
            return f"budget low: {event.left:,.0f} of {allowed(event.limit, event.what)} left"
        case events.BudgetAsked():
            return f"budget not enough: {allowed(event.limit, event.what)}; the person was asked for more"
        case events.BudgetRaised(budget=raised):
            return f"budget raised: {raised.subcalls:,} sub-calls, {raised.tokens:,} tokens"
        case events.BudgetSpent():
            return f"budget not enough: {allowed(event.limit, event.what)}"
        case _:
            return None


def batch_count(node: NodeView) -> str:
    """`120/285`, with failures and missing answers named."""
    failed = f", {node.items_failed} failed" if node.items_failed else ""
    missing = f", {node.missing} without an answer" if node.missing else ""
    return f"{node.items_done}/{node.items}{failed}{missing}"


def eta(batch: NodeView, now: float) -> float:
    """Seconds a batch will still take at its pace so far; 0.0 when unknown or over."""
    done = batch.items_done + batch.items_failed
    if not done or batch.over or done >= batch.items:
        return 0.0
    return (now - batch.started) / done * (batch.items - done)


def choose(json: bool, plain: bool) -> Progress:
    """JSON lines where asked for, the live tree on a terminal, else append-only lines."""
    if json:
        return JsonProgress()
    if plain or not sys.stderr.isatty():
        return PlainProgress()
    return LiveProgress()
