"""A question from Enter to its answer: watched, queued, paused, cancelled, refused, kept as a file."""

import asyncio
import time
from typing import Any

import pytest
from textual.widgets import Input, Static

from rlm_desk.errors import EngineError, StoreError
from rlm_desk.tui.screens.dialog import ConsentDialog
from rlm_desk.tui.widgets.answer import AnswerPane
from rlm_desk.tui.widgets.bars import BudgetBar, StatusLine
from rlm_desk.tui.widgets.inspector import Inspector
from rlm_desk.tui.widgets.recursion import RecursionTree
from tests.tui.driving import QUESTION, SIZES, asked, opened, over, shown, until
from tests.tui.fakerecords import FakeEstimate
from tests.tui.fakes import office
from tests.tui.recording import RunBuilder, full_run, many


@pytest.mark.usefixtures("office_there")
@pytest.mark.parametrize("size", SIZES)
async def test_load_ask_watch_inspect(size: tuple[int, int]) -> None:
    desk = office([full_run()])
    async with opened(desk, size) as (workspace, pilot):
        await pilot.press("ctrl+o", *"office", "enter")
        await until(pilot, lambda: len(desk.corpus.documents) == 6)
        await asked(workspace, pilot)
        await until(pilot, lambda: over(workspace))
        assert "In all we pay 18,007 a year." in workspace.query_one(AnswerPane).last.plain
        assert "desk-tiny (demonstration model)" in workspace.query_one(AnswerPane).last.plain
        assert "calls 7/2.0k" in shown(workspace, BudgetBar)
        assert "answered" in shown(workspace, StatusLine)
        tree = workspace.query_one(RecursionTree)
        assert list(tree.keys) == [0, 1, 8, 9]
        await pilot.press("f4", "down", "space", "down")
        assert tree.node(tree.chosen).label == "Contract 0"
        inspector = workspace.query_one(Inspector)
        assert "What is the yearly fee?" in inspector.text.plain
        await pilot.press("]", "]", "]")
        assert inspector.tab == "reply"
        await pilot.pause()
        assert "0,200" in inspector.text.plain
        await pilot.press("home", "[", "[")
        await pilot.pause()
        assert "found = map(" in inspector.text.plain


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
async def test_cancel(key: str) -> None:
    desk = office([full_run(), full_run("run-2")], hold_at=12)
    async with opened(desk, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: workspace.session is not None and len(workspace.session.view.nodes) > 2)
        assert workspace.running
        await pilot.press(key)
        await until(pilot, lambda: over(workspace))
        assert workspace.session.view.status == "cancelled"
        assert "Cancelled" in str(workspace.query_one(AnswerPane).last.content)
        assert "cancelled" in shown(workspace, StatusLine)
        desk.hold_at = None
        await asked(workspace, pilot)
        await until(pilot, lambda: over(workspace) and workspace.session.view.run == "run-2")
        assert len(workspace.query_one(AnswerPane).turns) == 2


async def test_questions_asked_meanwhile_wait_their_turn() -> None:
    desk = office([full_run(), full_run("run-2")], hold_at=12)
    async with opened(desk, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: workspace.run is not None)
        await asked(workspace, pilot)
        assert "1 question waiting" in shown(workspace, StatusLine)
        assert desk.asked == [QUESTION]
        desk.hold_at = None
        await pilot.press("escape")
        await until(pilot, lambda: len(desk.asked) == 2 and over(workspace))
        assert [turn.answer != "" for turn in workspace.query_one(AnswerPane).turns] == [False, True]


async def test_a_run_is_paused_hurried_and_given_more() -> None:
    desk = office([full_run()], hold_at=12)
    async with opened(desk, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: workspace.run is not None)
        await pilot.press("ctrl+g")
        assert desk.last.paused and "Paused" in shown(workspace, StatusLine)
        await pilot.press("ctrl+g", "ctrl+d")
        assert not desk.last.paused and "4,000 sub-calls" in shown(workspace, StatusLine)
        await pilot.press("ctrl+n")
        assert desk.last.hurried
        await pilot.press("escape")
        await until(pilot, lambda: not workspace.running)


async def test_asking_without_documents_says_what_to_do() -> None:
    async with opened(office()) as (workspace, pilot):
        await asked(workspace, pilot)
        assert "Ctrl+O adds documents" in shown(workspace, StatusLine)
        assert workspace.query_one("#question", Input).value


@pytest.mark.parametrize(("key", "starts"), [("y", True), ("n", False), ("escape", False), ("enter", True)])
async def test_a_long_run_is_asked_for(key: str, starts: bool) -> None:
    desk = office([full_run()], estimated=FakeEstimate(1_200_000, 1500.0, "measured here: reading 800 tokens/s"))
    async with opened(desk, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: isinstance(pilot.app.screen, ConsentDialog))
        words = " ".join(str(s.content) for s in pilot.app.screen.query(Static))
        assert "1.2M tokens" in words and "about 25 minutes" in words and "800 tokens/s" in words
        await pilot.press(key)
        await until(pilot, lambda: not workspace.running)
        assert desk.asked == ([QUESTION] if starts else [])
        assert desk.expected == (desk.estimated if starts else None), "the run's record says what was expected"
        if not starts:
            assert workspace.query_one("#question", Input).value == QUESTION


