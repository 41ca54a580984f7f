"""Frames between the app and its workers. Standard library only: workers import it before they are locked.

A frame is `>II` (length of the JSON header, length of the body), the header (a JSON object in UTF-8 whose
``"type"`` names the message), then the body (raw bytes: a context, a document, a model's text). Lengths are
checked against caps before anything is allocated.
"""

import json
import os
import struct
from typing import Any

PREFIX = struct.Struct(">II")
MAX_HEADER = 16 * 1024 * 1024
MAX_BODY = 1024 * 1024 * 1024
MAX_TYPE = 40
"""Characters of a message's name."""

Header = dict[str, Any]


class FrameError(Exception):
    """The peer broke the protocol: a length over its cap, not JSON, or not an object with a type."""


def pack(header: Header, body: bytes = b"") -> bytes:
    """The bytes of one frame.

    Raises:
        FrameError: header or body is over its cap.
    """
    raw = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    check_lengths(len(raw), len(body))
    return PREFIX.pack(len(raw), len(body)) + raw + body


def check_lengths(header: int, body: int, max_header: int = MAX_HEADER, max_body: int = MAX_BODY) -> None:
    """Raises FrameError when a length is over its cap, before a byte of it is read."""
    if not 2 <= header <= max_header:
        raise FrameError(f"frame header of {header} bytes")
    if body > max_body:
        raise FrameError(f"frame body of {body} bytes")


def parse_header(raw: bytes) -> Header:
    """Raises FrameError unless raw is a JSON object with a string under "type"."""
    try:
        header = json.loads(raw.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as problem:
        raise FrameError("frame header is not JSON") from problem
    if not isinstance(header, dict) or not isinstance(header.get("type"), str):
        raise FrameError("frame header has no type")
    if len(header["type"]) > MAX_TYPE:  # it is named where it is refused
        raise FrameError("frame header has no type that could be one")
    return header


class Pipe:
    """The worker's side: blocking frames over two file descriptors."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self._read_fd = read_fd
        self._write_fd = write_fd

    def receive(self) -> tuple[Header, bytes]:
        """The next frame. Raises EOFError when the host has closed its end, FrameError on nonsense."""
        header_length, body_length = PREFIX.unpack(self._exactly(PREFIX.size))
        check_lengths(header_length, body_length)
        header = parse_header(self._exactly(header_length))
        return header, self._exactly(body_length)

    def send(self, header: Header, body: bytes = b"") -> None:
        """Write one whole frame."""
        view = memoryview(pack(header, body))
        while view:
            view = view[os.write(self._write_fd, view) :]

    @property
    def descriptors(self) -> tuple[int, int]:
        """What it reads from and writes to, for a worker that goes on by another way after the first frame."""
        return self._read_fd, self._write_fd

    def fileno(self) -> int:
        """The descriptor to wait on for the next frame."""
        return self._read_fd

    def _exactly(self, count: int) -> bytes:
        parts = bytearray(count)
        view = memoryview(parts)
        while view:
            got = os.readv(self._read_fd, [view])
            if not got:
                raise EOFError("the host closed the channel")
            view = view[got:]
        return bytes(parts)
