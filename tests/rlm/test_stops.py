"""A person stops one sub-call, a batch, or a child; a budget that runs out asks who watches."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from rlm_desk import events as ev
from rlm_desk.completion import Completion, Message, Request, Sampling, Usage
from rlm_desk.corpus import Corpus
from rlm_desk.errors import AnswerNow, BudgetExceeded
from rlm_desk.events import BudgetLimits, Recorded
from rlm_desk.evidence.coverage import Coverage
from rlm_desk.rlm import dialects
from rlm_desk.rlm.budget import Budget
from rlm_desk.rlm.gateway import Ask, Draft, Gateway
from rlm_desk.rlm.recorder import Recorder
from rlm_desk.rlm.run import Job, Outcome, RlmRun
from rlm_desk.rlm.stops import NO_ANSWER
from rlm_desk.rlm.tree import Tree
from rlm_desk.rlm.view import NoAttribution
from tests.rlm.making import FakeCompleter, Script, cell, corpus, of, open_repl, texts, turns


class FakeSlow(FakeCompleter):
    """Never answers a prompt that holds `slow`, after a first word of it when told to."""

    def __init__(self, script: Script, slow: str, word: str = "") -> None:
        super().__init__(script)
        self._slow, self._word = slow, word
        self.held = asyncio.Event()

    async def complete(self, request: Request, on_text: Callable[[str], None] | None = None) -> Completion:
        if request.messages[0].role != "system" and self._slow in request.messages[0].content:
            if on_text and self._word:
                on_text(self._word)
            self.held.set()
            await asyncio.Event().wait()
        return await super().complete(request, on_text)


class Going:
    """A run in a task, with what it recorded."""

    def __init__(self, completer: FakeCompleter, held: Corpus, limits: BudgetLimits | None = None) -> None:
        self.recorded: list[Recorded] = []
        job = Job(
            question="What?",
            corpus=held,
            model=ev.ModelRef(name="fake", sha256=""),
            dialect=dialects.get("desk", "full"),
            dialect_name="desk",
            profile="full",
            limits=limits or BudgetLimits(),
        )
        self.made = RlmRun(
            job,
            completer=completer,
            open_repl=open_repl,
            recorder=Recorder("run", self.recorded.append),
            attribution=NoAttribution(),
        )
        self.task: asyncio.Task[Outcome] = asyncio.create_task(self.made.run())

    def node(self, role: str, label: str = "") -> int:
        return next(e.node for e in of(self.recorded, ev.NodeStarted) if e.role == role and label in e.label)

    async def end(self) -> Outcome:
        return await asyncio.wait_for(self.task, 60)

    def tree(self) -> Any:
        tree = Tree()
        for one in self.recorded:
            tree.apply(one)
        return tree.snapshot()

    @property
    def output(self) -> str:
        known = texts(self.recorded)
        return "".join(known[e.output] for e in of(self.recorded, ev.CellFinished))


async def test_one_call_of_a_map_is_stopped_and_the_run_goes_on() -> None:
    held = corpus("fee 1", "slow fee 2", "fee 3")
    completer = FakeSlow(turns(cell('FINAL(str(map(documents, "fee?")))'), subcall=lambda p: p[-6:].strip()), "slow")
    going = Going(completer, held)
    await asyncio.wait_for(completer.held.wait(), 30)
    call = going.node("call", "d1")
    assert going.made.stops.stop(call)
    assert not going.made.stops.stop(call)  # once is enough
    outcome = await going.end()
    assert outcome.status == "answered"
    assert outcome.text.count("None") == 1
    assert [e.items for e in of(going.recorded, ev.Missing)] == [(1,)]
    view = going.tree()
    assert view.nodes[call].status == "cancelled" and view.nodes[call].stopped
    assert "stopped this call" in view.nodes[call].error
    assert view.nodes[going.node("batch")].status == "done"


async def test_a_stopped_prompt_without_a_word_of_reply_was_shown_to_nobody() -> None:
    for word, shown in (("", False), ("fe", True)):
        held = corpus("fee 1", "slow fee 2")
        completer = FakeSlow(turns(cell('FINAL(str(map(documents, "fee?")))')), "slow", word)
        going = Going(completer, held)
        await asyncio.wait_for(completer.held.wait(), 30)
        going.made.stops.stop(going.node("call", "d1"))
        await going.end()
        coverage = Coverage(held, going.recorded)
        start = held.documents[1].start
        assert any(low <= start < high for low, high in coverage.shown()) is shown
        assert bool(of(going.recorded, ev.PartialReply)) is shown


async def test_a_batch_is_stopped_and_keeps_what_it_had() -> None:
    held = corpus("fee 1", "slow fee 2", "slow fee 3")
    completer = FakeSlow(turns(cell('FINAL(str(map(documents, "fee?")))'), subcall=lambda p: "one"), "slow")
    going = Going(completer, held)
    await asyncio.wait_for(completer.held.wait(), 30)
    while not any(e.status == "done" for e in of(going.recorded, ev.NodeFinished)):
        await asyncio.sleep(0)
    batch = going.node("batch")
    assert going.made.stops.stop(batch)
    outcome = await going.end()
    assert outcome.text == "['one', None, None]"
    view = going.tree()
    assert view.nodes[batch].status == "cancelled"
    assert [view.nodes[c].status for c in view.nodes[batch].children] == ["done", "cancelled", "cancelled"]


async def test_texts_say_that_they_were_stopped_and_a_lone_one_raises() -> None:
    code = 'print(llm_query_batched(["quick", "slow"]))'
    alone = 'try:\n    llm_query("slow")\nexcept QueryError as told:\n    print(told)\nFINAL("on")'
    completer = FakeSlow(turns(cell(code), cell(alone)), "slow")
    going = Going(completer, corpus("text"))
    for _ in range(2):
        await asyncio.wait_for(completer.held.wait(), 30)
        completer.held.clear()
        asked = [e.node for e in of(going.recorded, ev.NodeStarted) if e.role == "call" and "slow" in e.label]
        assert going.made.stops.stop(asked[-1])
    outcome = await going.end()
    assert outcome.text == "on"
    assert NO_ANSWER in going.output
    assert "The person at the desk stopped this call. Go on without its answer." in going.output


async def test_a_child_is_stopped_with_all_below_it() -> None:
    root = 'try:\n    rlm_query("sub?", documents[0])\nexcept QueryError as told:\n    FINAL(f"without: {told}")'
    completer = FakeSlow(turns(cell(root), cell('map(documents, "fee?")')), "slow")
    going = Going(completer, corpus("slow fee"), BudgetLimits(depth=3))
    await asyncio.wait_for(completer.held.wait(), 30)
    child = going.node("child")
    assert going.made.stops.stop(child)
    outcome = await going.end()
    assert outcome.text.startswith("without: The person at the desk stopped")
    view = going.tree()
    below = [n for n in view.nodes.values() if n.id >= child]
    assert {n.status for n in below} == {"cancelled"} and len(below) == 3
    assert [n.id for n in below if n.stopped] == [child]


async def test_what_is_over_or_unknown_cannot_be_stopped() -> None:
    completer = FakeSlow(turns(cell('FINAL("x")')), "slow")
    going = Going(completer, corpus("text"))
    assert (await going.end()).text == "x"
    assert not going.made.stops.stop(0)
    assert not going.made.stops.stop(99)


async def test_cancelling_the_run_while_a_node_is_stopped_cancels_it() -> None:
    completer = FakeSlow(turns(cell('map(documents, "fee?")')), "slow")
    going = Going(completer, corpus("slow fee"))
    await asyncio.wait_for(completer.held.wait(), 30)
    going.made.stops.stop(going.node("batch"))
    going.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going.end()
    assert of(going.recorded, ev.RunFinished)[-1].status == "cancelled"


# a budget that runs out while somebody watches


def watched(limits: BudgetLimits) -> tuple[Budget, list[tuple[str, float, float]]]:
    budget, told = Budget(limits), []
    budget.on_spent = lambda *what: told.append(what)
    return budget, told


async def test_a_spent_budget_asks_once_and_goes_on_when_it_is_raised() -> None:
    budget, told = watched(BudgetLimits(subcalls=10))
    waiting = [asyncio.create_task(budget.afford(30)) for _ in range(2)]
    await asyncio.sleep(0.01)
    assert told == [("subcalls", 10.0, 30.0)]
    assert budget.asking and budget.paused
    budget.enlarge(2.0)
    await asyncio.sleep(0.01)
    assert sum(task.done() for task in waiting) == 1  # enough for one of them, which is what it was asked for
    assert budget.subcalls == 30 and told[1:] == [("subcalls", 30.0, 60.0)]
    budget.enlarge(2.0)
    await asyncio.gather(*waiting)
    assert not budget.asking and not budget.paused


async def test_answer_now_is_an_answer_too() -> None:
    budget, _ = watched(BudgetLimits(tokens=10))
    budget.charge(Usage(prompt=20))
    waiting = asyncio.create_task(budget.checked())
    await asyncio.sleep(0.01)
    assert not waiting.done()
    budget.hurry()
    with pytest.raises((AnswerNow, BudgetExceeded)):
        await waiting


async def test_nobody_watches_and_it_ends_as_ever() -> None:
    budget = Budget(BudgetLimits(subcalls=1))
    with pytest.raises(BudgetExceeded):
        await budget.afford(2)
    assert not budget.paused


async def test_a_run_goes_on_after_its_tokens_and_seconds_were_raised() -> None:
    completer = FakeCompleter(turns(cell('FINAL(str(map(documents, "fee?")))'), subcall=lambda p: "one"))
    going = Going(completer, corpus("fee 1", "fee 2"), BudgetLimits(tokens=100))
    budget = going.made.budget

    def raised(what: str, limit: float, needed: float) -> None:
        going.made._recorder.emit(ev.BudgetAsked, what=what, limit=limit, needed=needed)
        asyncio.get_running_loop().call_soon(budget.enlarge, 1000.0)

    budget.on_spent = raised
    outcome = await going.end()
    assert (outcome.status, outcome.text) == ("answered", "['one', 'one']")
    assert [e.what for e in of(going.recorded, ev.BudgetAsked)] == ["tokens"]
    assert not of(going.recorded, ev.BudgetSpent)


def test_the_tree_knows_what_is_asked() -> None:
    tree = Tree()
    tree.apply(Recorded(event=ev.BudgetAsked(run="r", seq=0, at=1.0, what="tokens", limit=5.0, needed=5.0)))
    assert tree.snapshot().asked is not None
    tree.apply(Recorded(event=ev.BudgetRaised(run="r", seq=1, at=2.0, budget=BudgetLimits())))
    assert tree.snapshot().asked is None


async def test_seconds_that_run_out_in_the_middle_of_a_reply_are_asked_for_and_it_is_asked_again() -> None:
    class FakeLate(FakeCompleter):
        """Its first reply never comes."""

        async def complete(self, request: Request, on_text: Callable[[str], None] | None = None) -> Completion:
            if not self.requests:
                self.requests.append(request)
                await asyncio.Event().wait()
            return await super().complete(request, on_text)

    budget, told = watched(BudgetLimits(seconds=0.05))
    budget.on_spent = lambda *what: (told.append(what), asyncio.get_running_loop().call_soon(budget.enlarge, 1e4))[0]
    completer = FakeLate(lambda request: "late")
    gateway = Gateway(completer, Recorder("run", lambda recorded: None), budget, model_key="")
    message = Message("user", "hello")
    ask = Ask(0, 0, (Draft.of(message),), (message,), 10, Sampling(), 0)
    # Where the machine is so slow that the time is up before it is asked, that is asked for first.
    assert (await asyncio.wait_for(gateway.ask(ask), 30)).text == "late"
    assert told[0] == ("seconds", 0.05, 0.05)


async def test_turns_that_run_out_ask_who_watches_and_more_are_had() -> None:
    completer = FakeCompleter(turns(cell("total = 7"), cell("total += 1"), cell("FINAL(str(total))")))
    going = Going(completer, corpus("fee 1"), BudgetLimits(turns=1))
    asked: list[tuple[str, float, float]] = []

    def more(what: str, limit: float, needed: float) -> None:
        asked.append((what, limit, needed))
        asyncio.get_running_loop().call_soon(going.made.budget.enlarge, 2.0)

    going.made.budget.on_spent = more
    outcome = await going.end()
    assert (outcome.status, outcome.text) == ("answered", "8")
    assert asked == [("turns", 1.0, 2.0), ("turns", 2.0, 3.0)]
    assert going.made.budget.limits.turns == 4


async def test_turns_that_run_out_end_in_an_answer_when_the_person_wants_one_now() -> None:
    going = Going(FakeCompleter(turns(cell("total = 7"), "It is 7.")), corpus("fee 1"), BudgetLimits(turns=1))
    going.made.budget.on_spent = lambda *_: asyncio.get_running_loop().call_soon(going.made.budget.hurry)  # type: ignore[assignment,func-returns-value]
    outcome = await going.end()
    assert outcome.how == "forced" and "7" in outcome.text
