"""Opening and leaving the desk: what an empty one teaches, which model is asked, what is said of confinement."""

import asyncio

import pytest
from textual.widgets import Input

from rlm_desk.confine.layers import Layer, State
from rlm_desk.errors import EngineError, ModelError
from rlm_desk.tui.app import DeskApp, Start
from rlm_desk.tui.widgets.bars import StatusLine, TitleBar
from tests.tui.driving import QUESTION, SIZES, opened, over, shown, until
from tests.tui.fakes import FakeDesk, FakeEngine, office
from tests.tui.recording import full_run


@pytest.mark.parametrize("size", SIZES)
async def test_the_empty_workspace_teaches(size: tuple[int, int]) -> None:
    async with opened(office(), size) as (workspace, _):
        assert "Ctrl+O" in shown(workspace, "#answer-empty")
        assert "Ctrl+O" in shown(workspace, "#documents-empty")
        assert workspace.query_one("#answer").display
        assert isinstance(workspace.focused, Input)
        assert "demonstration model" in str(workspace.query_one(TitleBar).content)
        steps = shown(workspace, "#answer-empty").split("\n\n")[1].split("\n")
        assert len(steps) > 3  # those that go on in a second line
        assert all(line[0] in "123" or (line[:3] == "   " and line[3] != " ") for line in steps)
        taught = shown(workspace, "#answer-empty")
        assert "F11, then t asks it" in taught and "For your own documents, F11 leads to a model" in taught


async def test_the_window_is_the_one_the_engine_has() -> None:
    desk = office([full_run()])
    async with opened(desk) as (workspace, pilot):
        assert "window 4.1k tokens" in str(workspace.query_one(TitleBar).content)
        desk.machine.running = FakeEngine(2048)
        await workspace._load(["office"])
        await until(pilot, lambda: "window 2.0k tokens" in str(workspace.query_one(TitleBar).content))


async def test_no_model_is_told_and_the_app_lives() -> None:
    desk = office(model_error=ModelError("There is no model [big].", "Import one: rlm-desk models import FILE."))
    async with opened(desk) as (workspace, _):
        assert "There is no model [big]. Import one: F11" in shown(workspace, StatusLine)


async def test_the_model_is_loaded_while_the_question_is_written() -> None:
    desk = office(warm_error=ModelError("The model does not fit.", "Choose a smaller one."))
    async with opened(desk, paths=["office"]) as (workspace, pilot):
        await until(pilot, lambda: "The model does not fit. Choose" in shown(workspace, StatusLine))
        await workspace._load(["office"])
        assert desk.warmed == 1


async def test_a_desk_that_cannot_open_is_told() -> None:
    async def open_desk() -> FakeDesk:
        raise EngineError("It is broken.", "Mend it.")

    app = DeskApp(open_desk)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "It is broken." in shown(app.workspace, StatusLine))
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not app.is_running)


async def test_quit_does_not_wait_for_a_desk_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rlm_desk.tui.app.CLOSE_SECONDS", 0.3)
    desk = office([full_run()], hold_at=12, close_seconds=60)
    async with opened(desk, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: workspace.run is not None)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not pilot.app.is_running)
    assert not desk.closed, "the app waited for the desk"
    assert desk.last._cancelled.is_set()


async def test_quit_closes_the_desk() -> None:
    desk = office()
    async with opened(desk) as (_, pilot):
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not pilot.app.is_running)
    assert desk.closed


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_not_kept_in_is_said_for_as_long_as_it_is_so(size: tuple[int, int]) -> None:
    desk = office([full_run(QUESTION)], unconfined="no seccomp")
    async with opened(desk, size, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: desk.last is not None and desk.last.over and not workspace.running)
        assert shown(workspace, StatusLine).startswith(" ✗ UNCONFINED ")
        workspace._say("x" * 500)
        await pilot.pause()
        assert shown(workspace, StatusLine).startswith(" ✗ UNCONFINED ")


async def test_a_confined_desk_does_not_say_so() -> None:
    async with opened(office(), paths=["office"]) as (workspace, pilot):
        await until(pilot, lambda: workspace.desk is not None and workspace.desk.corpus.documents)
        assert "UNCONFINED" not in shown(workspace, StatusLine)


@pytest.mark.parametrize("state", ["on", "off"])
async def test_offline_is_said_only_where_it_is_enforced(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rlm_desk.tui.widgets.bars.network", lambda: Layer("network", state))
    async with opened(office()) as (workspace, pilot):
        workspace._say("Hello")
        await pilot.pause()
        assert "Hello" in shown(workspace, StatusLine)
        assert ("offline" in shown(workspace, StatusLine)) == (state == "on")


async def test_a_question_asked_while_the_desk_opens_is_asked_when_it_is_open() -> None:
    ready = asyncio.Event()

    async def open_desk() -> FakeDesk:
        await ready.wait()
        return desk

    desk = office([full_run()])
    app = DeskApp(open_desk, Start(paths=["office"]))
    async with app.run_test() as pilot:
        field = app.workspace.query_one("#question", Input)
        await pilot.press(*"hm?", "enter")
        await until(pilot, lambda: "your question is asked next" in shown(app.workspace, StatusLine))
        await pilot.press("backspace", *"...?")  # what stands there is asked
        ready.set()
        await until(pilot, lambda: desk.asked == ["hm...?"] and field.value == "")
        await until(pilot, lambda: over(app.workspace))


async def test_enter_that_was_typed_before_the_first_frame_is_enter() -> None:
    desk = office([full_run()])
    async with opened(desk, paths=["office"]) as (workspace, pilot):
        await pilot.press(*"hm?", "ctrl+j")  # a terminal that no program has taken over turns Enter into this
        await until(pilot, lambda: desk.asked == ["hm?"] and over(workspace))
