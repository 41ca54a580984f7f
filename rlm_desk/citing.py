"""What events are made of: references to texts, documents, models, and the limits of a run.

Faces take these names from `events`, which is public; they live here because a run's limits and what it cites are
used where no event is made.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Hash = str
"""sha256 of a text in UTF-8, hex: the key of the blob table."""


class Frozen(BaseModel):
    # Validators are built when the first event is: every command imports this, and few read a run.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Piece(Frozen):
    """A part of a prompt: either a text (`blob`) or characters of the corpus (`start`, `end`)."""

    blob: Hash | None = None
    start: int = 0
    end: int = 0


class MessageRef(Frozen):
    """A chat message whose content is the concatenation of its pieces."""

    role: Literal["system", "user", "assistant"]
    pieces: tuple[Piece, ...]


class DocumentRef(Frozen):
    id: str
    name: str
    chars: int
    pages: int


class SkippedRef(Frozen):
    """A file that was to be read and could not be."""

    name: str
    reason: str


class ModelRef(Frozen):
    name: str
    sha256: str
    """Empty for a model of a server: nobody here can say which file that is."""
    demonstration: bool = False
    server: str = ""
    """The server that the run's text was sent to; empty: the model ran on this machine."""


class BudgetLimits(Frozen):
    """Limits shared by a run's whole tree."""

    subcalls: int = Field(default=2000, ge=0, description="Questions to the model about pieces of the text.")
    depth: int = Field(default=2, ge=0, description="Levels of the tree below the root; its sub-calls are at 1.")
    turns: int = Field(default=20, ge=0, description="Turns of the root; a child has as many of its own.")
    tokens: int = Field(
        default=5_000_000, ge=0, description="Tokens processed: prompt (KV reuse not counted) and completion."
    )
    seconds: float = Field(default=3600.0, ge=0, allow_inf_nan=False, description="Seconds from question to answer.")


class TokenUsage(Frozen):
    prompt: int = 0
    cached: int = 0
    completion: int = 0
