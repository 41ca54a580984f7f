"""A demonstration on the screen: its verdict, and how it closes by itself or stays."""

import asyncio
from typing import Any

import pytest
from textual.widgets import Input

from rlm_desk.tui.widgets.answer import AnswerPane, Conversation
from rlm_desk.tui.widgets.bars import StatusLine
from rlm_desk.tui.widgets.recursion import RecursionTree
from tests.tui.driving import QUESTION, opened, over, shown, until
from tests.tui.fakerecords import FakeAnswer, FakeEstimate
from tests.tui.fakes import office
from tests.tui.recording import full_run


async def test_the_verdict_of_a_demonstration() -> None:
    desk = office([full_run()], estimated=FakeEstimate(1_200_000, 1500.0))
    released = asyncio.Event()

    async def verdict(answer: FakeAnswer) -> str:
        await released.wait()
        return f"true: 18,007; said: {answer.text}\ncorrect"

    async with opened(
        desk, (80, 24), paths=["office"], question=lambda: QUESTION, consent=False, verdict=verdict, judging="Comparing"
    ) as (workspace, pilot):
        await until(pilot, lambda: "Comparing" in shown(workspace, StatusLine))
        assert workspace.running and desk.asked == [QUESTION]
        released.set()
        await until(pilot, lambda: not workspace.running)
        text = str(workspace.query_one(AnswerPane).last.content)
        assert "true: 18,007; said: In all we pay" in text and text.rstrip().endswith("correct")
        assert "closes in" not in shown(workspace, StatusLine)


async def said_at_once(answer: FakeAnswer) -> str:
    return "correct"


async def test_a_demonstration_closes_by_itself() -> None:
    desk = office([full_run()])
    start: dict[str, Any] = {"paths": ["office"], "question": QUESTION, "verdict": said_at_once, "closes_after": 1.0}
    async with opened(desk, **start) as (workspace, pilot):
        await until(pilot, lambda: "closes in 1 s; any key to stay" in shown(workspace, StatusLine))
        await until(pilot, lambda: not pilot.app.is_running)
    assert desk.closed


@pytest.mark.parametrize("key", ["x", "f4"])
async def test_any_key_stops_the_countdown(key: str) -> None:
    desk = office([full_run()])
    start: dict[str, Any] = {"paths": ["office"], "question": QUESTION, "verdict": said_at_once, "closes_after": 60.0}
    async with opened(desk, **start) as (workspace, pilot):
        await until(pilot, lambda: "any key to stay" in shown(workspace, StatusLine))
        await pilot.press(key)
        await until(pilot, lambda: "Ctrl+Q leaves" in shown(workspace, StatusLine))
        assert not workspace.stay(), "nothing is counted any more"
        # A letter only stops the countdown; a key that goes somewhere goes there.
        assert workspace.query_one("#question", Input).value == ""
        assert isinstance(workspace.focused, RecursionTree if key == "f4" else Conversation)


@pytest.mark.parametrize(("size", "zoomed"), [((100, 30), True), ((160, 50), False)])
async def test_a_verdict_is_seen_with_its_question(size: tuple[int, int], zoomed: bool) -> None:
    async def verdict(answer: FakeAnswer) -> str:
        return "\n".join(["true answer", "by recursion", "asked plainly", "took", "", "correct"])

    async with opened(office([full_run()]), size, paths=["office"], question=QUESTION, verdict=verdict) as (
        workspace,
        pilot,
    ):
        await until(pilot, lambda: over(workspace))
        await until(pilot, lambda: workspace.has_class("-zoomed") == zoomed)
        await pilot.pause()
        assert workspace.query_one("#answer").display
        assert workspace.query_one("#tree").is_on_screen != zoomed
        assert not workspace.query_one(Conversation).max_scroll_y


async def test_a_cancelled_demonstration_has_no_verdict_and_stays() -> None:
    desk = office([full_run()], hold_at=12)
    start: dict[str, Any] = {"paths": ["office"], "question": QUESTION, "verdict": said_at_once, "closes_after": 0.1}
    async with opened(desk, **start) as (workspace, pilot):
        await until(pilot, lambda: workspace.run is not None)
        await pilot.press("escape")
        await until(pilot, lambda: over(workspace))
        await pilot.pause(0.3)
        assert pilot.app.is_running
        assert "correct" not in str(workspace.query_one(AnswerPane).last.content)
