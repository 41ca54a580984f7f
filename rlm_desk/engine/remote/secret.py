"""The server's key, kept out of what the server says: repeated, it would come into an error, a run or a report."""

import json
from typing import Any

INSTEAD = "[the key]"
SHORTEST = 8
"""Characters of a key that is replaced. A shorter one (`none`, `local`) guards little, and answers need the word."""


class Secret:
    """Replaces one key in text, as it stands there or as it is quoted by Python or JSON."""

    def __init__(self, key: str) -> None:
        key = key if len(key) >= SHORTEST else ""
        forms = {key, repr(key)[1:-1], repr(key.encode())[2:-1], json.dumps(key)[1:-1]} if key else set()
        self.forms = tuple(sorted(forms, key=len, reverse=True))
        """Longest first."""

    def hide(self, text: str) -> str:
        """`text` without the key."""
        for form in self.forms:
            text = text.replace(form, INSTEAD)
        return text

    def frame(self, frame: dict[str, Any]) -> dict[str, Any]:
        """A frame whose texts are without the key."""
        return {name: self.hide(value) if isinstance(value, str) else value for name, value in frame.items()}


class Hiding:
    """The same for text that comes in pieces: a tail that could be the beginning of the key is held back."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret
        self._held = ""

    def feed(self, piece: str) -> str:
        """The text that is certain now, perhaps none."""
        text = self._secret.hide(self._held + piece)
        keep = self._could_begin(text)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def finish(self) -> str:
        """No more pieces: what was held back."""
        text, self._held = self._held, ""
        return text

    def _could_begin(self, text: str) -> int:
        """Length of the longest tail that begins the key."""
        longest = max((len(form) for form in self._secret.forms), default=1)
        for length in range(min(longest - 1, len(text)), 0, -1):
            if any(form.startswith(text[-length:]) for form in self._secret.forms):
                return length
        return 0
