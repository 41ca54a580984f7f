"""The person wants an answer with what there is: what is under way has a moment to end, and no more."""

import asyncio
from collections.abc import Callable

import pytest

from rlm_desk import events as ev
from rlm_desk.completion import Completion, Request
from rlm_desk.corpus import Corpus
from rlm_desk.errors import AnswerNow
from rlm_desk.events import BudgetLimits
from rlm_desk.rlm import budget as budgets
from rlm_desk.rlm.budget import Budget
from rlm_desk.rlm.subcalls import IN_FLIGHT
from tests.rlm.making import FakeCompleter, cell, corpus, of, texts, turns
from tests.rlm.test_stops import FakeSlow, Going


@pytest.fixture(autouse=True)
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "GRACE", 0.05)


async def hurried(completer: FakeSlow, held: Corpus, limits: BudgetLimits | None = None, after: int = 0) -> Going:
    """A run that was told to answer now, once something in it hangs and `after` nodes are done."""
    going = Going(completer, held, limits)
    await asyncio.wait_for(completer.held.wait(), 30)
    while sum(e.status == "done" for e in of(going.recorded, ev.NodeFinished)) < after:
        await asyncio.sleep(0)
    going.made.budget.hurry()
    return going


async def test_a_batch_keeps_what_it_had_and_the_answer_says_that_it_lacks_the_rest() -> None:
    completer = FakeSlow(turns(cell('FINAL(str(map(documents, "fee?")))'), subcall=lambda p: "one"), "slow")
    going = await hurried(completer, corpus("fee 1", "slow fee 2", "fee 3"), after=2)
    outcome = await going.end()
    assert outcome.text == "['one', None, 'one']"
    assert outcome.status == "best_effort" and "with what it had" in outcome.error
    assert [e.items for e in of(going.recorded, ev.Missing)] == [(1,)]
    view = going.tree()
    batch = view.nodes[going.node("batch")]
    assert batch.status == "cancelled"
    assert [view.nodes[c].status for c in batch.children] == ["done", "cancelled", "done"]


async def test_calls_that_had_not_begun_are_not_begun() -> None:
    completer = FakeSlow(turns(cell('map(documents, "fee?")'), "It is not known."), "slow")
    going = await hurried(completer, corpus(*["slow fee"] * (IN_FLIGHT + 40)))
    outcome = await going.end()
    assert outcome.how == "forced" and outcome.text == "It is not known."
    assert sum(e.role == "call" for e in of(going.recorded, ev.NodeStarted)) == IN_FLIGHT
    assert not of(going.recorded, ev.BudgetSpent)  # nothing ran out


async def test_the_root_alone_is_asked_to_finish() -> None:
    root = cell('found = rlm_query("sub?", documents[0])')
    child = cell('total = 7\nmap(documents, "fee?")')
    completer = FakeSlow(turns(root, child, "It holds 7."), "slow")
    going = await hurried(completer, corpus("slow fee"), BudgetLimits(depth=3))
    outcome = await going.end()
    assert outcome.how == "forced" and outcome.text == "It holds 7."
    child_text = next(e.text for e in of(going.recorded, ev.Answered) if e.how == "best_effort")
    assert "total = 7" in texts(going.recorded)[child_text]


async def test_a_turn_under_way_is_dropped_and_what_it_had_written_is_kept() -> None:
    class FakeStuck(FakeCompleter):
        """Its first reply begins and never ends."""

        async def complete(self, request: Request, on_text: Callable[[str], None] | None = None) -> Completion:
            if not self.requests:
                self.requests.append(request)
                assert on_text
                on_text("I will")
                await asyncio.Event().wait()
            return await super().complete(request, on_text)

    completer = FakeStuck(turns("It is 7."))
    going = Going(completer, corpus("fee"))
    while not completer.requests:
        await asyncio.sleep(0)
    going.made.budget.hurry()
    outcome = await going.end()
    assert outcome.how == "forced" and outcome.text == "It is 7."
    assert of(going.recorded, ev.PartialReply)


async def test_what_is_finishing_is_not_dropped_and_a_pause_before_it_is_over() -> None:
    budget = Budget(BudgetLimits())
    budget.pause()
    budget.hurry()
    async with budget.deadline(finishing=True):
        await asyncio.sleep(0.1)
    with pytest.raises(AnswerNow):
        async with budget.deadline():
            await asyncio.Event().wait()
