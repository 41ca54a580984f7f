"""HTTP/1.1 over streams: requests with a JSON body, answers read whole or piece by piece, connections used again.

h11 parses what comes; here are the limits and the clocks. Redirects are not followed: they would lead elsewhere.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import h11

from rlm_desk.engine.remote.stream import Lost, Sockets, Stream

LARGEST_HEAD = 64 * 1024
LARGEST_BODY = 64 * 1024 * 1024
"""Bytes of an answer at most: a prompt's tokens as JSON numbers among them."""
LARGEST_ERROR = 1024 * 1024
"""Bytes of an answer that is an error."""
LARGEST_RAW = 2 * LARGEST_BODY
"""Bytes on the wire for one answer, with all that is not its body: interim answers, chunk headers, trailers."""
MOST_INTERIM = 16
"""Answers of 1xx before the one that was asked for."""
IDLE = 8
"""Connections kept for the next request."""


@dataclass(slots=True)
class Answer:
    """An answer whose head has come."""

    status: int
    headers: dict[str, str]
    """Lower-case names."""
    _connection: "_Connection"
    _seconds: float

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes. Raises Lost: it ended early, is no HTTP, or is too large."""
        taken = 0
        while (event := await self._connection.event()) is not h11.PAUSED:
            if isinstance(event, h11.EndOfMessage):
                return
            if isinstance(event, h11.Data):
                taken += len(event.data)
                if taken > LARGEST_BODY:
                    raise Lost("its answer is too large")
                yield bytes(event.data)

    async def whole(self, most: int = LARGEST_BODY) -> bytes:
        """All of the body, which has `most` bytes at most. Raises Lost."""
        found = bytearray()
        try:
            async with asyncio.timeout(self._seconds):
                async for piece in self.pieces():
                    found += piece
                    if len(found) > most:
                        raise Lost("its answer is too large")
            return bytes(found)
        except TimeoutError:
            raise Lost(f"its answer was not there after {self._seconds:g} s") from None

    async def json(self, most: int = LARGEST_BODY) -> Any:
        """The body as JSON; None where it is none, or more than there is memory for. Raises Lost."""
        try:
            return json.loads(await self.whole(most))
        except (ValueError, RecursionError, MemoryError):
            return None


class _Connection:
    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.http = h11.Connection(h11.CLIENT, max_incomplete_event_size=LARGEST_HEAD)
        self.used = False
        self._received = 0

    async def send(self, *events: Any) -> None:
        self._received = 0
        try:
            await self.stream.write(b"".join(self.http.send(event) or b"" for event in events))
        except h11.LocalProtocolError as problem:
            raise Lost(f"the request cannot be sent: {problem}") from problem

    async def event(self) -> Any:
        try:
            while (event := self.http.next_event()) is h11.NEED_DATA:
                raw = await self.stream.read()
                self._received += len(raw)
                if self._received > LARGEST_RAW:
                    raise Lost("its answer is too large")
                self.http.receive_data(raw)
        except h11.RemoteProtocolError as problem:
            raise Lost(f"its answer broke off or is no HTTP ({problem})") from problem
        if isinstance(event, h11.ConnectionClosed):
            raise Lost("it ended the connection")
        return event

    async def head(self) -> h11.Response:
        for _ in range(MOST_INTERIM):
            event = await self.event()
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse):
                raise Lost("its answer is no HTTP")
        raise Lost("it goes on announcing an answer that does not come")


class Client:
    """Speaks to one server."""

    def __init__(
        self,
        sockets: Sockets,
        *,
        host: str,
        authority: str,
        context: ssl.SSLContext | None,
        key: str = "",
        seconds: float = 300.0,
    ) -> None:
        self._sockets = sockets
        self._host = host
        self._context = context
        self._headers = [("host", authority), ("accept", "*/*"), ("user-agent", "rlm-desk")]
        self._headers += [("authorization", f"Bearer {key}")] if key else []
        self._idle: list[_Connection] = []
        self._seconds = seconds
        """How long an answer's head may take: the model may read a long prompt before it."""

    @asynccontextmanager
    async def ask(self, method: str, path: str, body: Any = None, seconds: float = 0.0) -> AsyncIterator[Answer]:
        """Send a request; the answer is there when its head has come. Left early, the connection is closed.

        Raises:
            Lost: there is no connection, it ended, or the head did not come in time.
            ssl.SSLCertVerificationError: the server is not who it says.
        """
        raw = b"" if body is None else json.dumps(body, ensure_ascii=True).encode()
        head = h11.Request(
            method=method,
            target=path,
            headers=[*self._headers, ("content-type", "application/json"), ("content-length", str(len(raw)))],
        )
        sent = [head, *([h11.Data(data=raw)] if raw else []), h11.EndOfMessage()]
        seconds = seconds or self._seconds
        connection, response = await self._head(sent, seconds)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in response.headers}
        try:
            yield Answer(response.status_code, headers, connection, seconds)
        finally:
            self._give_back(connection)

    async def _head(self, sent: list[Any], seconds: float) -> tuple[_Connection, h11.Response]:
        while True:
            connection = await self._connection()
            try:
                async with asyncio.timeout(seconds):
                    await connection.send(*sent)
                    return connection, await connection.head()
            except TimeoutError:
                connection.stream.close()
                raise Lost(f"it said nothing for {seconds:g} s") from None
            except Lost:
                connection.stream.close()
                # The server may have closed an idle connection just now: that says nothing about this request.
                if not connection.used:
                    raise
            except BaseException:
                connection.stream.close()
                raise

    async def _connection(self) -> _Connection:
        while self._idle:
            kept = self._idle.pop()
            if kept.stream.silent():
                return kept
            kept.stream.close()
        fd = await self._sockets.connect()
        try:
            async with asyncio.timeout(30):
                return _Connection(await Stream.open(fd, self._context, self._host))
        except TimeoutError:
            raise Lost("it did not finish the TLS handshake") from None

    def _give_back(self, connection: _Connection) -> None:
        http = connection.http
        if http.our_state is h11.DONE and http.their_state is h11.DONE and len(self._idle) < IDLE:
            http.start_next_cycle()
            connection.used = True
            self._idle.append(connection)
        else:
            connection.stream.close()
