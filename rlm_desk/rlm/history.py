"""A node's conversation, and how it is made to fit the window: the largest old output shrinks first, visibly."""

from collections.abc import Sequence

from rlm_desk.completion import Message
from rlm_desk.rlm.gateway import Draft, Gateway

KEEP = 400
"""Characters kept at each end of an output that had to shrink."""
MARGIN = 0.1
"""Share of the window left free: token counts of chat templates differ."""


class History:
    """Messages of one root or child. What is recorded and what is sent differ: shrinking changes only the latter."""

    def __init__(self, opening: Sequence[Message]) -> None:
        self._messages = list(opening)
        self._opening = len(opening)
        self._fresh = [Draft.of(message) for message in opening]

    def add(self, *messages: Message) -> None:
        """Append messages of this turn."""
        self._messages += messages
        self._fresh += [Draft.of(message) for message in messages]

    def take_fresh(self) -> tuple[Draft, ...]:
        """Messages added since the last call, for the event of the next turn."""
        fresh, self._fresh = tuple(self._fresh), []
        return fresh

    async def fitted(self, gateway: Gateway, prompt: Message | None, reply_tokens: int) -> tuple[Message, ...]:
        """All messages, shrunk to fit the window with a reply.

        Raises:
            WouldNotFit: even with every older output shrunk the prompt is too large.
        """
        extra = (prompt,) if prompt else ()
        reserve = reply_tokens + int(gateway.completer.window * MARGIN)
        while await gateway.fits((*self._messages, *extra), reserve) < 0:
            if not self._shrink_largest():
                break
        await gateway.refuse_oversized((*self._messages, *extra), reply_tokens)
        return (*self._messages, *extra)

    def _shrink_largest(self) -> bool:
        """Cut the middle out of the longest message that may shrink; the last one only when nothing else is left."""
        shrinkable = [i for i in range(self._opening, len(self._messages)) if len(self._messages[i].content) > 3 * KEEP]
        if not shrinkable:
            return False
        older = [i for i in shrinkable if i < len(self._messages) - 1]
        index = max(older or shrinkable, key=lambda i: len(self._messages[i].content))
        message = self._messages[index]
        left_out = len(message.content) - 2 * KEEP
        short = (
            f"{message.content[:KEEP]}\n[... {left_out:,} characters left out to fit ...]\n{message.content[-KEEP:]}"
        )
        self._messages[index] = Message(message.role, short)
        return True
