"""What a dialect is to the loop."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from rlm_desk.completion import Message, Sampling


@dataclass(frozen=True, slots=True)
class Final:
    """A finish written as text, outside code: the answer itself, the name of what holds it, or a cell that gives it."""

    text: str = ""
    variable: str = ""
    code: str = ""


TOO_EARLY = "Your FINAL came before this output was known: give it again if it still holds."


@dataclass(frozen=True, slots=True)
class Parsed:
    """A reply, read. Exactly one of: cells to run (and perhaps a finish after them), a finish, or a nudge."""

    cells: tuple[str, ...] = ()
    final: Final | None = None
    nudge: str = ""
    """Why nothing could be used, as a sentence to the model."""


@dataclass(frozen=True, slots=True)
class Executed:
    """A cell that ran, for the model to read."""

    code: str
    output: str
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContextFacts:
    """What the model is told of its context before it looks."""

    documents: int
    chars: int
    lengths: tuple[int, ...]
    """Characters of each document."""
    earlier: tuple[tuple[str, str], ...] = ()
    """Earlier questions and answers of the workspace; code finds the answers as `answers[n]`."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A sub-call's user message around its text: instruction, text, question (prefix first)."""

    before: str
    after: str


Kind = Literal["text", "number", "date", "yes_no", "label"]


class Dialect(Protocol):
    """Prompt and reply format. Stateless: everything is passed in."""

    name: str
    output_chars: int
    """Characters of a cell's output shown to the model."""
    reply_tokens: int
    """Tokens a root turn may write."""
    answer_tokens: int
    """Tokens a typed sub-call may write."""
    sampling: Sampling
    extractive: bool
    """Whether typed replies are words or numbers of the item's own text, and are held to them."""
    constrained: bool
    """Whether typed replies may be held to a grammar: from the start where they are a few fixed words, else when one
    could not be used."""

    def opening(self, question: str, facts: ContextFacts) -> list[Message]:
        """The conversation before the first turn."""
        ...

    def prompt(self, turn: int, question: str) -> Message | None:
        """A message sent with this turn only and not kept."""
        ...

    def parse(self, reply: str) -> Parsed:
        """Read a reply. Never raises; hostile input included."""
        ...

    def results(self, executed: Sequence[Executed], notes: Sequence[str]) -> list[Message]:
        """What the model is shown after its cells ran. Notes are sentences of ours (budget, nudges)."""
        ...

    def nudge(self, reason: str) -> Message:
        """Tells the model why its reply could not be used."""
        ...

    def forced(self, question: str, variables: Sequence[tuple[str, str]]) -> Message | None:
        """Asks for an answer at once; None when the model was not taught to give one without code."""
        ...

    def subcall(self, question: str, kind: str, labels: Sequence[str]) -> Layout:
        """The layout of a typed sub-call."""
        ...
