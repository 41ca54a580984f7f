"""What a person does to a run that goes on: pause, an answer now, more budget."""

import asyncio

import pytest

from rlm_desk import events as ev
from rlm_desk.errors import AnswerNow, BudgetExceeded
from rlm_desk.rlm.budget import Budget
from rlm_desk.rlm.tree import Tree


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_paused_budget_waits_and_its_time_stands_still() -> None:
    clock = Clock()
    budget = Budget(ev.BudgetLimits(seconds=10.0), clock)
    clock.now = 4.0
    budget.pause()
    waiting = asyncio.create_task(budget.going())
    clock.now = 100.0
    await asyncio.sleep(0)
    assert budget.paused and not waiting.done() and budget.seconds_left == 6.0
    budget.resume()
    await waiting
    assert budget.seconds_left == 6.0
    clock.now = 101.0
    assert budget.seconds_left == 5.0


def test_only_what_finishes_is_asked_when_an_answer_is_wanted_now() -> None:
    budget = Budget(ev.BudgetLimits())
    budget.pause()
    budget.hurry()
    assert not budget.paused
    with pytest.raises(AnswerNow, match="with what it had"):
        budget.check()
    budget.check(finishing=True)


def test_a_raised_budget_allows_more_and_the_tree_says_so() -> None:
    budget = Budget(ev.BudgetLimits(subcalls=10))
    budget.take(10)
    with pytest.raises(BudgetExceeded):
        budget.take(1)
    limits = budget.enlarge(2.0)
    budget.take(10)
    tree = Tree()
    tree.apply(ev.Recorded(event=ev.BudgetRaised(run="r", seq=0, at=1.0, budget=limits)))
    assert tree.snapshot().limits.subcalls == 20


async def test_what_is_under_way_ends_with_the_seconds() -> None:
    budget = Budget(ev.BudgetLimits(seconds=0.02))
    with pytest.raises(BudgetExceeded, match=r"0\.02 seconds"):
        async with budget.deadline():
            await asyncio.Event().wait()


async def test_pausing_and_raising_move_the_end_of_what_is_under_way() -> None:
    budget = Budget(ev.BudgetLimits(seconds=0.01), Clock())  # whose time stands still, unlike the loop's
    async with budget.deadline():
        budget.pause()
        await asyncio.sleep(0.03)
        budget.enlarge(100_000)
        budget.resume()
        await asyncio.sleep(0.03)


async def test_another_timeout_is_not_the_budget() -> None:
    with pytest.raises(TimeoutError):
        async with Budget(ev.BudgetLimits()).deadline():
            raise TimeoutError("of something else")
