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
        begin = 0
        # Only what is new is searched: a line that comes byte by byte costs no more than one that comes whole.
        while (end := piece.find(b"\n", begin)) >= 0:
            line = bytes(self._rest) + piece[begin:end]
            self._rest.clear()
            begin = end + 1
            self.lines += 1
            yield from self._line(line.removesuffix(b"\r"))
        self._rest += piece[begin:]
        if len(self._rest) > LONGEST:
            raise Malformed("an event without an end")

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
