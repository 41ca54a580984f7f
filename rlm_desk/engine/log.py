"""libllama's log, kept in a ring: it goes to `doctor --log` and into failure reports, never to a terminal."""

import ctypes
import os
from collections import deque

LINES = 400
"""Lines kept."""
DEBUG, ERROR, CONTINUED = 1, 4, 5
"""ggml's levels: a line for llama.cpp's own developers, an error, and the rest of the line before."""


class LogRing:
    """Install with `LogRing()` before anything is loaded and keep the object: ctypes drops a callback nobody holds."""

    def __init__(self, lines: int = LINES) -> None:
        import llama_cpp

        self._lines: deque[str] = deque(maxlen=lines)
        self._open = ""
        self._level = 0

        def receive(level: int, text: bytes | None, _user: object) -> None:
            self._level = self._level if level == CONTINUED else level
            if self._level == DEBUG:
                return
            if self._level == ERROR:  # an abort takes the ring along; the host keeps what went to stderr
                os.write(2, text or b"")
            self._open += (text or b"").decode("utf-8", "replace")
            *whole, self._open = self._open.split("\n")
            self._lines.extend(whole)
            self._open = self._open[-4096:]

        self._callback = llama_cpp.llama_log_callback(receive)
        llama_cpp.llama_log_set(self._callback, ctypes.c_void_p(0))

    def tail(self, count: int = 40) -> str:
        """The last lines, oldest first; hostile text (it quotes the model file)."""
        return "\n".join([*self._lines, self._open][-count:]).strip()

    def last_error(self) -> str:
        """The last line that speaks of an error or a failure; empty if none does."""
        for line in reversed(self._lines):
            if "error" in line.lower() or "fail" in line.lower():
                return line.strip()[:300]
        return ""
