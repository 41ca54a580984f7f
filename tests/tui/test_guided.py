"""A guided demonstration on the screen: next, back, quit, by itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets._footer import FooterKey

from rlm_desk.errors import DeskError, EngineError
from rlm_desk.tui.app import DeskApp
from rlm_desk.tui.screens.guided import Guided
from rlm_desk.tui.start import Start
from rlm_desk.tui.widgets.answer import AnswerPane
from rlm_desk.tui.widgets.captions import Captions
from rlm_desk.tui.widgets.inspector import Inspector
from rlm_desk.tui.widgets.runpane import RecursionPane
from tests.tui.driving import QUESTION, until
from tests.tui.fakes import FakeDesk, office
from tests.tui.recording import full_run


@dataclass(frozen=True)
class FakeStep:
    title: str
    look: str
    work: str = ""
    meanwhile: str = "Wait"


@dataclass
class FakeGuide:
    """Says a step as soon as its work is done."""

    done: set[str] = field(default_factory=lambda: {""})
    let_plain: asyncio.Event = field(default_factory=asyncio.Event)
    plain_error: DeskError | None = None
    steps: tuple[FakeStep, ...] = (
        FakeStep("Pile", "documents"),
        FakeStep("Plain", "answer", "plain"),
        FakeStep("Run", "tree", "run"),
        FakeStep("Code", "code"),
        FakeStep("Call", "call"),
        FakeStep("Time", "timeline"),
        FakeStep("End", "answer"),
    )

    def says(self, index: int) -> str | None:
        works = {step.work for step in self.steps[: index + 1]}
        return f"caption {index} [b]of[/b] this step" if works <= self.done and "opened" in self.done else None

    async def begin(self, desk: Any) -> str:
        self.done.add("opened")
        return QUESTION

    async def ask_plainly(self, desk: Any) -> tuple[str, str]:
        await self.let_plain.wait()
        if self.plain_error is not None:
            problem, self.plain_error = self.plain_error, None
            raise problem
        self.done.add("plain")
        return "none", "✗ wrong: the true answer is Harbour."

    async def judge(self, answer: Any) -> str:
        self.done.add("run")
        return "correct"

    def seen(self, view: Any, read: str) -> None:
        pass


def app_of(desk: FakeDesk, guide: FakeGuide, auto: bool = False) -> DeskApp:
    async def open_desk() -> FakeDesk:
        return desk

    app = DeskApp(open_desk, Start(paths=["office"], consent=False), guide=guide, auto=auto)
    app.animation_level = "none"
    return app


@asynccontextmanager
async def guided(desk: FakeDesk, guide: FakeGuide) -> AsyncIterator[tuple[Guided, Pilot[None]]]:
    """A desk with a guide in a middling terminal."""
    app = app_of(desk, guide)
    async with app.run_test(size=(120, 40)) as pilot:
        assert isinstance(app.workspace, Guided)
        yield app.workspace, pilot


def caption(workspace: Guided) -> str:
    return str(workspace.query_one(Captions).content)


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_step_by_step(size: tuple[int, int]) -> None:
    desk, guide = office([full_run()]), FakeGuide()
    app = app_of(desk, guide)
    async with app.run_test(size=size) as pilot:
        workspace = app.workspace
        assert isinstance(workspace, Guided)
        await until(pilot, lambda: "caption 0 [b]of[/b]" in caption(workspace))
        assert workspace.query_one("#documents").display
        captions = workspace.query_one(Captions)
        assert captions.region.bottom <= size[1] - 2 and captions.region.height >= 3
        await pilot.press("space")
        assert "Wait" in caption(workspace)
        await pilot.press("space", "space")  # not before it was said
        assert "2 of 7 · Plain" in str(captions.border_title)
        guide.let_plain.set()
        await until(pilot, lambda: "caption 1" in caption(workspace))
        await pilot.press("left")
        assert "caption 0" in caption(workspace)
        await pilot.press("space", "space")
        await until(pilot, lambda: "caption 2" in caption(workspace))
        assert desk.asked == [QUESTION]
        await pilot.press("space")
        await until(
            pilot, lambda: workspace.query_one(Inspector).display and workspace.query_one(Inspector).tab == "code"
        )
        await pilot.press("space")
        await until(pilot, lambda: workspace.query_one(Inspector).tab == "prompt")
        await pilot.press("space")
        await until(pilot, lambda: workspace.query_one(RecursionPane).timed)
        await pilot.press("space")
        assert "caption 6" in caption(workspace) and desk.asked == [QUESTION]
        assert not workspace.query_one(RecursionPane).timed
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)


async def come_to(pilot: Pilot[None], workspace: Guided, number: int) -> None:
    """Space until a caption is said."""
    for step in range(number):
        await until(pilot, lambda step=step: f"caption {step}" in caption(workspace))  # type: ignore[misc]
        await pilot.press("space")
    await until(pilot, lambda: f"caption {number}" in caption(workspace))


async def test_it_begins_with_the_documents() -> None:
    app = app_of(FakeDesk(), FakeGuide())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.workspace.query_one("#documents").display)
        assert not app.workspace.query_one("#answer").display  # it tells of a question box, which is not there


async def test_the_plain_answer_is_seen_to_fail() -> None:
    guide = FakeGuide()
    guide.let_plain.set()
    app = app_of(office([full_run()]), guide)
    async with app.run_test(size=(80, 24)) as pilot:
        workspace = app.workspace
        assert isinstance(workspace, Guided)
        await come_to(pilot, workspace, 1)
        (turn,) = workspace.query_one(AnswerPane).turns
        assert turn.question == QUESTION and turn.answer == "none"
        assert "wrong: the true answer is Harbour" in str(turn.content)


async def test_a_run_that_was_cancelled_is_asked_again() -> None:
    desk, guide = office([full_run(), full_run("run-2")], hold_at=20), FakeGuide()
    guide.let_plain.set()
    async with guided(desk, guide) as (workspace, pilot):
        await come_to(pilot, workspace, 1)
        await pilot.press("space")
        await until(pilot, lambda: desk.last is not None and desk.last.held.is_set())
        await pilot.press("space")  # one goes on
        assert len(desk.asked) == 1
        await pilot.press("escape")
        await until(pilot, lambda: "did not come to its end" in caption(workspace))
        assert "Space again" in str(workspace.query_one(Captions).border_subtitle)
        desk.hold_at = None
        await pilot.press("space")
        await until(pilot, lambda: "caption 2" in caption(workspace))
        assert len(desk.asked) == 2


async def test_a_plain_question_that_failed_is_asked_again() -> None:
    guide = FakeGuide(plain_error=EngineError("The engine died.", "Try again."))
    guide.let_plain.set()
    async with guided(office([full_run()]), guide) as (workspace, pilot):
        await until(pilot, lambda: "caption 0" in caption(workspace))
        await pilot.press("space")
        await until(pilot, lambda: "did not come to its end" in caption(workspace))
        assert not workspace.query_one(AnswerPane).turns
        await pilot.press("space")
        await until(pilot, lambda: "caption 1" in caption(workspace))


async def test_only_keys_that_do_something_are_offered() -> None:
    guide = FakeGuide()
    app = app_of(office([full_run()]), guide)
    async with app.run_test(size=(200, 60)) as pilot:
        workspace = app.workspace
        await until(pilot, lambda: "caption 0" in caption(workspace))  # type: ignore[arg-type]
        offered = {key.description for key in workspace.query(FooterKey)}
        assert {"Next", "Back"} <= offered and not {"Question", "Add", "Remove"} & offered


async def test_behind_the_last_caption_one_asks_oneself() -> None:
    desk, guide = office([full_run(), full_run("run-2")]), FakeGuide()
    guide.let_plain.set()
    async with guided(desk, guide) as (workspace, pilot):
        await come_to(pilot, workspace, 6)
        assert "Space your question" in str(workspace.query_one(Captions).border_subtitle)
        await pilot.press("space")
        assert not workspace.query_one(Captions).display
        await pilot.press(*"quite", "space", *"so", "left", "enter")
        await until(pilot, lambda: len(desk.asked) == 2)
        assert desk.asked[1] == "quite so"


async def test_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rlm_desk.tui.screens.guided.LEAST_SECONDS", 0.0)
    monkeypatch.setattr("rlm_desk.tui.screens.guided.LETTERS", 10_000)
    desk, guide = office([full_run()]), FakeGuide()
    guide.let_plain.set()
    app = app_of(desk, guide, auto=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: not app.is_running)
    assert desk.asked == [QUESTION] and desk.closed
