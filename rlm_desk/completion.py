"""What the loop asks an engine for and what comes back: plain data, the same for local and remote engines."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

Role = Literal["system", "user", "assistant"]
FinishReason = Literal["stop", "length"]


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message. `content` is data: it never contributes special tokens."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is drawn. Temperature 0: the likeliest, after penalties and biases; the rest is ignored."""

    temperature: float = 0.0
    top_k: int = 20
    top_p: float = 0.8
    min_p: float = 0.0
    seed: int = 0
    repeat_penalty: float = 1.0
    """Above 1 makes tokens of the last `penalty_last` less likely."""
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    penalty_last: int = 64
    logit_bias: tuple[tuple[int, float], ...] = ()
    """(token, what is added to its logit)."""


@dataclass(frozen=True, slots=True)
class Request:
    """One completion."""

    messages: tuple[Message, ...]
    max_tokens: int = 1024
    sampling: Sampling = field(default_factory=Sampling)
    stop: tuple[str, ...] = ()
    priority: int = 0
    """Lower runs first: 0 for a root turn, its depth for a sub-call."""
    prefix: int = 0
    """How many characters of the first user message are an instruction shared by sibling requests (a hint)."""
    grammar: str = ""
    """GBNF with a rule `root` that the reply must follow; not together with `schema`."""
    schema: str = ""
    """JSON schema, as text, of the JSON the reply must be; bounds of numbers are not enforced."""
    thinking: int = 0
    """Tokens a model that can think may spend on it, besides `max_tokens`; 0: it answers at once."""
    seconds: float = 0.0
    """Seconds after which the engine gives it up; 0: never."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one completion, counted by the engine."""

    prompt: int = 0
    cached: int = 0
    """Prompt tokens whose keys and values were already resident (a part of `prompt`)."""
    completion: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """A finished reply."""

    text: str
    finish: FinishReason
    usage: Usage
    seconds: float = 0.0
    confidence: float = 1.0
    """Probability of the least certain generated token, 0..1 (greedy); 1.0 where the engine cannot say."""
    thinking: str = ""
    """What the model thought before it answered; not part of `text`."""


class Completer(Protocol):
    """An engine, as the loop sees it."""

    @property
    def window(self) -> int:
        """Tokens one request may hold, prompt and reply together."""

    async def complete(self, request: Request, on_text: Callable[[str], None] | None = None) -> Completion:
        """Run one request; many may run at once. Cancel by cancelling the awaiting task.

        `on_text` receives pieces of the reply as they are decoded, on the event loop's thread.

        `grammar` and `schema` are enforced by the local engine. A model server that cannot be told them answers
        freely, and no error says so: whoever asked for a form checks the text that comes back.

        Raises:
            WouldNotFit: prompt, thinking and max_tokens exceed the window.
            DeadlinePassed: it took longer than `seconds`.
            EngineError, WorkerDied: the engine failed this request.
        """

    async def count(self, messages: tuple[Message, ...]) -> int:
        """Tokens the rendered messages take, generation prompt included."""
