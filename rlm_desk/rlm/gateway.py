"""Every completion of a run passes here: budget, sub-answer cache, engine, events."""

import asyncio
import dataclasses
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from rlm_desk import events
from rlm_desk.completion import Completer, Completion, Message, Request, Role, Sampling, Usage
from rlm_desk.corpus import Span
from rlm_desk.errors import AnswerNow, BudgetExceeded, WouldNotFit
from rlm_desk.rlm.budget import Budget
from rlm_desk.rlm.ports import Cache
from rlm_desk.rlm.recorder import Recorder

CHECKPOINT_SECONDS = 1.0
OnText = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Draft:
    """A message in the making: its parts are texts, or characters of the run's corpus with their text."""

    role: Role
    parts: tuple[str | tuple[Span, str], ...]

    @property
    def text(self) -> str:
        """All parts, joined."""
        return "".join(part if isinstance(part, str) else part[1] for part in self.parts)

    @property
    def message(self) -> Message:
        return Message(self.role, self.text)

    @classmethod
    def of(cls, message: Message) -> "Draft":
        """A draft that is all text."""
        return cls(message.role, (message.content,))


@dataclass(frozen=True, slots=True)
class Ask:
    """One completion to make."""

    node: int
    turn: int
    added: tuple[Draft, ...]
    """Messages that are new since this node's last turn: these are recorded."""
    messages: tuple[Message, ...]
    """All messages, as sent."""
    max_tokens: int
    sampling: Sampling
    priority: int
    shown: tuple[Span, ...] = ()
    cached: bool = False
    """May be answered from, and kept in, the sub-answer cache."""
    grammar: str = ""
    """GBNF the reply must follow."""
    finishing: bool = False
    """Asks for a node's answer, which is also wanted when nothing else is."""


class Gateway:
    """Shared by all nodes of a run."""

    def __init__(
        self,
        completer: Completer,
        recorder: Recorder,
        budget: Budget,
        *,
        model_key: str,
        cache: Cache | None = None,
        on_text: OnText | None = None,
    ) -> None:
        self.completer = completer
        self.recorder = recorder
        self.budget = budget
        self._model_key = model_key
        self._cache = cache
        self._on_text = on_text

    async def ask(self, ask: Ask) -> Completion:
        """Make one completion and record it.

        Raises:
            BudgetExceeded: tokens or seconds are used up, before or during it.
            WouldNotFit: the prompt is larger than the window; no model saw it, and `Refused` is recorded.
            EngineError, WorkerDied: the engine failed it.
        """
        await self.budget.going()
        await self.budget.checked(ask.finishing)
        self._record_asked(ask)
        key = self._key(ask) if ask.cached and self._cache else ""
        if key and self._cache and (known := await self._cache.get_answer(key)) is not None:
            completion = Completion(known, "stop", Usage())
            self._record_reply(ask, completion, cached=True)
            return completion
        started = time.perf_counter()
        completion = await self._completed(ask)
        self.budget.charge(completion.usage)
        self._record_reply(ask, completion, seconds=time.perf_counter() - started)
        for low in self.budget.newly_low():
            self.recorder.emit(events.BudgetLow, what=low.what, left=low.left, limit=low.limit)
        if key and self._cache and completion.finish == "stop":
            await self._cache.put_answer(key, completion.text, self.recorder.run)
        return completion

    async def _completed(self, ask: Ask) -> Completion:
        """The engine's reply, within the seconds that are left; asked again where the person allowed more of them."""
        request = Request(ask.messages, ask.max_tokens, ask.sampling, priority=ask.priority, grammar=ask.grammar)
        while True:
            heard: list[str] = []
            try:
                async with self.budget.deadline(ask.finishing):
                    return await self.completer.complete(request, self._listener(ask, heard))
            except WouldNotFit as refused:
                raise self._refused(ask, refused) from None
            except (asyncio.CancelledError, AnswerNow):
                # What it had written is kept, and says that the model had been shown the prompt.
                if heard:
                    self._checkpoint(ask, heard)
                raise
            except BudgetExceeded:
                if self.budget.seconds_left <= 0 and not await self.budget.more("seconds"):
                    raise

    async def fits(self, messages: tuple[Message, ...], reply: int) -> int:
        """Tokens to spare in the window after `messages` and a reply; negative when they do not fit."""
        return self.completer.window - await self.completer.count(messages) - reply

    async def refuse_oversized(self, messages: tuple[Message, ...], reply: int) -> None:
        """Raises WouldNotFit with the prompt's size when it does not fit."""
        tokens = await self.completer.count(messages)
        if tokens + reply > self.completer.window:
            raise WouldNotFit(tokens, self.completer.window - reply)

    def _listener(self, ask: Ask, parts: list[str]) -> Callable[[str], None]:
        last = time.monotonic()

        def listen(piece: str) -> None:
            nonlocal last
            parts.append(piece)
            if self._on_text:
                self._on_text(ask.node, piece)
            if time.monotonic() - last >= CHECKPOINT_SECONDS:
                last = time.monotonic()
                self._checkpoint(ask, parts)

        return listen

    def _checkpoint(self, ask: Ask, parts: list[str]) -> None:
        text = self.recorder.text("".join(parts))
        self.recorder.emit(events.PartialReply, node=ask.node, turn=ask.turn, text=text)

    def _record_asked(self, ask: Ask) -> None:
        refs = tuple(
            events.MessageRef(role=draft.role, pieces=tuple(self._piece(part) for part in draft.parts))
            for draft in ask.added
        )
        shown = tuple((span.start, span.end) for span in ask.shown)
        self.recorder.emit(events.Asked, node=ask.node, turn=ask.turn, messages=refs, shown=shown)

    def _refused(self, ask: Ask, refused: WouldNotFit) -> WouldNotFit:
        """Record a refusal, in tokens of the prompt alone: an engine counts the reply's room as well."""
        reply = ask.max_tokens if refused.window >= self.completer.window else 0
        exact = WouldNotFit(refused.tokens - reply, refused.window - reply)
        shown = tuple((span.start, span.end) for span in ask.shown)
        self.recorder.emit(
            events.Refused, node=ask.node, turn=ask.turn, tokens=exact.tokens, window=exact.window, shown=shown
        )
        return exact

    def _piece(self, part: str | tuple[Span, str]) -> events.Piece:
        if isinstance(part, str):
            return events.Piece(blob=self.recorder.text(part))
        return events.Piece(start=part[0].start, end=part[0].end)

    def _record_reply(self, ask: Ask, completion: Completion, seconds: float = 0.0, cached: bool = False) -> None:
        usage = completion.usage
        self.recorder.emit(
            events.Replied,
            node=ask.node,
            turn=ask.turn,
            text=self.recorder.text(completion.text),
            finish=completion.finish,
            usage=events.TokenUsage(prompt=usage.prompt, cached=usage.cached, completion=usage.completion),
            seconds=seconds,
            cached=cached,
        )

    def _key(self, ask: Ask) -> str:
        """Same model, prompt and sampling: same key."""
        content = [self._model_key, ask.max_tokens, [(m.role, m.content) for m in ask.messages]]
        content += [dataclasses.asdict(ask.sampling), ask.grammar]
        return hashlib.sha256(json.dumps(content, ensure_ascii=True, sort_keys=True).encode()).hexdigest()
