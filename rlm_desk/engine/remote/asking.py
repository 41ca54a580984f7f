"""One completion from beginning to end: measured, sent, streamed, and sent again where that is safe."""

import asyncio
import random
import ssl
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from rlm_desk.engine.remote.gate import Gate
from rlm_desk.engine.remote.http import LARGEST_ERROR, Answer, Client
from rlm_desk.engine.remote.kinds import fields
from rlm_desk.engine.remote.reply import Reply
from rlm_desk.engine.remote.secret import Secret
from rlm_desk.engine.remote.server import Server
from rlm_desk.engine.remote.sse import Events, Malformed
from rlm_desk.engine.remote.stream import Lost
from rlm_desk.engine.remote.trouble import Again, Refusal, TooLarge, judge

TRIES = 6
LONGEST_PAUSE = 8.0
WORDLESS = 12
"""Times as long as a server may be silent that it may send signs of life and no text."""
Frame = dict[str, Any]
Messages = list[tuple[str, str]]


class Asking:
    """Makes completions at one server."""

    def __init__(
        self,
        client: Client,
        server: Server,
        tell: Callable[[Frame], Awaitable[None]],
        *,
        window: int,
        slots: int,
        origin: str,
        secret: Secret,
        seconds: float,
        pause: float,
    ) -> None:
        self._client = client
        self._server = server
        self._tell = tell
        self._window = window
        self._origin = origin
        self._secret = secret
        self._seconds = seconds
        """Without a sign of life for so long, a reply is given up and asked again."""
        self._pause = pause
        """Seconds before the second try, about; doubled each time."""
        self.gate = Gate(slots)
        self.log: deque[str] = deque(maxlen=200)

    async def complete(self, request: Frame, messages: Messages) -> Frame:
        """The frame that ends a request. `text` frames go to `tell` meanwhile."""
        identity, began = int(request["id"]), time.monotonic()
        deadline = float(request.get("seconds") or 0.0) or None
        try:
            async with asyncio.timeout(deadline), self.gate.enter(int(request.get("priority", 0))):
                if (refused := await self._refused(request, messages)) is not None:
                    return refused
                done = await self._tries(request, messages)
        except TimeoutError:
            return error(identity, f"It took longer than the {deadline:g} s it was given.", "", "DeadlinePassed")
        except (TooLarge, Refusal, Lost, Again, Malformed, ssl.SSLCertVerificationError) as problem:
            return self._failed(problem, request)
        return {"type": "done", "id": identity, "seconds": time.monotonic() - began, "confidence": 1.0, **done}

    def _failed(self, problem: Exception, request: Frame) -> Frame:
        identity = int(request["id"])
        if isinstance(problem, TooLarge):
            window = problem.window or self._window
            tokens = max(problem.tokens + _reply(request), window + 1)
            return {"type": "refused", "id": identity, "tokens": tokens, "window": window}
        if isinstance(problem, ssl.SSLCertVerificationError):
            return error(identity, *certificate(self._origin, problem))
        if isinstance(problem, Refusal):
            return error(identity, str(problem), problem.next_step)
        return error(identity, f"The server {self._origin} did not answer: {problem}.", "See that it runs; ask again.")

    async def _refused(self, request: Frame, messages: Messages) -> Frame | None:
        """A prompt that cannot fit is not sent."""
        reply = _reply(request)
        if self._server.surely_fits(messages, reply, self._window):
            return None
        size = await self._patient(lambda: self._server.count(messages))
        if size + reply <= self._window:
            return None
        return {"type": "refused", "id": int(request["id"]), "tokens": size + reply, "window": self._window}

    async def _patient(self, ask: Callable[[], Awaitable[int]]) -> int:
        for attempt in range(TRIES):
            try:
                return await ask()
            except Lost as problem:
                await self._rest(attempt, problem)
        raise Lost("no connection")

    async def count(self, messages: Messages) -> int:
        """Tokens of a prompt. Raises Lost, after several tries."""
        return await self._patient(lambda: self._server.count(messages))

    async def _tries(self, request: Frame, messages: Messages) -> Frame:
        body = fields(self._server.found.kind, request, self._server.found.model, messages)
        shown = _Shown(request, self._tell)
        greedy = body["temperature"] <= 0
        for attempt in range(TRIES):
            shown.again()
            try:
                reply = await self._attempt(body, request, shown)
            except (Lost, Again, Malformed) as problem:
                if shown.delivered and not greedy:
                    # Drawn anew the reply would be another one: what was shown of it would stand beside that.
                    raise Lost(f"{problem}, in the middle of a reply that was drawn at random") from problem
                await self._rest(attempt, problem)
                continue
            if reply.prompt:
                self._server.learn(messages, reply.prompt)
            prompt = reply.prompt or await self._patient(lambda: self._server.count(messages))
            return {
                "text": reply.text,
                "thinking": reply.thought,
                "finish": "length" if reply.finish == "length" else "stop",
                "prompt": prompt,
                "cached": reply.cached,
                "completion": reply.completion or reply.chunks,
            }
        raise Lost("it failed every time")  # not reached: the last `_rest` raises

    async def _rest(self, attempt: int, problem: Exception) -> None:
        """Wait before the next try, longer each time and never together with others. Raises it when it was the last."""
        most = min(problem.tries, TRIES) if isinstance(problem, Again) else TRIES
        if attempt + 1 >= most:
            raise problem
        pause = min(LONGEST_PAUSE, self._pause * 2**attempt) * random.uniform(0.5, 1.0)
        if isinstance(problem, Again):
            pause = max(pause, problem.after * random.uniform(1.0, 1.1))
        self.log.append(f"try {attempt + 1}: {problem}; again in {pause:.1f} s")
        await asyncio.sleep(pause)

    async def _attempt(self, body: Frame, request: Frame, shown: "_Shown") -> Reply:
        reply = Reply(tuple(request.get("stop") or ()), body["max_tokens"], self._origin, self._secret)
        async with self._client.ask("POST", self._server.at("/v1/chat/completions"), body) as answer:
            if answer.status != 200:
                raw = await answer.whole(LARGEST_ERROR)
                raise judge(answer.status, raw, answer.headers, self._origin, self._secret)
            if not answer.headers.get("content-type", "").lower().startswith("text/event-stream"):
                await shown.take(reply.take((await answer.whole()).decode("utf-8", "replace")))
            else:
                await self._streamed(answer, reply, shown)
        await shown.take(reply.end())
        return reply

    async def _streamed(self, answer: Answer, reply: Reply, shown: "_Shown") -> None:
        events, lines, chunks, over = Events(), 0, 0, False
        loop = asyncio.get_running_loop()
        latest = loop.time() + WORDLESS * self._seconds
        try:
            async with asyncio.timeout(self._seconds) as life:
                async for piece in answer.pieces():
                    for data in events.feed(piece):
                        over = over or data.strip() == "[DONE]"
                        if not over:
                            await shown.take(reply.take(data))
                    if reply.stopped:
                        return  # leaving closes the connection, and the server stops
                    if events.lines > lines:  # whole lines only: bytes one at a time are no sign of life
                        lines = events.lines
                        if reply.chunks > chunks:
                            chunks, latest = reply.chunks, loop.time() + WORDLESS * self._seconds
                        life.reschedule(min(loop.time() + self._seconds, latest))
                for data in events.finish():
                    over = over or data.strip() == "[DONE]"
                    if not over:
                        await shown.take(reply.take(data))
        except TimeoutError:  # of this clock: the request's own deadline cancels from outside
            raise Lost(f"it said nothing for {self._seconds:g} s") from None
        if not over and not reply.finish:
            raise Malformed("its reply broke off")


