"""A run: one question over one corpus, from its first event to its last."""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from rlm_desk import events
from rlm_desk.clean import one_line
from rlm_desk.completion import Completer
from rlm_desk.corpus import Corpus, Span
from rlm_desk.errors import AnswerNow, BudgetExceeded, Cancelled, DeskError, WouldNotFit
from rlm_desk.events import BudgetLimits, RunStatus
from rlm_desk.repl.calls import Call, Item
from rlm_desk.rlm import typed
from rlm_desk.rlm.budget import Budget
from rlm_desk.rlm.cells import Served, Task
from rlm_desk.rlm.dialects.base import Dialect
from rlm_desk.rlm.gateway import Ask, Gateway, OnText
from rlm_desk.rlm.node import Node, Solution, child_question, cut_off
from rlm_desk.rlm.plain import plain_draft, plain_tokens
from rlm_desk.rlm.ports import Attribution, Cache, OpenRepl
from rlm_desk.rlm.recorder import Recorder
from rlm_desk.rlm.stops import NO_ANSWER, Stopped, Stops
from rlm_desk.rlm.subcalls import Origin, Subcalls
from rlm_desk.rlm.view import View

T = TypeVar("T")
Route = Literal["recursive", "plain"]
CHILDREN = 8
"""Children of one depth that work at once: each has a Python process of its own."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended."""

    status: RunStatus
    text: str
    how: events.AnswerHow | None
    error: str = ""
    exit_code: int = 0
    """What the command line ends with (see `errors`)."""


CANCELLED = Outcome("cancelled", "", None, Cancelled().sentence, Cancelled.exit_code)


def failed(problem: DeskError) -> Outcome:
    """The outcome of a run that met an error it could not go on from."""
    return Outcome("failed", "", None, f"{problem.sentence} {problem.next_step}".strip(), problem.exit_code)


@dataclass(frozen=True)
class Job:
    """Everything a run needs to know; its ports apart."""

    question: str
    corpus: Corpus
    model: events.ModelRef
    dialect: Dialect
    dialect_name: str
    profile: str
    limits: BudgetLimits
    route: Route = "recursive"
    earlier: tuple[tuple[str, str], ...] = ()
    """Questions and answers of this workspace before this one."""
    told: tuple[str, ...] = ()
    """The runs they are from."""
    estimate_tokens: int = 0
    estimate_seconds: float = 0.0
    workspace: int = 0
    """The store's number of the workspace; 0 for none."""
    skipped: tuple[events.SkippedRef, ...] = ()
    """Files that were to be read and could not be."""


