"""Sub-calls a cell makes: free-form prompts, and typed questions over items with one answer each."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rlm_desk import events
from rlm_desk.clean import one_line
from rlm_desk.completion import Completion, Message, Sampling
from rlm_desk.corpus import Span
from rlm_desk.errors import AnswerNow, BudgetExceeded, WouldNotFit
from rlm_desk.repl.calls import Call, Item
from rlm_desk.rlm import typed
from rlm_desk.rlm.dialects.base import Dialect
from rlm_desk.rlm.gateway import Ask, Draft, Gateway
from rlm_desk.rlm.ports import Attribution
from rlm_desk.rlm.stops import NO_ANSWER, Stopped, Stops
from rlm_desk.rlm.view import View

AGAIN = (Sampling(temperature=0.4, seed=1), Sampling(temperature=0.7, seed=2))
"""How an unusable reply is asked again: warmer each time, since greedy would only repeat itself."""
IN_FLIGHT = 64
"""Sub-calls handed to the engine at once; it batches as many as its slots hold."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who makes the calls: the node, its depth, and the corpus it sees."""

    node: int
    depth: int
    view: View


class Subcalls:
    """Serves the plain LM calls of every node of a run."""

    def __init__(
        self, gateway: Gateway, dialect: Dialect, attribution: Attribution, free_tokens: int, stops: Stops
    ) -> None:
        self._gateway = gateway
        self._stops = stops
        self._dialect = dialect
        self._attribution = attribution
        self._free_tokens = free_tokens
        self._room = asyncio.Semaphore(IN_FLIGHT)

    async def serve(self, call: Call, origin: Origin) -> list[Any]:
        """One value per item: text for `llm`, a typed value or None for `map`, a label or None for `classify`.

        Raises:
            AnswerNow: the person wants an answer with what there is, and none of these was had. Where some were,
                the others have none.
            BudgetExceeded: not enough sub-calls are left for all items; none was made.
            Stopped: the person stopped the only prompt there was.
            WouldNotFit: every item's prompt is larger than the window. Where only some are, theirs is `refused`.
        """
        if not call.items:
            return []
        budget = self._gateway.budget
        if budget.hurried:
            raise AnswerNow
        await budget.afford(len(call.items))
        recorder = self._gateway.recorder
        batch = recorder.node()
        label = one_line(call.question or call.items[0].text or call.op)
        recorder.emit(
            events.NodeStarted,
            node=batch,
            parent=origin.node,
            role="batch",
            depth=origin.depth + 1,
            label=label,
            items=len(call.items),
        )
        stopped = ""
        tasks: list[asyncio.Task[tuple[Any, bool]]] = []
        try:
            async with self._stops.over(batch), asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._one(call, item, batch, origin)) for item in call.items]
        except BaseExceptionGroup as failures:
            problem = _first(failures)
            recorder.emit(events.NodeFinished, node=batch, status="failed", error=str(problem))
            raise problem from None
        except Stopped as told:
            stopped = told.sentence
        except asyncio.CancelledError:
            recorder.emit(events.NodeFinished, node=batch, status="cancelled")
            raise
        results = [self._result(call, task) for task in tasks]
        refused = [value for value, _ in results if isinstance(value, WouldNotFit)]
        if len(refused) == len(results):
            recorder.emit(events.NodeFinished, node=batch, status="failed", error=refused[0].sentence)
            raise refused[0]
        if budget.hurried and not all(usable for _, usable in results):
            budget.refused = AnswerNow()  # what it answers lacks them
            stopped = stopped or budget.refused.sentence
        missing = tuple(index for index, (_, usable) in enumerate(results) if not usable)
        if missing:
            recorder.emit(events.Missing, node=batch, items=missing)
        recorder.emit(events.NodeFinished, node=batch, status="cancelled" if stopped else "done", error=stopped)
        if budget.hurried and len(missing) == len(results):
            raise AnswerNow
        if missing and call.op == "llm" and len(results) == 1:
            raise Stopped
        return [{"refused": value.sentence} if isinstance(value, WouldNotFit) else value for value, _ in results]

    @staticmethod
    def _result(call: Call, task: "asyncio.Task[tuple[Any, bool]]") -> tuple[Any, bool]:
        """An item's value and whether it is usable; one that was stopped has no answer, and says so."""
        if not task.cancelled():
            return task.result()
        return _nothing(call)

    async def _one(self, call: Call, item: Item, batch: int, origin: Origin) -> tuple[Any, bool]:
        """The value of one item and whether a usable reply was had."""
        async with self._room:
            if self._gateway.budget.hurried:
                return _nothing(call)  # it had not begun
            recorder = self._gateway.recorder
            node = recorder.node()
            label = one_line(item.label or item.text or "call")
            recorder.emit(events.NodeStarted, node=node, parent=batch, role="call", depth=origin.depth + 1, label=label)
            try:
                async with self._stops.to_the_end(node):
                    return await self._ask(call, item, node, origin)
            except (Stopped, AnswerNow):
                return _nothing(call)
            except WouldNotFit as problem:
                if len(call.items) == 1:
                    raise
                return problem, False  # the others are not to suffer for it

    async def _ask(self, call: Call, item: Item, node: int, origin: Origin) -> tuple[Any, bool]:
        draft, shown = await self._draft(call, item, origin)
        free = call.op == "llm"
        kind = "label" if call.op == "classify" else call.kind
        form = typed.grammar(kind, tuple(call.labels)) if self._dialect.constrained and not free else ""
        begin = form if kind in typed.CLOSED else ""
        if self._dialect.extractive and not free:
            begin = form = typed.extract(kind, Draft(draft.role, draft.parts[1:2]).text)
        max_tokens = self._free_tokens if free else self._dialect.answer_tokens
        first = Sampling() if not free else replace(self._dialect.sampling, seed=0)
        ask = Ask(
            node=node,
            turn=0,
            added=(draft,),
            messages=(draft.message,),
            max_tokens=max_tokens,
            sampling=first,
            priority=origin.depth + 1,
            shown=shown,
            cached=first.temperature == 0.0,
            grammar=begin,
        )
        reply = await self._gateway.ask(ask)
        if free:
            return _whole(reply.text.strip(), reply), True
        for turn, sampling in enumerate((*AGAIN, None), start=1):
            try:
                value = typed.parse(reply.text, kind, call.labels)
                return (_whole(value, reply) if kind == "text" else value), True
            except typed.Unusable as problem:
                if sampling is None:
                    break
                self._gateway.recorder.emit(events.Nudged, node=node, turn=turn, reason=str(problem))
                reply = await self._gateway.ask(
                    replace(ask, turn=turn, added=(), sampling=sampling, cached=False, shown=(), grammar=form)
                )
        return None, False

    async def _draft(self, call: Call, item: Item, origin: Origin) -> tuple[Draft, tuple[Span, ...]]:
        """The user message of a sub-call and the corpus characters it shows."""
        if call.op == "llm":
            prompt = item.text or ""
            return Draft.of(Message("user", prompt)), await self._attribution.find(prompt, origin.view.near)
        kind = "label" if call.op == "classify" else call.kind
        layout = self._dialect.subcall(call.question, kind, call.labels)
        if item.span is None:
            text = item.text or ""
            return Draft("user", (layout.before, text, layout.after)), await self._attribution.find(
                text, origin.view.near
            )
        text = origin.view.corpus.text[item.span.start : item.span.end]
        places = await origin.view.trace(item.span, self._attribution)
        # A text that code made may have the length of its place, by chance, and other characters.
        whole = len(places) == 1 and origin.view.whole.text[places[0].start : places[0].end] == text
        middle: str | tuple[Span, str] = (places[0], text) if whole else text
        return Draft("user", (layout.before, middle, layout.after)), places


def _nothing(call: Call) -> tuple[Any, bool]:
    """The value of an item that was stopped, or never asked, and that it is not usable."""
    return (NO_ANSWER if call.op == "llm" else None), False


def _whole(value: Any, reply: Completion) -> Any:
    """A reply's value for the cell, which is told where the reply was cut off."""
    return {"cut": value} if reply.finish == "length" and isinstance(value, str) else value


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """The failure to report: a spent budget before anything else, then the first."""
    leaves: Sequence[BaseException] = [
        leaf
        for one in failures.exceptions
        for leaf in (one.exceptions if isinstance(one, BaseExceptionGroup) else (one,))
    ]
    return next((leaf for leaf in leaves if isinstance(leaf, BudgetExceeded)), leaves[0])
