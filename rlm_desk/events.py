"""The one account of a run: an append-only list of small frozen events.

The tree on the screen, `--json`, the stored history, replay and the coverage ledger are folds over this list.
Token deltas are not events; a partial reply is checkpointed once a second. Text is cited by its sha256 and kept
in an erasable blob table; text that came from the corpus is cited by offsets, so that purging a document takes
its text along.
"""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from rlm_desk.citing import BudgetLimits as BudgetLimits
from rlm_desk.citing import DocumentRef as DocumentRef
from rlm_desk.citing import Frozen as Frozen
from rlm_desk.citing import Hash as Hash
from rlm_desk.citing import MessageRef as MessageRef
from rlm_desk.citing import ModelRef as ModelRef
from rlm_desk.citing import Piece as Piece
from rlm_desk.citing import SkippedRef as SkippedRef
from rlm_desk.citing import TokenUsage as TokenUsage

VERSION = 1


class _Event(Frozen):
    v: Literal[1] = 1
    run: str
    seq: int
    """Position in the run, from 0, without gaps."""
    at: float
    """Seconds since the epoch."""


class RunStarted(_Event):
    kind: Literal["run_started"] = "run_started"
    question: Hash
    documents: tuple[DocumentRef, ...]
    chars: int
    model: ModelRef
    dialect: str
    profile: str
    route: Literal["recursive", "plain"]
    budget: BudgetLimits
    estimate_tokens: int = 0
    estimate_seconds: float = 0.0
    workspace: int = 0
    """The store's number of the workspace it was asked in; 0 for none."""
    told: tuple[str, ...] = ()
    """Earlier runs whose questions and answers it was told."""
    skipped: tuple[SkippedRef, ...] = ()
    """Files beside the documents that nobody can have read."""


NodeRole = Literal["root", "child", "batch", "call"]


class NodeStarted(_Event):
    """A node of the recursion tree. A batch of sub-calls is one node; its calls are its children."""

    kind: Literal["node_started"] = "node_started"
    node: int
    parent: int | None
    role: NodeRole
    depth: int
    label: str
    """At most 80 characters, from the question or the document's name; control characters stripped."""
    items: int = 0
    """How many calls a batch will make."""


class Asked(_Event):
    """A prompt was handed to the engine. For a root or child `messages` holds only what was added since its last turn.

    It counts as shown to a model once a reply begins; `Refused` follows where it was larger than the window.
    """

    kind: Literal["asked"] = "asked"
    node: int
    turn: int
    messages: tuple[MessageRef, ...]
    shown: tuple[tuple[int, int], ...] = ()
    """Corpus spans this prompt shows to the model, found when the call was made."""


class Refused(_Event):
    """A prompt was larger than the window: no model saw any of it. It is never cut."""

    kind: Literal["refused"] = "refused"
    node: int
    turn: int
    tokens: int
    """Of the prompt."""
    window: int
    """Tokens a prompt may have, room for the reply left out."""
    shown: tuple[tuple[int, int], ...] = ()
    """Corpus spans it would have shown."""


class PartialReply(_Event):
    """What the model has written so far; written at most once a second; each replaces the last."""

    kind: Literal["partial_reply"] = "partial_reply"
    node: int
    turn: int
    text: Hash


class Replied(_Event):
    kind: Literal["replied"] = "replied"
    node: int
    turn: int
    text: Hash
    finish: Literal["stop", "length"]
    usage: TokenUsage
    seconds: float
    cached: bool = False
    """Answered from the sub-answer cache: no token was computed."""


class CellStarted(_Event):
    kind: Literal["cell_started"] = "cell_started"
    node: int
    cell: int
    code: Hash


class CellFinished(_Event):
    kind: Literal["cell_finished"] = "cell_finished"
    node: int
    cell: int
    output: Hash
    failed: bool
    """The cell raised, timed out, or killed its worker; the output says which."""
    seconds: float
    variables: tuple[str, ...] = ()


class Read(_Event):
    """A cell read text without showing it to a model."""

    kind: Literal["read"] = "read"
    node: int
    how: Literal["returned", "scanned"]
    """`returned`: given back by a helper, such as a search hit. `scanned`: seen by code only."""
    helper: str
    spans: tuple[tuple[int, int], ...]


class NodeStopped(_Event):
    """The person stopped a node, and all below it, while the run goes on.

    Its program gets no answer for what was stopped: None, or a sentence that says so. `NodeFinished` follows for the
    node and for what was under way below it. A prompt that had no word of a reply by then was shown to no model.
    """

    kind: Literal["node_stopped"] = "node_stopped"
    node: int


class Nudged(_Event):
    """A reply could not be used and the model was told why."""

    kind: Literal["nudged"] = "nudged"
    node: int
    turn: int
    reason: str


class Missing(_Event):
    """Items of a batch that got no usable answer, even when asked again."""

    kind: Literal["missing"] = "missing"
    node: int
    items: tuple[int, ...]


class BudgetLow(_Event):
    """A budget passed a threshold; the model is told in its next turn."""

    kind: Literal["budget_low"] = "budget_low"
    what: str
    left: float
    limit: float


class BudgetAsked(_Event):
    """A budget ran out while a person watches: the run rests until it is raised, or answers with what it has."""

    kind: Literal["budget_asked"] = "budget_asked"
    what: str
    limit: float
    needed: float
    """What it wants to go to next: all sub-calls of a batch, where they are what ran out; else the limit."""


class BudgetSpent(_Event):
    kind: Literal["budget_spent"] = "budget_spent"
    what: str
    limit: float


class BudgetRaised(_Event):
    """The person allowed more; these are the limits from now on."""

    kind: Literal["budget_raised"] = "budget_raised"
    budget: BudgetLimits


class EngineRestarted(_Event):
    kind: Literal["engine_restarted"] = "engine_restarted"
    reason: str


class ReplRestarted(_Event):
    kind: Literal["repl_restarted"] = "repl_restarted"
    node: int
    reason: str
    lost: tuple[str, ...] = ()


AnswerHow = Literal["final", "plain", "forced", "best_effort"]


class Answered(_Event):
    """A root or child has its answer. `forced` and `best_effort` are labelled wherever they show.

    Best effort is the state of the variables where nothing else is left, and what the model finished with after a
    budget had refused it sub-calls and none were made since.
    """

    kind: Literal["answered"] = "answered"
    node: int
    how: AnswerHow
    text: Hash


class NodeFinished(_Event):
    kind: Literal["node_finished"] = "node_finished"
    node: int
    status: Literal["done", "failed", "cancelled"]
    error: str = ""


RunStatus = Literal["answered", "best_effort", "failed", "cancelled"]


class RunFinished(_Event):
    kind: Literal["run_finished"] = "run_finished"
    status: RunStatus
    answer: Hash | None
    error: str = ""
    seconds: float


Event = Annotated[
    RunStarted
    | NodeStarted
    | Asked
    | Refused
    | PartialReply
    | Replied
    | CellStarted
    | CellFinished
    | Read
    | NodeStopped
    | Nudged
    | Missing
    | BudgetLow
    | BudgetAsked
    | BudgetSpent
    | BudgetRaised
    | EngineRestarted
    | ReplRestarted
    | Answered
    | NodeFinished
    | RunFinished,
    Field(discriminator="kind"),
]

EVENT: TypeAdapter[Event] = TypeAdapter(Event, config=ConfigDict(defer_build=True))
"""Reads an event from JSON: `EVENT.validate_json(line)`."""


class Recorded(Frozen):
    """An event with the texts it is the first to cite: what the store commits and faces receive."""

    event: Event
    texts: dict[Hash, str] = Field(default_factory=dict)
