"""A node's conversation, and how it is made to fit the window: old outputs shrink, then old turns go, visibly."""

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
        self._dropped = 0
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
            WouldNotFit: even with every output shrunk and only the last turn kept the prompt is too large.
        """
        extra = (prompt,) if prompt else ()
        reserve = reply_tokens + int(gateway.completer.window * MARGIN)
        while await gateway.fits((*self._messages, *extra), reserve) < 0:
            if not self._shrink_largest() and not self._drop_oldest_turn():
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

    def _drop_oldest_turn(self) -> bool:
        """Leave out the oldest reply and what it was answered with; never the last, nor the opening."""
        replies = [i for i, message in enumerate(self._messages) if message.role == "assistant" and i >= self._opening]
        if len(replies) < 2:
            return False
        kept = self._messages[replies[1] :]
        self._dropped += 1
        after = next((i for i, message in enumerate(kept) if message.role == "user"), None)
        if after is not None:
            note = f"[{self._dropped} earlier turns left out to fit]\n"
            text = kept[after].content.removeprefix(f"[{self._dropped - 1} earlier turns left out to fit]\n")
            kept[after] = Message("user", note + text)
        self._messages[replies[0] :] = kept
        return True
