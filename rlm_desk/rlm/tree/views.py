"""What a run and its nodes looked like at a moment: immutable, cut from the fold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rlm_desk import events as ev

NodeStatus = Literal["waiting", "asking", "running code", "done", "failed", "cancelled", "interrupted"]
"""`interrupted`: the run's events end without a word about this node (the app was killed)."""

RunState = Literal["waiting", "running", "answered", "best_effort", "failed", "cancelled", "interrupted"]
"""`waiting`: no event yet. `interrupted`: the events end, the run did not."""

OVER: frozenset[NodeStatus] = frozenset({"done", "failed", "cancelled", "interrupted"})


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens as the engine counted them. `cached` is the part of `prompt` that did not have to be computed."""

    prompt: int = 0
    cached: int = 0
    completion: int = 0

    @property
    def processed(self) -> int:
        """What was computed, and what the budget counts."""
        return self.prompt - self.cached + self.completion

    def __add__(self, other: "Tokens | ev.TokenUsage") -> "Tokens":
        return Tokens(self.prompt + other.prompt, self.cached + other.cached, self.completion + other.completion)


NONE_YET = Tokens()
"""What a node has used when it starts."""


@dataclass(frozen=True, slots=True)
class NodeView:
    """One node as it was when the snapshot was taken. Times are seconds since the epoch."""

    id: int
    parent: int | None
    role: ev.NodeRole
    depth: int
    label: str
    status: NodeStatus
    started: float
    finished: float | None
    turns: int
    """Prompts sent by the node itself."""
    cells: int
    own: Tokens
    """Tokens of the node's own prompts and replies."""
    total: Tokens
    """The same with all descendants."""
    children: tuple[int, ...]
    items: int
    """Calls a batch makes; 0 for other roles."""
    items_done: int
    items_failed: int
    """Calls that failed or were cancelled."""
    missing: int
    """Items without a usable answer, even when asked again."""
    cached: bool
    """Answered from the sub-answer cache."""
    stopped: bool
    """The person stopped it, itself and not only what was above it."""
    how: ev.AnswerHow | None
    error: str
    updated: float
    """When its last event was written."""

    @property
    def over(self) -> bool:
        return self.status in OVER

    def seconds(self, now: float | None = None) -> float:
        """How long it took, or has been taking at `now` (its last event, when not given)."""
        end = self.finished if self.finished is not None else (self.updated if now is None else now)
        return max(0.0, end - self.started)


@dataclass(frozen=True, slots=True)
class Used:
    """What the run drew from its budget so far, in the units of `BudgetLimits`."""

    subcalls: int = 0
    depth: int = 0
    turns: int = 0
    tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class TreeView:
    """A run as it was when the snapshot was taken."""

    run: str
    question: str
    started: ev.RunStarted | None
    """Model, documents, dialect, estimate, limits; None before the first event."""
    raised: ev.BudgetLimits | None
    """The limits, where a person raised them during the run."""
    status: RunState
    nodes: Mapping[int, NodeView]
    changed: frozenset[int]
    """Nodes that differ from this tree's previous snapshot."""
    root: int | None
    total: Tokens
    used: Used
    answer: str
    how: ev.AnswerHow | None
    error: str
    low: tuple[str, ...]
    """Budgets that passed a threshold."""
    spent: tuple[str, ...]
    asked: ev.BudgetAsked | None
    """A budget ran out, and the run rests until the person has said what to do."""
    updated: float
    ended: float | None

    @property
    def limits(self) -> ev.BudgetLimits:
        return self.raised or (self.started.budget if self.started else ev.BudgetLimits())

    @property
    def left(self) -> Used:
        """What the budget still holds, never below zero."""
        limits, used = self.limits, self.used
        return Used(
            max(0, limits.subcalls - used.subcalls),
            max(0, limits.depth - used.depth),
            max(0, limits.turns - used.turns),
            max(0, limits.tokens - used.tokens),
            max(0.0, limits.seconds - used.seconds),
        )

    @property
    def model(self) -> str:
        return self.started.model.name if self.started else ""

    @property
    def demonstration(self) -> bool:
        """The model is a demonstration model, to be labelled so."""
        return bool(self.started and self.started.model.demonstration)

    @property
    def running(self) -> bool:
        return self.status == "running"

    def elapsed(self, now: float | None = None) -> float:
        """Seconds since the run started; at `now` while it runs."""
        if self.started is None or self.ended is not None or now is None:
            return self.used.seconds
        return max(0.0, now - self.started.at)
