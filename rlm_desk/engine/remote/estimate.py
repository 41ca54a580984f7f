"""How many tokens a text has at most, as far as that can be said without its tokenizer.

Two figures. `bound` cannot be exceeded by tokenizers that fall back to bytes, as those of today's models do. `estimate`
is meant to be too high rather than too low: letters three to a token, digits and signs one each, other writing two
bytes to a token. Once a server has said what a prompt really had, later estimates are raised in proportion.
"""

import re

PER_MESSAGE = 12
"""Tokens a chat template puts around a message, at most for the families we know."""
BEGINNING = 64
"""Tokens before and after all messages: system lines that templates add by themselves."""
LETTERS_PER_TOKEN = 3.0
BYTES_PER_TOKEN = 2.0

_LETTERS = re.compile(r"[A-Za-z ]+")

Messages = list[tuple[str, str]]


def bound(messages: Messages) -> int:
    """A byte is a token at most."""
    return sum(len(content.encode("utf-8", "replace")) for _, content in messages) + around(messages)


def around(messages: Messages) -> int:
    """Tokens of the chat template."""
    return PER_MESSAGE * len(messages) + BEGINNING


class Estimate:
    """Estimates, raised by what was learnt."""

    def __init__(self) -> None:
        self.factor = 1.0

    def of(self, messages: Messages) -> int:
        """Tokens of a conversation, rather too many than too few."""
        return int(self.factor * sum(_text(content) for _, content in messages)) + around(messages)

    def learn(self, messages: Messages, tokens: int) -> None:
        """A server said how many these really were."""
        guess = sum(_text(content) for _, content in messages)
        if guess > 200 and tokens > self.of(messages):
            self.factor = min(4.0, 1.05 * (tokens - len(messages)) / guess)


def _text(text: str) -> float:
    letters = sum(len(run) for run in _LETTERS.findall(text))
    ascii_only = len(text.encode("ascii", "ignore"))
    other = len(text.encode("utf-8", "replace")) - ascii_only
    return letters / LETTERS_PER_TOKEN + (ascii_only - letters) + other / BYTES_PER_TOKEN