class RlmRun:
    """Wires a job to its ports and runs it."""

    def __init__(
        self,
        job: Job,
        *,
        completer: Completer,
        open_repl: OpenRepl,
        recorder: Recorder,
        attribution: Attribution,
        cache: Cache | None = None,
        on_text: OnText | None = None,
    ) -> None:
        self._job = job
        self._recorder = recorder
        self._open_repl = open_repl
        self._attribution = attribution
        self.budget = Budget(job.limits)
        key = f"{job.model.sha256}/{job.dialect_name}/{job.profile}"
        self._gateway = Gateway(completer, recorder, self.budget, model_key=key, cache=cache, on_text=on_text)
        self.stops = Stops(recorder)
        self._room: dict[int, asyncio.Semaphore] = {}
        """For the children of each depth: those wait for their own, so that one for all could be held for ever."""
        self._subcalls = Subcalls(self._gateway, job.dialect, attribution, job.dialect.reply_tokens, self.stops)

    async def run(self) -> Outcome:
        """Run to the end. Never raises but for cancellation; a failure is the run's outcome, with its sentence."""
        job, recorder = self._job, self._recorder
        self._begin()
        try:
            solution = await (self._plain() if job.route == "plain" else self._recursive())
        except asyncio.CancelledError:
            self._end(CANCELLED)
            raise
        except DeskError as problem:
            outcome = failed(problem)
            recorder.emit(events.NodeFinished, node=0, status="failed", error=problem.sentence)
            return self._end(outcome)
        recorder.emit(events.NodeFinished, node=0, status="done")
        whole = solution.how in ("final", "plain")
        if whole:
            return self._end(Outcome("answered", solution.text, solution.how))
        return self._end(Outcome("best_effort", solution.text, solution.how, solution.why, BudgetExceeded.exit_code))

    def _begin(self) -> None:
        job, recorder = self._job, self._recorder
        references = tuple(
            events.DocumentRef(
                id=placed.document.id,
                name=placed.document.name,
                chars=len(placed.document.text),
                pages=len(placed.document.pages),
            )
            for placed in job.corpus.documents
        )
        recorder.emit(
            events.RunStarted,
            question=recorder.text(job.question),
            documents=references,
            chars=len(job.corpus),
            model=job.model,
            dialect=job.dialect_name,
            profile=job.profile,
            route=job.route,
            budget=job.limits,
            estimate_tokens=job.estimate_tokens,
            estimate_seconds=job.estimate_seconds,
            workspace=job.workspace,
            told=job.told,
            skipped=job.skipped,
        )
        root = recorder.node()
        recorder.emit(events.NodeStarted, node=root, parent=None, role="root", depth=0, label=one_line(job.question))

    def _end(self, outcome: Outcome) -> Outcome:
        answer = self._recorder.text(outcome.text) if outcome.text else None
        self._recorder.emit(
            events.RunFinished,
            status=outcome.status,
            answer=answer,
            error=outcome.error,
            seconds=self._recorder.elapsed(),
        )
        return outcome

    async def _recursive(self) -> Solution:
        job = self._job
        task = Task(0, 0, job.question, View.of(job.corpus), job.earlier)
        return await self._node(task).solve()

    def _node(self, task: Task) -> Node:
        return Node(task, self._gateway, self._job.dialect, self._open_repl, self._serve, self._attribution)

    async def _plain(self) -> Solution:
        """One prompt with all the text in it.

        Raises:
            WouldNotFit: the text is larger than the window; it is never cut.
        """
        job = self._job
        draft, shown = plain_draft(job.dialect, job.question, job.corpus)
        reply = plain_tokens(job.dialect)
        ask = Ask(
            node=0,
            turn=0,
            added=(draft,),
            messages=(draft.message,),
            max_tokens=reply,
            sampling=job.dialect.sampling,
            priority=0,
            shown=tuple(shown),
            grammar=typed.NONE_ENDS if job.dialect.extractive else "",
        )
        try:
            completion = await self._gateway.ask(ask)
        except WouldNotFit as refused:
            refused.next_step = "Ask by recursion: leave the choice of the route to rlm-desk."
            raise
        except BudgetExceeded as spent:
            self._recorder.emit(events.BudgetSpent, what=spent.what, limit=spent.limit)
            return Solution("", "best_effort", spent.sentence)
        text = completion.text.strip()
        solution = Solution(text, "plain")
        if completion.finish == "length":
            solution = Solution(text, "best_effort", cut_off(reply))
        self._recorder.emit(events.Answered, node=0, how=solution.how, text=self._recorder.text(text))
        return solution

    async def _serve(self, call: Call, task: Task) -> Served:
        """Sub-calls of a node's cell: children for `rlm`, plain calls for the rest."""
        if call.op != "rlm":
            return Served(await self._subcalls.serve(call, Origin(task.node, task.depth, task.view)))
        if self.budget.hurried:
            raise AnswerNow
        if task.depth + 2 > self.budget.limits.depth:
            return Served(await self._flat(call, task))
        await self.budget.afford(len(call.items))
        solutions = await _all(self._child(call, index, task) for index in range(len(call.items)))
        if self.budget.hurried and not any(solutions):
            raise AnswerNow
        if solutions == [None]:
            raise Stopped  # there is nothing the cell could go on with
        cut = next((f"A sub-question was cut short: {one.why}" for one in solutions if one and one.why), "")
        if self.budget.hurried and None in solutions:
            cut = cut or AnswerNow().sentence
        return Served([one.text if one else NO_ANSWER for one in solutions], cut)

    async def _flat(self, call: Call, task: Task) -> list[Any]:
        """At the depth limit recursive calls become plain sub-calls, refused with their size where they do not fit."""
        origin = Origin(task.node, task.depth, task.view)
        items = tuple(self._flat_item(call, index, task) for index in range(len(call.items)))
        if not call.questions:
            return await self._subcalls.serve(Call("map", child_question(call, 0), items), origin)
        each = [Call("map", child_question(call, index), (item,)) for index, item in enumerate(items)]
        await self.budget.afford(len(each))  # for all of them, or none is made
        self.budget.give_back(len(each))
        return await _all(self._flat_one(one, origin) for one in each)

    async def _flat_one(self, call: Call, origin: Origin) -> Any:
        try:
            return (await self._subcalls.serve(call, origin))[0]
        except WouldNotFit as problem:
            return {"refused": problem.sentence}

    def _flat_item(self, call: Call, index: int, task: Task) -> Item:
        """What a child would have been given, as the item of one sub-call."""
        item = call.items[index]
        chosen = call.documents[index] if index < len(call.documents) else ()
        if len(chosen) == 1:
            placed = task.view.corpus.documents[chosen[0]]
            return replace(item, text=None, span=Span(placed.start, placed.end))
        if chosen:
            return replace(item, text=task.view.documents(chosen).corpus.text, span=None)
        return item

    def _child_view(self, call: Call, index: int, task: Task) -> View:
        chosen: Sequence[int] = call.documents[index] if index < len(call.documents) else ()
        if chosen:
            return task.view.documents(chosen)
        item = call.items[index]
        text = item.text if item.text is not None else ""
        if item.span is not None:
            text = task.view.corpus.text[item.span.start : item.span.end]
        return task.view.passage(text, item.span, item.label)

    async def _child(self, call: Call, index: int, parent: Task) -> Solution | None:
        """A child's answer; None when the person stopped it."""
        async with self._room.setdefault(parent.depth, asyncio.Semaphore(CHILDREN)):
            if self.budget.hurried:
                return None  # it had not begun
            recorder = self._recorder
            question = child_question(call, index)
            node = recorder.node()
            label = one_line(f"{call.items[index].label}: {question}" if call.items[index].label else question)
            recorder.emit(
                events.NodeStarted, node=node, parent=parent.node, role="child", depth=parent.depth + 1, label=label
            )
            task = Task(node, parent.depth + 1, question, self._child_view(call, index, parent))
            try:
                async with self.stops.to_the_end(node):
                    return await self._node(task).solve()
            except Stopped:
                return None


async def _all(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """All results, in order; the first failure ends the rest and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]
