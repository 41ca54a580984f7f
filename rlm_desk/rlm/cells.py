"""A node's cells: what its code asks is served, what it read and printed is recorded."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rlm_desk import events
from rlm_desk.errors import AnswerNow, BudgetExceeded
from rlm_desk.repl.calls import Call, CellResult
from rlm_desk.rlm.gateway import Gateway
from rlm_desk.rlm.ports import Attribution, Repl
from rlm_desk.rlm.view import View


@dataclass(frozen=True, slots=True)
class Task:
    """What a node is to do."""

    node: int
    depth: int
    question: str
    view: View
    earlier: tuple[tuple[str, str], ...] = ()
    """Earlier questions and answers of the workspace."""


@dataclass(frozen=True, slots=True)
class Served:
    """What a node's sub-calls gave, one value per item."""

    values: list[Any]
    cut: str = ""
    """For children: what stopped one of them before it had an answer of its own."""


Serve = Callable[[Call, Task], Awaitable[Served]]


class Cells:
    """Runs the cells of one node, one after another, in its session."""

    def __init__(self, task: Task, gateway: Gateway, repl: Repl, serve: Serve, attribution: Attribution) -> None:
        self.repl = repl
        self.variables: tuple[str, ...] = ()
        """Names that the cells so far have defined."""
        self.cut = ""
        """What stopped a child of the last recursive calls before it had an answer of its own."""
        self._task = task
        self._budget = gateway.budget
        self._recorder = gateway.recorder
        self._serve = serve
        self._attribution = attribution
        self._count = 0
        self._spent: set[tuple[str, float]] = set()

    async def run(self, code: str) -> CellResult:
        """Run one cell and record it. Raises EngineError, WorkerDied, ConfinementError: a worker failed for good."""
        recorder, node = self._recorder, self._task.node
        cell, self._count = self._count, self._count + 1
        recorder.emit(events.CellStarted, node=node, cell=cell, code=recorder.text(code))
        result = await self.repl.run(code, self._served)
        self.variables = result.variables
        for read in result.reads:
            spans = [origin for span in read.spans for origin in await self._task.view.trace(span, self._attribution)]
            if spans:
                places = tuple((span.start, span.end) for span in spans)
                recorder.emit(events.Read, node=node, how=read.how, helper=read.helper, spans=places)
        if result.lost:
            recorder.emit(events.ReplRestarted, node=node, reason=result.output[:200], lost=result.lost)
        recorder.emit(
            events.CellFinished,
            node=node,
            cell=cell,
            output=recorder.text(result.output),
            failed=result.failed,
            seconds=result.seconds,
            variables=result.variables,
        )
        return result

    async def _served(self, call: Call) -> list[Any]:
        try:
            served = await self._serve(call, self._task)
        except BudgetExceeded as spent:
            # The cell is told, and may finish by itself: that its calls were not made must be seen all the same.
            self.record_spent(spent)
            self._budget.refused = spent
            raise
        if call.op == "rlm":
            self.cut = served.cut
        return served.values

    def record_spent(self, spent: BudgetExceeded) -> None:
        """An event for a budget that ran out, once."""
        if not isinstance(spent, AnswerNow) and (spent.what, spent.limit) not in self._spent:
            self._spent.add((spent.what, spent.limit))
            self._recorder.emit(events.BudgetSpent, what=spent.what, limit=spent.limit)
