"""A run is steered: a node is stopped, a budget that ran out asks, questions wait and are changed."""

import pytest
from textual.widgets import Input, OptionList

from rlm_desk.events import RunFinished
from rlm_desk.tui.screens.history import History
from rlm_desk.tui.screens.queue import QueueDialog
from rlm_desk.tui.screens.reading import Reading
from rlm_desk.tui.screens.spent import SpentDialog
from rlm_desk.tui.widgets.answer import AnswerPane
from rlm_desk.tui.widgets.bars import StatusLine
from rlm_desk.tui.widgets.recursion import RecursionTree
from rlm_desk.tui.widgets.turn import STOPPED
from tests.tui.driving import QUESTION, asked, opened, over, shown, until
from tests.tui.fakes import office
from tests.tui.recording import RunBuilder, full_run


async def test_a_call_is_stopped_from_the_tree() -> None:
    desk = office([full_run()], hold_at=12)
    async with opened(desk, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: workspace.session is not None and len(workspace.session.view.nodes) > 2)
        assert desk.last.watched
        tree = workspace.query_one(RecursionTree)
        await pilot.press("f4", "x")
        assert desk.last.stopped == []
        assert "Esc cancels the whole run" in shown(workspace, StatusLine)
        open_call = next(n.id for n in workspace.session.view.nodes.values() if n.role == "call" and not n.over)
        tree.reveal(open_call)
        await pilot.press("x")
        assert desk.last.stopped == [open_call]
        assert "goes on without its answer" in shown(workspace, StatusLine)
        done = next(n.id for n in workspace.session.view.nodes.values() if n.role == "call" and n.over)
        tree.reveal(done)
        await pilot.press("x")
        assert desk.last.stopped == [open_call]
        await pilot.press("escape")
        await until(pilot, lambda: over(workspace))


def spent_run() -> RunBuilder:
    b = RunBuilder()
    b.start("q")
    root = b.node("root", None, 0, "q")
    b.asked(root, "q")
    b.add("budget_asked", what="subcalls", limit=2000, needed=5000)
    b.replied(root, "x")
    return b


@pytest.mark.parametrize(
    ("key", "raised", "hurried"), [("d", True, False), ("n", False, True), ("escape", False, False)]
)
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_spent_budget_asks(key: str, raised: bool, hurried: bool, size: tuple[int, int]) -> None:
    desk = office([spent_run()], hold_at=4)
    async with opened(desk, size, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: isinstance(pilot.app.screen, SpentDialog))
        words = " ".join(str(s.content) for s in pilot.app.screen.query("Static"))
        assert "2,000 sub-calls are used up" in words and "allows 5,000 sub-calls" in words
        assert pilot.app.screen.query_one("#dialog").region.bottom <= size[1]
        await pilot.press(key)
        await until(pilot, lambda: not isinstance(pilot.app.screen, SpentDialog))
        await until(pilot, lambda: (desk.last.raised, desk.last.hurried) == (raised, hurried))
        if key == "escape":
            await until(pilot, lambda: "Ctrl+D goes on with more" in shown(workspace, StatusLine))
        await pilot.press("escape")
        await until(pilot, lambda: not workspace.running)
        assert isinstance(workspace.session.view.ended, float)
        assert any(isinstance(one.event, RunFinished) for one in desk.last._builder.recorded)


async def test_the_queue_is_listed_and_changed() -> None:
    desk = office([full_run(), full_run("run-2")], hold_at=12)
    async with opened(desk, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: workspace.run is not None)
        for question in ("one", "two", "three"):
            await asked(workspace, pilot, question)
        field = workspace.query_one("#question", Input)
        assert "3 waiting" in str(field.border_title)
        await pilot.press("ctrl+k")
        await until(pilot, lambda: isinstance(pilot.app.screen, QueueDialog))
        await pilot.press("down", "down", "u", "u", "down", "d")
        assert list(workspace._asking.waiting) == ["three", "two"]
        await pilot.press("enter")
        await until(pilot, lambda: field.value == "two")
        assert list(workspace._asking.waiting) == ["three"]
        assert "1 waiting" in str(field.border_title)
        desk.hold_at = None
        await pilot.press("escape")
        await until(pilot, lambda: desk.asked == [QUESTION, "three"] and over(workspace))
        assert "waiting" not in str(field.border_title)


async def test_an_answer_says_that_a_part_of_its_run_was_stopped() -> None:
    b = RunBuilder()
    b.start(QUESTION, of=office().files["office"])
    root = b.node("root", None, 0, QUESTION)
    b.call(root, 1, "Contract 0", "0,200")
    stopped = b.node("call", root, 1, "Contract 1")
    b.add("node_stopped", node=stopped)
    b.done(stopped, "cancelled")
    b.answered(root, "In all 200.")
    b.done(root)
    b.finish("In all 200.")
    async with opened(office([b, full_run()]), paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: over(workspace))
        turn = workspace.query_one(AnswerPane).last
        assert STOPPED in str(turn.content) and STOPPED in turn.plain
        await asked(workspace, pilot)
        await until(pilot, lambda: len(workspace.query_one(AnswerPane).turns) == 2 and over(workspace))
        assert STOPPED not in workspace.query_one(AnswerPane).last.plain


async def test_enter_twice_takes_one_question_back_and_closes_nothing_else() -> None:
    desk = office([full_run()], hold_at=12)
    async with opened(desk, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: workspace.run is not None)
        for question in ("one", "two"):
            await asked(workspace, pilot, question)
        await pilot.press("ctrl+k")
        await until(pilot, lambda: isinstance(pilot.app.screen, QueueDialog))
        listed = pilot.app.screen.query_one(OptionList)
        for _ in range(2):  # both before the first is acted on, as on a busy machine
            listed.action_select()
        await until(pilot, lambda: workspace.query_one("#question", Input).value == "one")
        await pilot.pause()
        assert pilot.app.screen is workspace and list(workspace._asking.waiting) == ["two"]


async def test_a_dialog_closed_twice_closes_nothing_below_it() -> None:
    desk = office([full_run()])
    async with opened(desk, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: over(workspace))
        await pilot.press("ctrl+r")
        await until(pilot, lambda: isinstance(pilot.app.screen, History))
        history = pilot.app.screen
        pilot.app.push_screen(dialog := Reading("A text", "", []))
        await until(pilot, lambda: pilot.app.screen is dialog)
        dialog.dismiss()
        dialog.dismiss()
        await pilot.pause()
        assert pilot.app.screen is history
