"""A server of the OpenAI protocol that misbehaves as it is told: for what a real one does not do on demand."""

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

Writer = asyncio.StreamWriter
Play = Callable[[Writer, dict[str, Any]], Awaitable[None]]


def head(status: int = 200, kind: str = "text/event-stream", *more: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"content-type: {kind}", "connection: close", *more]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def event(text: str, finish: str | None = None) -> bytes:
    delta = {"choices": [{"delta": {"content": text}, "finish_reason": finish}]}
    return b"data: " + json.dumps(delta, ensure_ascii=False).encode() + b"\n\n"


USAGE = b'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}}\n\ndata: [DONE]\n\n'


async def well(writer: Writer, body: dict[str, Any]) -> None:
    writer.write(head() + event("all ") + event("well", "stop") + USAGE)


class FakeServer:
    """Plays one behaviour after another for completions; the last one stays."""

    def __init__(self, *plays: Play, models: Any = None) -> None:
        self.plays = list(plays) or [well]
        self.models = models or {"data": [{"id": "m", "owned_by": "vllm", "max_model_len": 4096}]}
        self.asked: list[dict[str, Any]] = []
        self.headers: list[bytes] = []
        self.gone = asyncio.Event()
        """A client left before its answer was whole."""
        self._server: asyncio.Server | None = None

    async def start(self, context: ssl.SSLContext | None = None) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        try:
            raw = await reader.readuntil(b"\r\n\r\n")
            self.headers.append(raw)
            length = next((int(x.split(b":")[1]) for x in raw.split(b"\r\n") if x.startswith(b"content-length")), 0)
            body = json.loads(await reader.readexactly(length)) if length else {}
            if b" /v1/models " in raw:
                writer.write(head(200, "application/json") + json.dumps(self.models).encode())
            elif b" /tokenize " in raw:
                count = sum(len(m["content"].split()) for m in body["messages"])
                writer.write(head(200, "application/json") + json.dumps({"count": count}).encode())
            else:
                self.asked.append(body)
                play = self.plays.pop(0) if len(self.plays) > 1 else self.plays[0]
                await play(writer, body)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            self.gone.set()
        finally:
            writer.close()

    async def hang(self, writer: Writer, body: dict[str, Any]) -> None:
        """One piece of text, then nothing until the client leaves."""
        writer.write(head() + event("first"))
        while True:
            await asyncio.sleep(0.02)
            writer.write(b": alive\n\n")
            await writer.drain()


def answering(status: int, body: Any = None, *headers: str) -> Play:
    async def play(writer: Writer, asked: dict[str, Any]) -> None:
        writer.write(head(status, "application/json", *headers) + json.dumps(body or {}).encode())

    return play


def sending(*pieces: bytes, pause: float = 0.0) -> Play:
    async def play(writer: Writer, asked: dict[str, Any]) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return play
