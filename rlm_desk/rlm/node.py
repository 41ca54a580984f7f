"""One RLM, root or child: ask the model for code, run it, show it the output, until it finishes."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rlm_desk import events
from rlm_desk.completion import Message
from rlm_desk.corpus import Span
from rlm_desk.errors import AnswerNow, BudgetExceeded, UsageError, WouldNotFit
from rlm_desk.events import AnswerHow
from rlm_desk.repl.calls import Call, CellResult
from rlm_desk.rlm.dialects.base import ContextFacts, Dialect, Executed, Final, Parsed
from rlm_desk.rlm.gateway import Ask, Gateway
from rlm_desk.rlm.history import History
from rlm_desk.rlm.ports import Attribution, OpenRepl, Repl
from rlm_desk.rlm.view import View

NUDGES = 3
"""Replies in a row that bring nothing new (no code, or the last code with the last output) before the node is finished
by force: a model that decodes greedily goes on like that until its window is full."""
SAME = "The same code gave the same output. Write something else."
_CELL = re.compile(r"\bcell \d+")  # a traceback numbers its cells
NO_FINISH = "Not finished; what the code had found so far:"
EMPTY = "Not finished, and the code had found nothing yet."


@dataclass(frozen=True, slots=True)
class Solution:
    """A node's answer. `best_effort` and `forced` are labelled wherever they show."""

    text: str
    how: AnswerHow
    why: str = ""
    """For a forced or best-effort answer: what stopped the node."""


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


