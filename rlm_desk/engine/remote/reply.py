"""One reply as it is streamed: text, thinking, how it ended, what it took. A server's JSON may be anything."""

import json
from typing import Any

from rlm_desk.engine.remote.secret import Hiding, Secret
from rlm_desk.engine.remote.sse import Malformed
from rlm_desk.engine.remote.trouble import Again, Refusal, said_of, too_large
from rlm_desk.engine.text import TextOut
from rlm_desk.engine.thinking import Thinking

MOST = 64
"""Characters a token may have, on average: a server that sends more than that for what was asked is cut off."""


class Reply:
    """Takes the data of events, gives text that is certain."""

    def __init__(self, stop: tuple[str, ...], most_tokens: int, origin: str, secret: Secret) -> None:
        self._out = TextOut(stop)
        self._thinking = Thinking(most_tokens, opened=False)
        self._most = MOST * (most_tokens + 64)
        self._origin = origin
        self._secret = secret
        self._hiding = Hiding(secret)
        self._half = ""
        self._reasoning: list[str] = []
        self._size = 0
        self.chunks = 0
        """Pieces with text: about one for each token."""
        self.finish = ""
        """What the server says of its end; empty while it goes on."""
        self.prompt = 0
        """Tokens, as the server counted them; 0 where it did not say."""
        self.cached = 0
        self.completion = 0

    @property
    def text(self) -> str:
        return self._out.text

    @property
    def thought(self) -> str:
        """The thinking, wherever the server put it."""
        return self._secret.hide("".join(self._reasoning) or self._thinking.text).strip()

    @property
    def stopped(self) -> bool:
        """A stop string was met: what the server still sends is not wanted."""
        return self._out.stopped

    def take(self, data: str) -> str:
        """The text one event adds. Raises Malformed, Again, Refusal, TooLarge."""
        try:
            event = json.loads(data)
        except (ValueError, RecursionError) as problem:
            raise Malformed("an event that is no JSON") from problem
        if not isinstance(event, dict):
            raise Malformed("an event that is no object")
        if event.get("error"):
            self._error(event)
        self._usage(event)
        choices = event.get("choices")
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            return ""
        choice = choices[0]
        delta = choice.get("delta", choice.get("message"))
        text = self._delta(delta) if isinstance(delta, dict) else ""
        if isinstance(choice.get("finish_reason"), str):
            self.finish = choice["finish_reason"]
        return text

    def end(self) -> str:
        """No more events: what was held back."""
        last = self._out.feed(self._thinking.feed(self._hiding.finish().encode()))
        return last + self._out.feed(self._thinking.finish()) + self._out.finish()

    def _delta(self, delta: dict[str, Any]) -> str:
        reasoning = delta.get("reasoning_content") or delta.get("reasoning")
        if isinstance(reasoning, str) and reasoning:
            self._grow(reasoning)
            self._reasoning.append(reasoning)
        content = delta.get("content")
        if not isinstance(content, str) or not content:
            return ""
        self._grow(content)
        return self._out.feed(self._thinking.feed(self._hiding.feed(self._paired(content)).encode()))

    def _grow(self, text: str) -> None:
        self.chunks += 1
        self._size += len(text)
        if self._size > self._most:
            raise Malformed("far more text than was asked for")

    def _paired(self, text: str) -> str:
        """Halves of a character that came in two events, put together; one that stays alone is U+FFFD."""
        text = self._half + text
        self._half = text[-1] if "\ud800" <= text[-1:] <= "\udbff" else ""
        whole = text[: len(text) - len(self._half)]
        return whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _usage(self, event: dict[str, Any]) -> None:
        usage = event.get("usage")
        if not isinstance(usage, dict):
            return
        details = usage.get("prompt_tokens_details")
        self.prompt = _count(usage.get("prompt_tokens"))
        self.completion = _count(usage.get("completion_tokens"))
        self.cached = min(_count(details.get("cached_tokens")) if isinstance(details, dict) else 0, self.prompt)

    def _error(self, event: dict[str, Any]) -> None:
        error = said_of(event, self._secret)
        if (large := too_large(error)) is not None:
            raise large
        code = error.fields.get("code")
        if isinstance(code, int) and 400 <= code < 500 and code not in (408, 425, 429):
            raise Refusal(f"The server {self._origin} refused the request: {error.message}.", "Look at its log.")
        raise Again(f"it failed while it answered: {error.message.rstrip('.') or 'it does not say how'}", tries=2)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else 0