@pytest.mark.parametrize("next_one", ["", "And which is the largest"])
async def test_a_question_that_could_not_be_begun_is_given_back(next_one: str, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, tried = office([full_run()]), asyncio.Event()

    async def estimate(question: str) -> FakeEstimate:
        await tried.wait()
        raise EngineError("The engine gave up.", "Ask again.")

    monkeypatch.setattr(desk, "estimate", estimate)
    async with opened(desk, paths=["office"]) as (workspace, pilot):
        await until(pilot, lambda: len(desk.corpus.documents) == 6)
        box = workspace.query_one("#question", Input)
        box.value = QUESTION
        box.focus()
        await pilot.press("enter")
        await until(pilot, lambda: not box.value)
        box.value = next_one
        tried.set()
        await until(pilot, lambda: not workspace.running)
        assert "The engine gave up." in shown(workspace, StatusLine)
        assert box.value == (next_one or QUESTION)


async def test_a_question_cancelled_before_it_was_begun_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    desk, tried = office([full_run()]), asyncio.Event()

    async def estimate(question: str) -> FakeEstimate:
        tried.set()
        await asyncio.Event().wait()
        raise AssertionError("nobody ends this wait")

    monkeypatch.setattr(desk, "estimate", estimate)
    async with opened(desk, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, tried.is_set)
        assert not workspace.query_one("#question", Input).value
        await pilot.press("escape")
        await until(pilot, lambda: not workspace.running)
        assert workspace.query_one("#question", Input).value == QUESTION
        assert desk.asked == []


async def test_labels_of_answers_that_are_not_the_models_own() -> None:
    b = RunBuilder()
    b.start("q")
    root = b.node("root", None, 0, "q")
    b.add("budget_spent", what="tokens", limit=100)
    b.answered(root, "perhaps 4", how="best_effort")
    b.done(root)
    b.finish("perhaps 4", status="best_effort", error="The budget of 100 tokens is used up.")
    async with opened(office([b]), paths=["office"], question="q") as (workspace, pilot):
        await until(pilot, lambda: over(workspace))
        text = str(workspace.query_one(AnswerPane).last.content)
        assert "Best effort" in text and "perhaps 4" in text and "100 tokens is used up" in text
        assert "✗ tokens" in shown(workspace, BudgetBar)
        assert "best effort" in shown(workspace, StatusLine)


async def test_what_an_estimate_found_wrong_stays_to_be_read() -> None:
    desk = office()

    async def broken(question: str) -> FakeEstimate:
        raise EngineError("The model does not answer.", "Try again.")

    desk.estimate = broken  # type: ignore[method-assign]
    async with opened(desk, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: "The model does not answer." in shown(workspace, StatusLine))
        await until(pilot, lambda: not workspace.running)
        assert "The model does not answer." in shown(workspace, StatusLine)
        assert isinstance(workspace.problem, EngineError)


async def test_a_store_that_fails_during_a_run_is_told() -> None:
    b = full_run()
    del b.recorded[20:]
    desk = office([b], result_error=StoreError("The disk is full.", "Free some space and ask again."))
    async with opened(desk, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: over(workspace))
        text = str(workspace.query_one(AnswerPane).last.content)
        assert "The disk is full." in text and "Free some space" in text
        assert workspace.session.view.status == "interrupted"


async def test_live_text_streams_and_the_next_turn_begins_anew() -> None:
    desk = office([full_run()], hold_at=4)
    async with opened(desk, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: workspace.session is not None and workspace.session.view.root == 0)
        desk.last.say(0, "```python\nfound [/b] = ")
        desk.last.say(7, "not the root's")
        desk.last.say(0, "map(")
        turn = workspace.query_one(AnswerPane).last
        await until(pilot, lambda: "found [/b] = map(" in str(turn.content))
        assert "not the root's" not in str(turn.content)
        await pilot.press("escape")
        await until(pilot, lambda: over(workspace))


async def test_save_and_copy_the_answer(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened(office([full_run()]), paths=["office"]) as (workspace, pilot):
        await pilot.press("ctrl+s")
        assert "no answer yet" in shown(workspace, StatusLine)
        await until(pilot, lambda: workspace.desk.corpus.documents)
        workspace.ask(QUESTION)
        await until(pilot, lambda: over(workspace))
        await pilot.press("ctrl+y")
        assert pilot.app.clipboard == "In all we pay 18,007 a year."
        await pilot.press("ctrl+s")
        (saved,) = tmp_path.glob("answer-*.txt")
        assert QUESTION in saved.read_text() and "18,007" in saved.read_text()


async def test_two_thousand_nodes_stay_quick() -> None:
    desk = office([many(2000)])
    async with opened(desk, (160, 50), paths=["office"]) as (workspace, pilot):
        await until(pilot, lambda: workspace.desk.corpus.documents)
        began = time.process_time()
        workspace.ask("Count them")
        await until(pilot, lambda: over(workspace))
        # 8,000 events take about 0.6 s of CPU, more on a shared core;
        # work that grows with the square of the nodes takes minutes.
        assert time.process_time() - began < 15
        await pilot.press("f4", "down", "space", "end")
        tree = workspace.query_one(RecursionTree)
        assert len(tree.keys) == 2002
        assert tree.node(tree.chosen).label == "Contract 1999"


async def test_keys_are_taken_while_events_pour_in() -> None:
    desk = office([many(1000)], pause=0.001)
    async with opened(desk, (120, 40), paths=["office"]) as (workspace, pilot):
        await until(pilot, lambda: workspace.desk.corpus.documents)
        workspace.ask("Count them")
        await until(pilot, lambda: workspace.session is not None and len(workspace.session.view.nodes) > 50)
        field = workspace.query_one("#question", Input)
        for index, letter in enumerate("typed"):
            # Not pilot.press: it waits until the app is idle, which a busy one never is.
            pilot.app.simulate_key(letter)
            while len(field.value) <= index:
                assert workspace.running, "the key was not taken while events came"
                await asyncio.sleep(0.002)
        assert workspace.running
        await pilot.press("escape")
        await until(pilot, lambda: over(workspace))
