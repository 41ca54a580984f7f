"""Server-sent events: bytes in any pieces to the data of whole events. Decoded when an event is whole."""

from collections.abc import Iterator

LONGEST = 4 * 1024 * 1024
"""Bytes of one event at most."""


class Malformed(Exception):
    """What came is no event stream; the text says why, without a full stop."""


class Events:
    """Takes pieces of a body, gives the data of each event that is whole."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._data: list[bytes] = []
        self._size = 0
        self.lines = 0
        """Lines so far, comments among them: a sign of life."""

    def feed(self, piece: bytes) -> Iterator[str]:
        """Raises Malformed: an event is too long, or no UTF-8."""
        self._rest += piece
        *lines, rest = self._rest.split(b"\n")
        self._rest = bytearray(rest)
        if len(rest) > LONGEST:
            raise Malformed("an event without an end")
        for raw in lines:
            self.lines += 1
            yield from self._line(bytes(raw.removesuffix(b"\r")))

    def _line(self, line: bytes) -> Iterator[str]:
        if not line:
            if self._data:
                yield self._whole()
        elif line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
            self._size += len(line)
            if self._size > LONGEST:
                raise Malformed("an event that is too long")

    def finish(self) -> Iterator[str]:
        """The end of the body: an event that lacks only its empty line."""
        yield from self.feed(b"\n\n")

    def _whole(self) -> str:
        raw = b"\n".join(self._data)
        self._data, self._size = [], 0
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as problem:
            raise Malformed("bytes that are no UTF-8") from problem
