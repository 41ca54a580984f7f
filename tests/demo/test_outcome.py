"""What a demonstration says at its end, and how its desk asks."""

from pathlib import Path
from typing import Any

import pytest

from rlm_desk.config import Settings
from rlm_desk.demo import show
from rlm_desk.demo.desk import DemoDesk
from rlm_desk.demo.outcome import Outcome
from rlm_desk.desk.run import Answer, RunUsage
from rlm_desk.desk.service import AsyncDesk
from rlm_desk.errors import UsageError
from rlm_desk.events import BudgetLimits


def answer(text: str, status: Any = "answered", why: str = "") -> Answer:
    return Answer("run", text, status, "final", why, RunUsage(1, 2, 1234, 50, 3.21))


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> show.Demonstration:
    return show.prepare(tmp_path_factory.mktemp("demo"), seed=5, tokens=6_000, family="find")


def test_a_right_answer_is_said_so(demonstration: show.Demonstration) -> None:
    outcome = Outcome(demonstration, answer(demonstration.truth), answer("none"), 2)
    assert outcome.right and outcome.lines[-1] == "correct"
    text = "\n".join((outcome.question, *outcome.lines))
    assert demonstration.question.text in text
    assert f"by recursion    {demonstration.truth}" in text
    assert f"asked plainly   none  (2 of {len(demonstration.corpus.documents)} documents fit" in text
    assert "3.2 s, 1,234 tokens read, 1 sub-call, depth 2" in text


def test_what_a_budget_cut_off_is_wrong_though_it_names_the_truth(demonstration: show.Demonstration) -> None:
    cut = answer(demonstration.truth, "best_effort", "The budget of 20 turns is used up.")
    outcome = Outcome(demonstration, cut, answer("none"), 2)
    assert not outcome.right and outcome.lines[-1] == "wrong"
    assert "(best effort: The budget of 20 turns is used up.)" in outcome.lines[1]


async def test_the_desk_of_a_demonstration_asks_by_recursion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(AsyncDesk, "ask", lambda self, question, **how: asked.append(how))
    desk = await DemoDesk.open(Settings(data_dir=tmp_path, budget=BudgetLimits(subcalls=3)))
    try:
        desk.ask("How many?")
        desk.ask("How many?", route="plain", documents=[0])
    finally:
        await desk.close()
    assert [how["route"] for how in asked] == ["recursive", "plain"]
    assert asked[0]["budget"].subcalls == 10


def test_what_cannot_be_made_is_said_before_anything_is_written() -> None:
    with pytest.raises(UsageError, match="family"):
        show.check(6_000, "guess")
    with pytest.raises(UsageError, match="tokens"):
        show.check(10, "find")


async def test_written_aside_it_is_the_same_and_its_errors_arrive(tmp_path: Path) -> None:
    made = await show.prepare_aside(tmp_path / "a", seed=5, tokens=2_000, family="find")
    assert made.question == show.prepare(tmp_path / "b", seed=5, tokens=2_000, family="find").question
    with pytest.raises(UsageError, match="family"):
        await show.prepare_aside(tmp_path / "c", seed=5, tokens=2_000, family="guess")