class _Shown:
    """Text that was delivered, over all tries: a greedy reply that is made again is not shown again."""

    def __init__(self, request: Frame, tell: Callable[[Frame], Awaitable[None]]) -> None:
        self._tell = tell if request.get("stream") else None
        self._id = int(request["id"])
        self.delivered = 0
        self._received = 0

    def again(self) -> None:
        self._received = 0

    async def take(self, text: str) -> None:
        if self._tell is None or not text:
            return
        self._received += len(text)
        new = self._received - self.delivered
        if new > 0:
            self.delivered = self._received
            await self._tell({"type": "text", "id": self._id, "text": text[-new:]})


def _reply(request: Frame) -> int:
    return int(request["max_tokens"]) + max(0, int(request.get("thinking", 0)))


def error(identity: int, sentence: str, next_step: str, name: str = "EngineError") -> Frame:
    """The frame that ends a request with an error; `name` is the class the host raises."""
    return {"type": "error", "id": identity, "error": name, "sentence": sentence, "next_step": next_step}


def certificate(origin: str, problem: ssl.SSLCertVerificationError) -> tuple[str, str]:
    """What to say of a certificate that does not hold."""
    return (
        f"The certificate of {origin} is not accepted: {problem.verify_message}.",
        "Name the certificate of its authority: engine.ca_file. The check cannot be switched off.",
    )
