"""A guided demonstration on the screen: next, back, quit, by itself."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from rlm_desk.tui.app import DeskApp
from rlm_desk.tui.screens.guided import Guided
from rlm_desk.tui.start import Start
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

    async def ask_plainly(self, desk: Any) -> None:
        await self.let_plain.wait()
        self.done.add("plain")

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
        await pilot.press("space", "space", "space")
        assert "caption 6" in caption(workspace) and desk.asked == [QUESTION]
        assert not workspace.query_one(RecursionPane).timed
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)


async def test_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rlm_desk.tui.screens.guided.LEAST_SECONDS", 0.0)
    monkeypatch.setattr("rlm_desk.tui.screens.guided.LETTERS", 10_000)
    desk, guide = office([full_run()]), FakeGuide()
    guide.let_plain.set()
    app = app_of(desk, guide, auto=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: not app.is_running)
    assert desk.asked == [QUESTION] and desk.closed
