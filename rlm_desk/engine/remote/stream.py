"""Connected sockets, as the egress worker has them: from the connector, read and written as files, perhaps in TLS.

Nothing here makes or connects a socket: this process may not.
"""

import array  # noqa: F401  recv_fds imports it, when nothing can be opened any more
import asyncio
import contextlib
import itertools
import os
import socket
import ssl
from collections import deque

from rlm_desk.confine.connector import ANSWER, CONNECTED, TOKEN

CHUNK = 256 * 1024


class Lost(Exception):
    """The connection ended or could not be had; the text says how, without a full stop."""


class Sockets:
    """Asks the connector for sockets, one request at a time."""

    def __init__(self, descriptor: int) -> None:
        self._asked = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=descriptor)
        os.set_blocking(descriptor, False)
        # A worker before this one may have left without its answer: numbers that are its own tell them apart.
        self._numbers = itertools.count(int.from_bytes(os.urandom(6), "big"))
        self._lock = asyncio.Lock()
        self._waiting = 0
        self._failed: deque[tuple[int, str]] = deque(maxlen=1)

    async def connect(self) -> int:
        """A connected socket's descriptor. Raises Lost; those who waited for the same attempt share its failure."""
        self._waiting += 1
        number = self._waiting
        async with self._lock:
            if self._failed and self._failed[-1][0] >= number:
                raise Lost(self._failed[-1][1])
            try:
                return await self._ask()
            except Lost as problem:
                self._failed.append((self._waiting, str(problem)))
                raise

    async def _ask(self) -> int:
        token = next(self._numbers).to_bytes(TOKEN, "big")
        try:
            os.write(self._asked.fileno(), token)
            while True:
                await readable(self._asked.fileno())
                said, descriptors, _, _ = socket.recv_fds(self._asked, ANSWER, 4)  # one answer, though more may wait
                if len(said) < ANSWER:
                    raise Lost("the process that connects has ended")
                if said[:TOKEN] == token:
                    break
                for fd in descriptors:
                    os.close(fd)
        except asyncio.CancelledError:
            raise  # the answer is thrown away by the next who asks
        except OSError as problem:
            raise Lost(f"the process that connects has ended ({problem.strerror})") from problem
        if said[TOKEN : TOKEN + 1] != CONNECTED or not descriptors:
            why = said[TOKEN + 1 :].rstrip(b"\0").decode("utf-8", "replace")
            raise Lost(f"it cannot be connected to: {why[:1].lower()}{why[1:]}")
        return descriptors[0]


async def readable(fd: int) -> None:
    """Wait until a descriptor can be read."""
    await _ready(fd, write=False)


async def _ready(fd: int, write: bool) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()

    def fire() -> None:
        if not ready.done():
            ready.set_result(None)

    (loop.add_writer if write else loop.add_reader)(fd, fire)
    try:
        await ready
    finally:
        (loop.remove_writer if write else loop.remove_reader)(fd)


class Stream:
    """One connection: bytes in order, through TLS where there is a context."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._tls: ssl.SSLObject | None = None
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()

    @classmethod
    async def open(cls, fd: int, context: ssl.SSLContext | None, host: str) -> "Stream":
        """Take a connected socket over. Raises Lost, ssl.SSLCertVerificationError."""
        stream = cls(fd)
        if context is not None:
            try:
                await stream._shake(context, host)
            except BaseException:
                stream.close()
                raise
        return stream

    async def _shake(self, context: ssl.SSLContext, host: str) -> None:
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=host)
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                self._in.write(await self._receive() or self._ended())
                continue
            except ssl.SSLCertVerificationError:
                with contextlib.suppress(Lost):
                    await self._flush()  # the alert
                raise
            except ssl.SSLError as problem:
                raise Lost(f"it does not speak TLS as we do ({problem.reason or 'handshake failed'})") from problem
            await self._flush()
            return

    def _ended(self) -> bytes:
        raise Lost("it ended the connection")

    async def write(self, data: bytes) -> None:
        """Write all of it. Raises Lost."""
        if self._tls is None:
            await self._send(data)
            return
        view = memoryview(data)
        while view:
            view = view[self._tls.write(view[:CHUNK]) :]
            await self._flush()

    async def read(self) -> bytes:
        """What has come, at least a byte; nothing at the end. Raises Lost."""
        if self._tls is None:
            return await self._receive()
        while True:
            try:
                return self._tls.read(CHUNK)
            except ssl.SSLWantReadError:
                await self._flush()
                if not (raw := await self._receive()):
                    return b""  # an end without a farewell: HTTP's own lengths say whether all is there
                self._in.write(raw)
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLError as problem:
                raise Lost(f"what came is no TLS ({problem.reason})") from problem

    def silent(self) -> bool:
        """Whether nothing has come and it has not ended: an idle connection that can still be used."""
        try:
            os.read(self._fd, 1)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        """Close it. Safe to call twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    async def _flush(self) -> None:
        while raw := self._out.read():
            await self._send(raw)

    async def _send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._fd, view[:CHUNK]) :]
            except BlockingIOError:
                await _ready(self._fd, write=True)
            except OSError as problem:
                raise Lost(f"it ended the connection ({problem.strerror})") from problem

    async def _receive(self) -> bytes:
        # A server that sends faster than we read would keep everybody else in this process waiting, clocks included.
        await asyncio.sleep(0)
        while True:
            try:
                return os.read(self._fd, CHUNK)
            except BlockingIOError:
                await readable(self._fd)
            except OSError as problem:
                raise Lost(f"it ended the connection ({problem.strerror})") from problem
