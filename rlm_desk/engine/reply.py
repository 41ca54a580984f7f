"""One reply as it grows: how its tokens are drawn, what of it is thinking, what is text, and when it ends."""

from dataclasses import dataclass, field

from rlm_desk.engine.sampling import Sampler
from rlm_desk.engine.text import TextOut
from rlm_desk.engine.thinking import Thinking

TEXT_SECONDS = 0.05
"""Pieces of a streamed reply go out this often at most."""


@dataclass(eq=False, slots=True)
class Reply:
    """What a job carries besides its tokens. Times are of the monotonic clock."""

    out: TextOut
    sampler: Sampler
    stream: bool
    started: float
    answer_tokens: int
    """Tokens the answer may have, thinking not counted."""
    deadline: float = 0.0
    """When it is given up; 0: never."""
    thinking: Thinking | None = None
    confidence: float = 1.0
    ended: str = ""
    """The finish reason, once there is one."""
    _unsent: list[str] = field(default_factory=list)
    _sent_at: float = 0.0

    @property
    def thinks(self) -> bool:
        """Whether what comes next may still be thinking."""
        return self.thinking is not None and self.thinking.going_on

    def take(self, piece: bytes) -> None:
        """Take in the bytes of a token that was drawn."""
        if self.thinking is not None:
            piece = self.thinking.feed(piece)
        self._keep(self.out.feed(piece) if piece else "")

    def end(self, reason: str) -> None:
        """No token follows."""
        self.ended = reason
        if self.thinking is not None:
            self._keep(self.out.feed(self.thinking.finish()))
        self._keep(self.out.finish())

    def due(self, now: float) -> str:
        """Text that is to go out now; empty when there is none, or when it is too early for more."""
        if not self._unsent or not (self.ended or now - self._sent_at >= TEXT_SECONDS):
            return ""
        text = "".join(self._unsent)
        self._unsent.clear()
        self._sent_at = now
        return text

    def _keep(self, text: str) -> None:
        if text and self.stream:
            self._unsent.append(text)
