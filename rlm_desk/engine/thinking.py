"""A reply's thinking, kept apart from its answer and held to a budget of tokens.

Models that think write `<think>...</think>` before they answer. Over its budget the thinking is ended for the model:
the closing mark is put into its reply and it goes on with the answer. A budget of 0 ends it before it begins.
"""

from rlm_desk import chat_template

OPEN, CLOSE = chat_template.OPEN.encode(), chat_template.CLOSE.encode()
ENDING = f"\n{chat_template.CLOSE}\n\n"
"""What is put into a reply to end its thinking."""


class Thinking:
    """Splits the bytes of one reply as they come."""

    def __init__(self, budget: int, opened: bool) -> None:
        """`budget`: tokens it may take; `opened`: the prompt ends inside the thinking already."""
        self.budget = budget
        self.tokens = 0
        """Tokens drawn while it thought."""
        self._opened = opened
        self._decided = opened
        self._answering = False
        self._held = b""
        self._thought: list[bytes] = []

    @property
    def going_on(self) -> bool:
        """Whether what comes next may still be thinking."""
        return not self._answering

    @property
    def over(self) -> bool:
        """Whether it must be ended now."""
        return self._opened and not self._answering and self.tokens >= self.budget

    @property
    def text(self) -> str:
        """The thinking so far."""
        return b"".join(self._thought).decode("utf-8", "replace").strip()

    def feed(self, piece: bytes) -> bytes:
        """Take one token's bytes; return those that belong to the answer."""
        if self._answering:
            return self._first(piece)
        self.tokens += 1
        self._held += piece
        if not self._decided:
            begun = self._held.lstrip()
            if len(begun) < len(OPEN) and OPEN.startswith(begun):
                return b""
            self._decided = True
            if not begun.startswith(OPEN):  # it answers at once
                self._answering = True
                answer, self._held = self._held, b""
                return answer
            self._opened = True
            self._held = begun[len(OPEN) :]
        thought, mark, answer = self._held.partition(CLOSE)
        if mark:
            self._thought.append(thought)
            self._held = b""
            self._answering = True
            return self._first(answer)
        keep = len(CLOSE) - 1  # the mark may come in pieces
        if len(self._held) > keep:
            self._thought.append(self._held[:-keep])
            self._held = self._held[-keep:]
        return b""

    def finish(self) -> bytes:
        """No more tokens: bytes that belong to the answer after all."""
        held, self._held = self._held, b""
        if self._opened and not self._answering:
            self._thought.append(held)
            return b""
        return held

    def _first(self, piece: bytes) -> bytes:
        """The answer begins with its first letter, not with the empty lines after the mark."""
        if not self._opened:
            return piece
        begun = piece.lstrip()
        if begun:
            self._opened = False
        return begun
