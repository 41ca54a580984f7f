"""What the scheduler moves about: a request on its way, and a sequence of tokens in the KV cache."""

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.int32]


@dataclass(eq=False, slots=True)
class Sequence:
    """Tokens whose keys and values lie in the cache under one sequence number, with or without a job that grows it."""

    number: int
    tokens: Tokens
    """What it holds and what will follow (a job's prompt and reply); only the first `filled` are in the cache."""
    filled: int = 0
    shared: int = 0
    """The longest beginning that was copied from or to another sequence: worth keeping longer than the rest."""
    priority: int = 0
    used: int = 0
    """Tick of the last use, for eviction."""


@dataclass(eq=False, slots=True)
class Job:
    """One completion on its way through the engine."""

    id: int
    tokens: Tokens
    """Room for prompt and reply; the first `known` are set."""
    known: int
    prompt: int
    """Tokens of the prompt."""
    max_tokens: int
    priority: int = 0
    submitted: float = 0.0
    seq: Sequence | None = None
    cached: int = 0
    """Prompt tokens that did not have to be computed, at the first admission."""
    admitted: bool = False
    leader: Sequence | None = None
    """A live sequence that is just computing this job's beginning, up to `leader_depth` tokens."""
    leader_depth: int = 0
    preemptions: int = 0
    order: float = 0.0
    """Place in the queue: time of submission, later for deeper calls; so nothing waits for ever."""
    extra: Any = field(default=None, repr=False)
    """The caller's own state (text, sampler)."""

    @property
    def wanted(self) -> int:
        """Tokens still to be fed before the next one can be drawn."""
        return self.known - (self.seq.filled if self.seq else 0)

    @property
    def generated(self) -> int:
        """Tokens drawn so far."""
        return self.known - self.prompt

    def push(self, token: int) -> None:
        """Append a drawn token."""
        self.tokens[self.known] = token
        self.known += 1


@dataclass(eq=False, slots=True)
class Feed:
    """A part of one step: `count` tokens of a job from position `start`; `draws` when a token is drawn after it."""

    job: Job
    start: int
    count: int
    draws: bool


class Kv(Protocol):
    """What the scheduler needs of the cache itself. Positions are tokens from the beginning of a sequence."""

    def copy(self, source: int, target: int, start: int, end: int) -> None:
        """Let `target` share the cells of `source` for positions start..end."""

    def cut(self, seq: int, start: int) -> bool:
        """Forget positions from `start`; False where the memory cannot do that in part (recurrent models)."""

    def save(self, seq: int, start: int, end: int) -> bytes | None:
        """Keys and values of positions start..end, or None where they cannot be taken out."""

    def restore(self, blob: bytes, target: int, start: int, end: int) -> bool:
        """Put saved positions start..end into `target`; False when there was no room or the blob does not fit."""
