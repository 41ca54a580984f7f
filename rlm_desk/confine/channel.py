"""The host's side of a worker's channel: frames over two pipes, on the running asyncio loop.

Both pipes are non-blocking and read straight into one buffer, so that a 100 MB context is never copied through a
transport, a receive that is cancelled loses no byte, and memory grows with what arrives, not with what a length claims.
"""

import asyncio
import contextlib
import fcntl
import os
import sys
from collections.abc import Callable, Mapping

from rlm_desk import wire

CHUNK = 1024 * 1024


class Channel:
    """Frames to and from one worker. One task may receive at a time; sends from several tasks take turns."""

    def __init__(
        self, read_fd: int, write_fd: int, max_header: int, max_body: int, max_bodies: Mapping[str, int] | None = None
    ) -> None:
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._max_header = max_header
        self._max_body = max_body
        self._max_bodies = max_bodies or {}
        """Smaller caps, by the message's type."""
        self._inbox = bytearray()
        self._sending = asyncio.Lock()
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._open = {read_fd, write_fd}
        for fd in self._open:
            os.set_blocking(fd, False)
            if sys.platform == "linux":  # sixteen times fewer turns for a large context; over the user's share it stays
                with contextlib.suppress(OSError):
                    fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, CHUNK)

    async def send(self, header: wire.Header, body: bytes = b"") -> None:
        """Write one frame whole.

        Raises:
            BrokenPipeError: the worker is gone, or a send was cancelled half way, which ends the channel.
        """
        raw = wire.pack(header)
        async with self._sending:
            if body:  # the prefix counts the body, which is written from where it lies
                wire.check_lengths(len(raw) - wire.PREFIX.size, len(body))
                raw = wire.PREFIX.pack(len(raw) - wire.PREFIX.size, len(body)) + raw[wire.PREFIX.size :]
            try:
                await self._write(memoryview(raw))
                await self._write(memoryview(body))
            except BaseException:
                self.close_write()  # half a frame is out: nothing sensible can follow it
                raise

    async def receive(self, timeout: float | None = None) -> tuple[wire.Header, bytes]:
        """The next frame.

        Raises:
            EOFError: the worker closed its end.
            FrameError: a length over its cap, or a header that is no message.
            TimeoutError: nothing whole came within `timeout` seconds; what did come is kept for the next call.
        """
        async with asyncio.timeout(timeout):
            await self._fill(wire.PREFIX.size)
            header_length, body_length = wire.PREFIX.unpack_from(self._inbox)
            wire.check_lengths(header_length, body_length, self._max_header, self._max_body)
            start = wire.PREFIX.size + header_length
            await self._fill(start)
            header = wire.parse_header(bytes(self._inbox[wire.PREFIX.size : start]))
            cap = self._max_bodies.get(header["type"], self._max_body)
            wire.check_lengths(header_length, body_length, self._max_header, cap)  # before a byte of it is taken in
            await self._fill(start + body_length)
        body = bytes(memoryview(self._inbox)[start : start + body_length])
        del self._inbox[: start + body_length]
        return header, body

    def close_write(self) -> None:
        """Close the end the worker reads: it sees the end of the channel."""
        self._close(self._write_fd)

    def close(self) -> None:
        """Close both ends."""
        self._close(self._write_fd)
        self._close(self._read_fd)

    def _close(self, fd: int) -> None:
        if fd in self._open:
            self._open.discard(fd)
            loop = asyncio.get_running_loop()
            loop.remove_reader(fd)
            loop.remove_writer(fd)
            os.close(fd)
            waiter = self._waiting.pop(fd, None)
            if waiter is not None and not waiter.done():
                waiter.set_result(None)

    async def _fill(self, count: int) -> None:
        loop = asyncio.get_running_loop()
        while len(self._inbox) < count:
            if self._read_fd not in self._open:
                raise EOFError("the channel is closed")
            try:
                chunk = os.read(self._read_fd, CHUNK)
            except BlockingIOError:
                await self._ready(self._read_fd, loop.add_reader, loop.remove_reader)
                continue
            if not chunk:
                raise EOFError("the worker closed the channel")
            self._inbox += chunk

    async def _write(self, view: memoryview) -> None:
        loop = asyncio.get_running_loop()
        while view:
            if self._write_fd not in self._open:
                raise BrokenPipeError("the channel is closed")
            try:
                view = view[os.write(self._write_fd, view[:CHUNK]) :]
            except BlockingIOError:
                await self._ready(self._write_fd, loop.add_writer, loop.remove_writer)

    async def _ready(
        self, fd: int, watch: Callable[[int, Callable[[], None]], None], unwatch: Callable[[int], bool]
    ) -> None:
        """Wait until the loop says that fd can be read or written, or until it is closed."""
        ready = asyncio.get_running_loop().create_future()
        self._waiting[fd] = ready

        def fire() -> None:
            if not ready.done():
                ready.set_result(None)

        watch(fd, fire)
        try:
            await ready
        finally:
            # Not when it was closed, since the number may be another file's by now, and not when a later call waits on
            # it already, because this one was cancelled and only now comes to its end.
            if self._waiting.get(fd) is ready:
                del self._waiting[fd]
                unwatch(fd)