class Node:
    """Runs one task. `serve` answers the sub-calls its cells make."""

    def __init__(
        self,
        task: Task,
        gateway: Gateway,
        dialect: Dialect,
        open_repl: OpenRepl,
        serve: Serve,
        attribution: Attribution,
    ) -> None:
        self._task = task
        self._gateway = gateway
        self._recorder = gateway.recorder
        self._dialect = dialect
        self._open_repl = open_repl
        self._serve = serve
        self._attribution = attribution
        self._cells = 0
        self._last: list[tuple[str, str]] = []
        self._said_low: set[str] = set()
        self._spent: set[tuple[str, float]] = set()
        self._cut = ""

    async def solve(self) -> Solution:
        """The answer, however the node ends.

        Raises:
            EngineError, WorkerDied, ConfinementError: a worker failed for good.
        """
        task = self._task
        corpus = task.view.corpus
        lengths = tuple(len(placed.document.text) for placed in corpus.documents)
        facts = ContextFacts(len(lengths), len(corpus), lengths, task.earlier)
        history = History(self._dialect.opening(task.question, facts))
        repl = await self._open_repl(corpus, self._dialect.output_chars, [answer for _, answer in task.earlier])
        try:
            solution = await self._turns(history, repl)
        finally:
            await repl.close()
        self._recorder.emit(events.Answered, node=task.node, how=solution.how, text=self._recorder.text(solution.text))
        return solution

    async def _turns(self, history: History, repl: Repl) -> Solution:
        budget = self._gateway.budget
        nudges = taken = 0
        stopped = ""
        try:
            while await budget.another_turn(taken):
                turn = taken
                taken += 1
                parsed = await self._next(turn, history)
                answer, worked = await self._act(parsed, history, repl, turn)
                if answer is not None:
                    return self._finished(answer)
                nudges = 0 if worked else nudges + 1
                if nudges == NUDGES:
                    stopped = f"{NUDGES} replies in a row brought nothing new that could be run."
                    break
            else:
                raise BudgetExceeded("turns", budget.limits.turns)
        except BudgetExceeded as spent:
            self._record_spent(spent)
            stopped = spent.sentence
        except WouldNotFit as refused:
            if taken == 1:  # the question itself: there is nothing to make an answer of
                raise
            stopped = refused.sentence
        return await self._forced(max(taken, 1), history, repl, stopped)

    def _finished(self, answer: str) -> Solution:
        """The model's own answer; best effort where the last sub-calls it asked for were refused or cut short."""
        refused = self._gateway.budget.refused
        why = refused.sentence if refused else self._cut
        return Solution(answer, "best_effort", why) if why else Solution(answer, "final")

    async def _next(self, turn: int, history: History) -> Parsed:
        """Ask the model for its next action."""
        prompt = self._dialect.prompt(turn, self._task.question)
        messages = await history.fitted(self._gateway, prompt, self._dialect.reply_tokens)
        added = history.take_fresh()
        ask = Ask(
            node=self._task.node,
            turn=turn,
            added=added,
            messages=messages,
            shown=await self._shown(turn, messages[: len(messages) - (prompt is not None)][-len(added) :]),
            max_tokens=self._dialect.reply_tokens,
            sampling=self._dialect.sampling,
            priority=self._task.depth,
        )
        completion = await self._gateway.ask(ask)
        history.add(Message("assistant", completion.text))
        history.take_fresh()  # the reply is in its own event already
        return self._dialect.parse(completion.text)

    async def _shown(self, turn: int, new: tuple[Message, ...]) -> tuple[Span, ...]:
        """Corpus text that the node's code printed, and that this turn shows it: as sent, after any shrinking."""
        if turn == 0:  # the opening is ours
            return ()
        return await self._attribution.find("\n\n".join(message.content for message in new), self._task.view.near)

    async def _act(self, parsed: Parsed, history: History, repl: Repl, turn: int) -> tuple[str | None, bool]:
        """Run what the reply holds. The answer if it finished, and whether anything could be used."""
        executed = []
        for code in parsed.cells:
            result = await self._cell(code, repl)
            if result.final is not None:
                return result.final, True
            executed.append(Executed(code, result.output, result.variables))
        if parsed.final is not None:
            answer, problem = await self._finish(parsed.final, repl)
            if answer is not None:
                return answer, True
            executed.append(Executed("", problem, ()))
        seen = [(one.code, _CELL.sub("cell", one.output)) for one in executed]
        again = bool(seen) and seen == self._last
        self._last = seen
        notes = ([parsed.nudge] if parsed.nudge and executed else []) + [SAME] * again + self._low_budget()
        if executed:
            history.add(*self._dialect.results(executed, notes))
        else:
            self._recorder.emit(events.Nudged, node=self._task.node, turn=turn, reason=parsed.nudge)
            history.add(self._dialect.nudge("\n".join([parsed.nudge, *notes])))
        return None, bool(executed) and not again

    async def _finish(self, final: Final, repl: Repl) -> tuple[str | None, str]:
        """A finish written as text; a variable that does not exist is told, not answered."""
        if not final.variable:
            return final.text, ""
        result = await self._cell(f"FINAL_VAR({final.variable!r})", repl)
        return result.final, result.output

    async def _cell(self, code: str, repl: Repl) -> CellResult:
        recorder, node = self._recorder, self._task.node
        cell, self._cells = self._cells, self._cells + 1
        recorder.emit(events.CellStarted, node=node, cell=cell, code=recorder.text(code))

        async def serve(call: Call) -> list[Any]:
            try:
                served = await self._serve(call, self._task)
            except BudgetExceeded as spent:
                # The cell is told, and may finish by itself: that its calls were not made must be seen all the same.
                self._record_spent(spent)
                self._gateway.budget.refused = spent
                raise
            if call.op == "rlm":
                self._cut = served.cut
            return served.values

        result = await repl.run(code, serve)
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

    def _record_spent(self, spent: BudgetExceeded) -> None:
        """An event for a budget that ran out, once."""
        if not isinstance(spent, AnswerNow) and (spent.what, spent.limit) not in self._spent:
            self._spent.add((spent.what, spent.limit))
            self._recorder.emit(events.BudgetSpent, what=spent.what, limit=spent.limit)

    def _low_budget(self) -> list[str]:
        """Sentences for the model about what runs low, each once per node."""
        budget = self._gateway.budget
        left = {"sub-calls": (budget.limits.subcalls - budget.subcalls, budget.limits.subcalls)}
        left["tokens"] = (budget.limits.tokens - budget.tokens, budget.limits.tokens)
        low = [what for what, (rest, limit) in left.items() if rest < 0.2 * limit and what not in self._said_low]
        self._said_low.update(low)
        return [f"Budget: {left[what][0]:,} of {left[what][1]:,} {what} left. Finish soon." for what in low]

    async def _forced(self, turn: int, history: History, repl: Repl, why: str) -> Solution:
        """The best answer there is: from the model if it may still be asked, else the variables themselves."""
        variables = await repl.values()
        message = self._dialect.forced(self._task.question, variables)
        if message is not None:
            history.add(message)
            try:
                messages = await history.fitted(self._gateway, None, self._dialect.answer_tokens)
                added = history.take_fresh()
                ask = Ask(
                    node=self._task.node,
                    turn=turn,
                    added=added,
                    messages=messages,
                    shown=await self._shown(turn, messages[-len(added) :]),
                    max_tokens=self._dialect.answer_tokens,
                    sampling=self._dialect.sampling,
                    priority=self._task.depth,
                    finishing=True,
                )
                reply = await self._gateway.ask(ask)
                parsed = self._dialect.parse(reply.text)
                text = parsed.final.text if parsed.final and parsed.final.text else reply.text.strip()
                if text:
                    return Solution(text, "forced", why)
            except (BudgetExceeded, WouldNotFit):
                pass  # already said; the variables below are what is left
        if not variables:
            return Solution(EMPTY, "best_effort", why)
        shown = "\n".join(f"{name} = {value}" for name, value in variables)
        return Solution(f"{NO_FINISH}\n{shown}", "best_effort", why)


def child_question(call: Call, index: int) -> str:
    """The question of one child of an `rlm` call. Raises UsageError when it is empty."""
    question = call.questions[index] if call.questions else call.question
    if not question.strip():
        raise UsageError("rlm_query needs a question.", "Pass the question as its first argument.")
    return question
