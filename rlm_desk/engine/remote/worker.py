"""The egress worker: frames of the engine's protocol in, HTTP to one server out. Everything that server says is parsed
here, behind the boundary of a document's parser.

Frames in and out are those of `engine.worker`. It may not make or connect a socket: each comes from the connector.
"""

import asyncio
import fcntl
import os
import selectors
import ssl
import time
from typing import Any

# All of it before the lock: nothing can be opened afterwards.
from rlm_desk.confine import lockdown, policies
from rlm_desk.confine.channel import Channel
from rlm_desk.engine.framing import messages
from rlm_desk.engine.remote.asking import Asking, certificate, error
from rlm_desk.engine.remote.http import Client
from rlm_desk.engine.remote.secret import Secret
from rlm_desk.engine.remote.server import Found, ModelError, Server
from rlm_desk.engine.remote.stream import Lost, Sockets
from rlm_desk.wire import FrameError, Pipe

STATS_SECONDS = 0.5
START_TRIES = 3


class EngineError(Exception):
    """There is no server. The host raises its own by this name."""

    def __init__(self, sentence: str, next_step: str) -> None:
        super().__init__(sentence)
        self.next_step = next_step


def main(pipe: Pipe) -> None:
    """Serve until the host closes the channel."""
    start, _ = pipe.receive()
    if start["type"] != "start":
        raise FrameError(f"{start['type']!r} before 'start'")

    for codec in ("idna", "latin-1", "ascii", "utf-16-le"):
        "name".encode(codec)  # its module is imported now: nothing can be opened later
    context = tls(str(start.get("authorities", ""))) if start["tls"] else None
    sockets = Sockets(int(start["socket"]))
    loop = asyncio.SelectorEventLoop(selectors.PollSelector())  # poll() is all it needs of the kernel
    asyncio.set_event_loop(loop)
    channel = Channel(*pipe.descriptors, policies.EGRESS.max_header, policies.EGRESS.max_body)
    layers = lockdown.lock(policies.EGRESS, start.get("address_space"))
    try:
        loop.run_until_complete(_Serving(channel, sockets, context, start).run(layers))
    finally:
        for fd in pipe.descriptors:  # what is still to be said is said whole; os.set_blocking would need an ioctl
            fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) & ~os.O_NONBLOCK)


def tls(authorities: str) -> ssl.SSLContext:
    """A context that checks names and certificates; with the system's authorities, or those of a PEM text instead."""
    context = ssl.create_default_context(cadata=authorities or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _Serving:
    def __init__(
        self, channel: Channel, sockets: Sockets, context: ssl.SSLContext | None, start: dict[str, Any]
    ) -> None:

        self._channel = channel
        self._start = start
        self._origin = str(start["origin"])
        key = str(start.get("key", ""))
        self._secret = Secret(key)
        self._client = Client(
            sockets,
            host=str(start["host"]),
            authority=str(start["authority"]),
            context=context,
            key=key,
            seconds=float(start["seconds"]),
        )
        self._server = Server(self._client, str(start.get("path", "")), self._origin, self._secret)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._sending: set[asyncio.Future[None]] = set()
        self._told = 0.0

    async def run(self, layers: list[dict[str, str]]) -> None:

        found = await self._look()
        wished = int(self._start.get("window", 0))
        window = min(found.window or wished, wished or found.window)
        if window <= 0:
            raise ModelError(
                f"The server {self._origin} does not say how many tokens a request may hold.",
                "Say it: engine.window in config.toml, as the server was started with.",
            )
        slots = 1 if found.kind.single else int(self._start["slots"])
        self._asking = Asking(
            self._client,
            self._server,
            self._post,
            window=window,
            slots=slots,
            origin=self._origin,
            secret=self._secret,
            seconds=float(self._start["seconds"]),
            pause=float(self._start["pause"]),
        )
        self._slots = slots
        facts = {"server": found.kind.name, "model": found.model, "server_slots": found.slots}
        how = {"counting": found.kind.counting, "constraining": found.kind.constraining}
        ready = {"type": "ready", "layers": layers, "window": window, **facts, **how}
        await self._channel.send(self._secret.frame(ready))
        try:
            while True:
                header, body = await self._channel.receive()
                await self._handle(header, body)
        finally:
            for task in self._tasks.values():
                task.cancel()

    async def _look(self) -> Found:
        """Ask the server who it is; a few times, since it may be starting."""

        for attempt in range(START_TRIES):
            try:
                return await self._server.look(str(self._start.get("model", "")))
            except ssl.SSLCertVerificationError as problem:
                raise EngineError(*certificate(self._origin, problem)) from problem
            except Lost as problem:
                if attempt + 1 == START_TRIES:
                    raise EngineError(
                        f"The server {self._origin} does not answer: {self._secret.hide(str(problem))}.",
                        "See that it runs, and that engine.url is right.",
                    ) from problem
                await asyncio.sleep(float(self._start["pause"]) * 2**attempt)
        raise AssertionError("the last try returns or raises")

    async def _handle(self, header: dict[str, Any], body: bytes) -> None:

        kind = header["type"]
        if kind in ("complete", "count"):
            identity = int(header["id"])
            task = asyncio.ensure_future(self._work(header, messages(header, body)))
            self._tasks[identity] = task
            task.add_done_callback(lambda _: self._tasks.pop(identity, None))
        elif kind == "cancel":
            running = self._tasks.get(int(header["id"]))
            if running is not None:
                running.cancel()  # its connection is closed, and the server stops
            await self._post({"type": "cancelled", "id": header["id"], "running": running is not None})
        elif kind == "log":
            await self._post({"type": "log", "id": header["id"], "text": "\n".join(self._asking.log)})
        else:
            raise FrameError(f"unknown message {kind!r}")

    async def _work(self, header: dict[str, Any], told: list[tuple[str, str]]) -> None:

        try:
            if header["type"] == "complete":
                frame = await self._asking.complete(header, told)
            else:
                frame = {"type": "counted", "id": header["id"], "tokens": await self._asking.count(told)}
        except (Lost, ssl.SSLError) as problem:
            frame = error(int(header["id"]), f"The server {self._origin} did not answer: {problem}.", "Ask again.")
        except Exception as problem:  # a defect of ours must not leave the caller waiting
            frame = error(int(header["id"]), f"The worker that speaks to the server failed: {problem!r}.", "Report it.")
        await self._post(frame)
        gate = self._asking.gate
        if (now := time.monotonic()) - self._told >= STATS_SECONDS or not gate.inside:
            self._told = now
            await self._post({"type": "stats", "slots": self._slots, "busy": gate.inside, "queued": gate.waiting})

    async def _post(self, frame: dict[str, Any]) -> None:
        """Send a frame whole, whoever is cancelled meanwhile: half a frame would end the channel."""
        sending = asyncio.ensure_future(self._channel.send(self._secret.frame(frame)))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)
        await asyncio.shield(sending)
