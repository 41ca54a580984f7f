"""What an answer that is no completion means: too large, wrong, or worth another try. Pure functions."""

import json
import re
from dataclasses import dataclass
from typing import Any

from rlm_desk.clean import one_line
from rlm_desk.engine.remote.secret import Secret

LONGEST_WAIT = 60.0
"""Seconds a server may ask us to wait."""
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
ONCE_MORE = frozenset({500})
"""Tried a second time only: most often the request itself is what the server fails over."""
_HOLDS = re.compile(r"(?:maximum context length|context (?:length|size|window))\D{0,30}(\d+)", re.I)
_ASKED = re.compile(r"(?:requested|contains(?: at least)?|has|request \()\D{0,12}(\d+)", re.I)


class Refusal(Exception):
    """It will fail again: the request, the key or the model is what the server does not accept."""

    def __init__(self, sentence: str, next_step: str) -> None:
        super().__init__(sentence)
        self.next_step = next_step


class TooLarge(Exception):
    """The server says that the prompt is too large. Tokens; 0 where it does not say."""

    def __init__(self, tokens: int, window: int) -> None:
        super().__init__()
        self.tokens = tokens
        self.window = window


class Again(Exception):
    """It may work a moment later; the text says what happened, without a full stop."""

    def __init__(self, why: str, after: float = 0.0, tries: int = 99) -> None:
        super().__init__(why)
        self.after = after
        self.tries = tries


@dataclass(frozen=True, slots=True)
class Said:
    """An error as a server puts it."""

    message: str
    fields: dict[str, Any]


def said(body: bytes, secret: Secret) -> Said:
    """What stands in the body of an error, whatever its form; a stranger's text, cleaned, without the key."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError, MemoryError):
        return Said(one_line(secret.hide(body.decode("utf-8", "replace")), 200), {})
    return said_of(found if isinstance(found, dict) else {}, secret)


def said_of(fields: dict[str, Any], secret: Secret) -> Said:
    """The same of JSON that was read already."""
    # The key is replaced before a message is cut: most of it would be left at the end.
    for name in ("error", "detail"):
        inner = fields.get(name)
        if isinstance(inner, dict):
            fields = inner
        elif isinstance(inner, str):
            return Said(one_line(secret.hide(inner), 200), fields)
    message = fields.get("message")
    return Said(one_line(secret.hide(message), 300) if isinstance(message, str) else "", fields)


def judge(status: int, body: bytes, headers: dict[str, str], origin: str, secret: Secret) -> Exception:
    """What an answer other than 200 means."""
    error = said(body, secret)
    if status in (400, 413, 422) and (large := too_large(error)) is not None:
        return large
    told = f": {error.message.rstrip('.')}" if error.message else ""
    if status in AGAIN:
        wait = _seconds(headers.get("retry-after", ""))
        return Again(f"it answered {status}{told}", wait, 2 if status in ONCE_MORE else 99)
    if status in (401, 403):
        return Refusal(
            f"The server {origin} does not accept the key.",
            "Put it into RLM_DESK_ENGINE_KEY, or into a file of your own that engine.key_file names.",
        )
    if 300 <= status < 400:
        return Refusal(
            f"The server {origin} answers with a redirect, which is not followed.",
            "Set engine.url to the address that it leads to, if you trust it.",
        )
    return Refusal(
        f"The server {origin} refused the request ({status}){told}.", "Check engine.url and engine.model, and its log."
    )


def too_large(error: Said) -> TooLarge | None:
    """Whether an error says that the prompt exceeds the window, in the words of the servers we know."""
    tokens, window = error.fields.get("n_prompt_tokens"), error.fields.get("n_ctx")
    if isinstance(tokens, int) and isinstance(window, int):
        return TooLarge(_tokens(tokens), _tokens(window))
    holds, asked = _HOLDS.search(error.message), _ASKED.search(error.message)
    if holds is None:
        return TooLarge(0, 0) if error.fields.get("code") == "context_length_exceeded" else None
    return TooLarge(_tokens(int(asked[1])) if asked else 0, _tokens(int(holds[1])))


def _tokens(said: int) -> int:
    """A number of tokens as a server puts it; 0 for one that is none."""
    return said if 0 <= said < 2**31 and not isinstance(said, bool) else 0


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:  # a date, which no model server sends
        return 0.0
    return min(seconds, LONGEST_WAIT) if seconds > 0 else 0.0  # not a number is not larger either
