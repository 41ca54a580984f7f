"""What is said before a run."""

import pytest

from rlm_desk.cli.asking import agree, too_small
from rlm_desk.desk.estimate import Estimate
from rlm_desk.events import BudgetLimits


def test_a_budget_that_ends_the_reading_is_told_before_it_begins(capsys: pytest.CaptureFixture[str]) -> None:
    """A million tokens take more than the hour that is allowed by default, on most machines without a GPU."""
    agree(Estimate(1_000_000, 4_440.0, 400, "measured here"), yes=True, limits=BudgetLimits())
    said = capsys.readouterr().err
    assert "about 74 min" in said
    assert "The budget of 3,600 seconds is less than that: raise it with --seconds." in said


def test_a_budget_that_is_enough_is_not_spoken_of() -> None:
    assert too_small(Estimate(1_000_000, 3_000.0, 400, ""), BudgetLimits()) == []
    assert len(too_small(Estimate(6_000_000, 0.0, 2_400, ""), BudgetLimits())) == 2
