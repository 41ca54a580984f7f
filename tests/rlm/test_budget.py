"""The shared budget."""

import pytest

from rlm_desk.completion import Usage
from rlm_desk.errors import BudgetExceeded
from rlm_desk.events import BudgetLimits
from rlm_desk.rlm.budget import Budget


def test_sub_calls_are_taken_all_or_none() -> None:
    budget = Budget(BudgetLimits(subcalls=10))
    budget.take(8)
    with pytest.raises(BudgetExceeded, match="10 sub-calls"):
        budget.take(3)
    budget.take(2)
    assert budget.subcalls == 10


def test_reused_tokens_cost_nothing() -> None:
    budget = Budget(BudgetLimits(tokens=100))
    budget.charge(Usage(prompt=500, cached=450, completion=40))
    budget.check()
    budget.charge(Usage(prompt=10))
    with pytest.raises(BudgetExceeded, match="tokens"):
        budget.check()


def test_time_runs_out() -> None:
    now = 0.0
    budget = Budget(BudgetLimits(seconds=5), clock=lambda: now)
    budget.check()
    now = 5.0
    with pytest.raises(BudgetExceeded, match="seconds"):
        budget.check()


def test_low_is_told_once_per_limit() -> None:
    budget = Budget(BudgetLimits(subcalls=10))
    assert budget.newly_low() == []
    budget.take(8)
    assert [low.what for low in budget.newly_low()] == ["subcalls"]
    assert budget.newly_low() == []
