"""What a cell prints, kept within a limit however much it prints. Worker side: standard library only."""

import io


class Capture(io.TextIOBase):
    """A text stream that keeps the beginning and the end of what is written to it.

    The middle goes, since a listing's head says what it is and its tail where it got to. Memory stays at about
    twice `limit` characters whatever is written.
    """

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._half = max(limit // 2, 1)
        self._head: list[str] = []
        self._room = self._half
        self._tail: list[str] = []
        self._tail_length = 0
        self._total = 0

    def writable(self) -> bool:
        """True: it is a stream to print to."""
        return True

    def write(self, text: str) -> int:
        """Take `text`; returns its length in characters."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._total += len(text)
        rest = text
        if self._room:
            self._head.append(text[: self._room])
            rest = text[self._room :]
            self._room -= len(self._head[-1])
        if rest:
            self._tail.append(rest[-self._half :])
            self._tail_length += len(self._tail[-1])
            if self._tail_length > 2 * self._half or len(self._tail) > self._half:
                self._squeeze()
        return len(text)

    def text(self) -> str:
        """What is kept, with a line that says how much is not."""
        self._squeeze()
        head, tail = "".join(self._head), "".join(self._tail)
        left_out = self._total - len(head) - len(tail)
        if not left_out:
            return head + tail
        return f"{head}\n... {left_out:,} characters left out ...\n{tail}"

    def _squeeze(self) -> None:
        joined = "".join(self._tail)[-self._half :]
        self._tail = [joined] if joined else []
        self._tail_length = len(joined)
