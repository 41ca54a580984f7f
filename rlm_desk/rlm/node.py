"""One RLM, root or child: ask the model for code, run it, show it the output, until it finishes."""

import re
from dataclasses import dataclass, replace

from rlm_desk import events
from rlm_desk.completion import Completion, Message
from rlm_desk.corpus import Span
from rlm_desk.errors import BudgetExceeded, UsageError, WouldNotFit
from rlm_desk.events import AnswerHow
from rlm_desk.repl.calls import Call
from rlm_desk.rlm.cells import Cells, Serve, Task
from rlm_desk.rlm.dialects.base import ContextFacts, Dialect, Executed, Final, Parsed
from rlm_desk.rlm.gateway import Ask, Gateway
from rlm_desk.rlm.history import History
from rlm_desk.rlm.ports import Attribution, OpenRepl

NUDGES = 3
"""Replies in a row that bring nothing new (no code, or the last code with the last output) before the node is finished
by force: a model that decodes greedily goes on like that until its window is full."""
SAME = "The same code gave the same output. Write something else."
FAILED = "Your finish was not taken, since code before it failed."
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
        self._last: list[tuple[str, str]] = []
        self._said_low: set[str] = set()
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
            cells = Cells(task, self._gateway, repl, self._serve, self._attribution)
            solution = await self._turns(history, cells)
        finally:
            await repl.close()
        self._recorder.emit(events.Answered, node=task.node, how=solution.how, text=self._recorder.text(solution.text))
        return solution

    async def _turns(self, history: History, cells: Cells) -> Solution:
        budget = self._gateway.budget
        nudges = taken = 0
        stopped = ""
        try:
            while await budget.another_turn(taken):
                turn = taken
                taken += 1
                parsed = await self._next(turn, history)
                answer, worked = await self._act(parsed, history, cells, turn)
                if answer is not None:
                    return self._finished(answer, cells)
                nudges = 0 if worked else nudges + 1
                if nudges == NUDGES:
                    stopped = f"{NUDGES} replies in a row brought nothing new that could be run."
                    break
            else:
                raise BudgetExceeded("turns", budget.limits.turns)
        except BudgetExceeded as spent:
            cells.record_spent(spent)
            stopped = spent.sentence
        except WouldNotFit as refused:
            if taken == 1:  # the question itself: there is nothing to make an answer of
                refused.next_step = "Ask a shorter question, or a model with a larger window."
                raise
            stopped = refused.sentence
        return await self._forced(max(taken, 1), history, cells, stopped)

    def _finished(self, answer: str, cells: Cells) -> Solution:
        """The model's own answer; best effort where the last sub-calls it asked for were refused or cut short."""
        refused = self._gateway.budget.refused
        why = refused.sentence if refused else cells.cut or self._cut
        return Solution(answer, "best_effort", why) if why else Solution(answer, "final")

    async def _next(self, turn: int, history: History) -> Parsed:
        """Ask the model for its next action."""
        prompt = self._dialect.prompt(turn, self._task.question)
        completion = await self._reply(turn, history, prompt, self._dialect.reply_tokens)
        history.add(Message("assistant", completion.text))
        history.take_fresh()  # the reply is in its own event already
        parsed = self._dialect.parse(completion.text)
        if completion.finish == "length":
            told = cut_off(self._dialect.reply_tokens)
            if parsed.final is not None and parsed.final.text and completion.text.rstrip().endswith(parsed.final.text):
                self._cut = told
            parsed = replace(parsed, nudge=f"{parsed.nudge} {told} Write less in one turn.".strip())
        return parsed

    async def _reply(
        self, turn: int, history: History, prompt: Message | None, most: int, finishing: bool = False
    ) -> Completion:
        """The model's next reply, of at most so many tokens. `prompt` is sent and not kept."""
        messages = await history.fitted(self._gateway, prompt, most)
        added = history.take_fresh()
        ask = Ask(
            node=self._task.node,
            turn=turn,
            added=added,
            messages=messages,
            shown=await self._shown(turn, messages[: len(messages) - (prompt is not None)][-len(added) :]),
            max_tokens=most,
            sampling=self._dialect.sampling,
            priority=self._task.depth,
            finishing=finishing,
        )
        return await self._gateway.ask(ask)

    async def _shown(self, turn: int, new: tuple[Message, ...]) -> tuple[Span, ...]:
        """Corpus text that the node's code printed, and that this turn shows it: as sent, after any shrinking."""
        if turn == 0:  # the opening is ours
            return ()
        return await self._attribution.find("\n\n".join(message.content for message in new), self._task.view.near)

    async def _act(self, parsed: Parsed, history: History, cells: Cells, turn: int) -> tuple[str | None, bool]:
        """Run what the reply holds. The answer if it finished, and whether anything could be used."""
        executed = []
        failed = False
        for code in parsed.cells:
            result = await cells.run(code)
            if result.final is not None:
                return result.final, True
            executed.append(Executed(code, result.output, result.variables))
            failed = failed or result.failed
        finish = _finishing(parsed.final, cells.variables) if parsed.final is not None and not failed else ""
        if parsed.final is not None and parsed.final.text and not finish and not failed:
            return parsed.final.text, True
        if finish:
            result = await cells.run(finish)
            if result.final is not None:
                return result.final, True
            executed.append(Executed(finish, result.output, result.variables))
        seen = [(one.code, _CELL.sub("cell", one.output)) for one in executed]
        again = bool(seen) and seen == self._last
        self._last = seen
        notes = [parsed.nudge] if parsed.nudge and executed else []
        notes += [FAILED] * (failed and parsed.final is not None) + [SAME] * again + self._low_budget(turn + 1)
        if executed:
            history.add(*self._dialect.results(executed, notes))
        else:
            self._recorder.emit(events.Nudged, node=self._task.node, turn=turn, reason=parsed.nudge)
            history.add(self._dialect.nudge("\n".join([parsed.nudge, *notes])))
        return None, bool(executed) and not again

    async def _said(self, parsed: Parsed, words: str, cells: Cells) -> str:
        """The answer of a forced finish: its words, or what its code comes to; empty where that comes to nothing."""
        final = parsed.final
        finish = _finishing(final, cells.variables) if final is not None else ""
        if final is not None and final.text and not finish:
            return final.text
        for code in (*parsed.cells, *([finish] if finish else [])):
            result = await cells.run(code)
            if result.final is not None:
                return result.final
        return "" if parsed.cells or finish else words

    def _low_budget(self, taken: int) -> list[str]:
        """Sentences for the model about what runs low after so many turns, each once per node."""
        budget = self._gateway.budget
        limits = budget.limits
        left: dict[str, tuple[float, float]] = {
            "sub-calls": (limits.subcalls - budget.subcalls, limits.subcalls),
            "tokens": (limits.tokens - budget.tokens, limits.tokens),
            "turns": (limits.turns - taken, limits.turns),
            "seconds": (budget.seconds_left, limits.seconds),
        }
        low = [what for what, (rest, limit) in left.items() if rest < 0.2 * limit and what not in self._said_low]
        self._said_low.update(low)
        return [f"Budget: {left[what][0]:,.0f} of {left[what][1]:,.0f} {what} left. Finish soon." for what in low]

    async def _forced(self, turn: int, history: History, cells: Cells, why: str) -> Solution:
        """The best answer there is: from the model if it may still be asked, else the variables themselves."""
        variables = await cells.repl.values()
        message = self._dialect.forced(self._task.question, variables)
        if self._gateway.budget.hurried and self._task.depth:
            message = None  # an answer is wanted now: the root alone is asked for it, with what its children found
        if message is not None:
            history.add(message)
            try:
                reply = await self._reply(turn, history, None, self._dialect.reply_tokens, finishing=True)
                text = await self._said(self._dialect.parse(reply.text), reply.text.strip(), cells)
                if text:
                    whole = reply.finish == "stop"
                    return Solution(text, "forced", why if whole else f"{why} {cut_off(self._dialect.reply_tokens)}")
            except (BudgetExceeded, WouldNotFit):
                pass  # already said; the variables below are what is left
        if not variables:
            return Solution(EMPTY, "best_effort", why)
        shown = "\n".join(f"{name} = {value}" for name, value in variables)
        return Solution(f"{NO_FINISH}\n{shown}", "best_effort", why)


def _finishing(final: Final, variables: tuple[str, ...]) -> str:
    """The cell that gives the answer; empty where the finish is the answer itself.

    A variable that does not exist is told, not answered.
    """
    if final.text in variables:  # FINAL(answer) for FINAL_VAR(answer): the value is meant, not the word
        return f"FINAL_VAR({final.text!r})"
    return f"FINAL_VAR({final.variable!r})" if final.variable else final.code


def cut_off(tokens: int) -> str:
    """That a reply ended because it was too long, in a sentence."""
    return f"The reply was cut off after {tokens:,} tokens."


def child_question(call: Call, index: int) -> str:
    """The question of one child of an `rlm` call. Raises UsageError when it is empty."""
    question = call.questions[index] if call.questions else call.question
    if not question.strip():
        raise UsageError("rlm_query needs a question.", "Pass the question as its first argument.")
    return question
