"""Runs of the history: opened, played, compared, saved."""

from pathlib import Path

import pytest

from rlm_desk.tui.differences import changed_words
from rlm_desk.tui.screens import saving
from rlm_desk.tui.screens.compare import Compare, Figures
from rlm_desk.tui.screens.history import History
from rlm_desk.tui.screens.playback import Playback
from rlm_desk.tui.widgets.answer import AnswerPane
from rlm_desk.tui.widgets.bars import BudgetBar, StatusLine
from rlm_desk.tui.widgets.inspector import Inspector
from rlm_desk.tui.widgets.playerbar import PlayerBar
from rlm_desk.tui.widgets.recursion import RecursionTree
from rlm_desk.tui.widgets.runs import RunTable
from tests.tui.driving import QUESTION, SIZES, opened, shown, until
from tests.tui.pasts import history, kept


async def test_a_run_opens_as_it_was() -> None:
    async with opened(kept()) as (_, pilot):
        await history(pilot)
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Playback))
        screen = pilot.app.screen
        await pilot.pause()
        text = str(screen.query_one(AnswerPane).last.content)
        assert "In all we pay 18,007" in text and "From the history" in text
        assert screen.query_one(RecursionTree).view.status == "answered"
        assert "calls 7/2.0k" in shown(pilot.app.screen, BudgetBar)
        assert "answered" in shown(pilot.app.screen, StatusLine)
        assert "at its end" in shown(pilot.app.screen, PlayerBar)
        assert not screen.query_one("#question").display
        await pilot.press("f")
        await pilot.pause()
        assert "failed" in str(screen.query_one(Inspector).border_title)
        await pilot.press("ctrl+y")
        assert pilot.app.clipboard == "In all we pay 18,007 a year."
        await pilot.press("f2", "end", "enter")
        await until(pilot, lambda: screen.source_open)
        await pilot.press("escape", "escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, History))


async def test_what_is_drawn_in_parts_is_what_would_be_drawn_whole() -> None:
    async with opened(kept(), (160, 50)) as (_, pilot):
        await history(pilot)
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Playback))
        screen = pilot.app.screen
        await pilot.press("home")  # of the tree: the batch's calls are seen too
        screen.query_one(RecursionTree).fold(1)

        def lines() -> list[list[tuple[str, str]]]:
            return [[(s.text, str(s.style)) for s in strip.simplify()] for strip in screen._compositor.render_strips()]

        length = screen.player.length
        for share in (0.0, 0.2, 0.3, 0.45, 0.6, 0.8, 0.9, 1.0, 0.5, 0.55, 0.1, 1.0):
            screen.player.seek(share * length)
            screen._show()
            await pilot.pause()
            in_parts = lines()
            for widget in screen.query("*"):
                widget.refresh()
            await pilot.pause()
            assert in_parts == lines(), f"at {share}"


async def test_an_interrupted_run_says_so() -> None:
    async with opened(kept()) as (_, pilot):
        await history(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Playback))
        await pilot.pause()
        assert "Interrupted" in str(pilot.app.screen.query_one(AnswerPane).last.content)
        assert "interrupted" in shown(pilot.app.screen, StatusLine)


@pytest.mark.parametrize("size", SIZES)
async def test_playing_pausing_going_back_and_the_mouse(size: tuple[int, int]) -> None:
    async with opened(kept(), size) as (_, pilot):
        await history(pilot)
        await pilot.press("down", "r")
        await until(pilot, lambda: isinstance(pilot.app.screen, Playback))
        screen = pilot.app.screen
        await until(pilot, lambda: screen.player.over)
        assert "18,007" in str(screen.query_one(AnswerPane).last.content)
        await pilot.press("0")
        await pilot.pause()
        assert screen.player.position == 0.0 and screen.query_one(RecursionTree).view is None
        await pilot.press(*["full_stop"] * 9)
        await pilot.pause()
        view = screen.query_one(RecursionTree).view
        assert view.running and screen.query_one(RecursionTree).chosen in view.nodes
        await pilot.press("e", "down", "down", "down", "comma", *["comma"] * 15)
        await pilot.pause()
        assert screen.query_one(RecursionTree).chosen in screen.query_one(RecursionTree).view.nodes
        await pilot.press("plus")
        assert "20×" in shown(pilot.app.screen, PlayerBar)
        await pilot.press("minus", "minus")
        assert "5×" in shown(pilot.app.screen, PlayerBar)
        bar = screen.query_one(PlayerBar)
        first, width = bar._track
        await pilot.click(PlayerBar, offset=(first + width - 1, 0))
        assert screen.player.over
        await pilot.click(PlayerBar, offset=(1, 0))
        assert screen.player.playing or screen.player.over


@pytest.mark.parametrize("size", SIZES)
async def test_two_runs_side_by_side(size: tuple[int, int]) -> None:
    async with opened(kept(), size) as (_, pilot):
        screen = await history(pilot)
        await pilot.press("down", "c")
        assert "Choose another run" in shown(pilot.app.screen, "#words")
        assert any("◆" in str(cell) for cell in screen.query_one(RunTable).get_row_at(1))
        await pilot.press("down", "c")
        await until(pilot, lambda: isinstance(pilot.app.screen, Compare))
        await pilot.pause()
        figures = shown(pilot.app.screen, Figures)
        assert "≠ question" in figures and "≠ sub-calls" in figures and "  state" in figures
        assert "18,007" in shown(pilot.app.screen, "#answer-a") and "42" in shown(pilot.app.screen, "#answer-b")
        assert pilot.app.screen.query_one("#tree-b", RecursionTree).view.nodes
        pilot.app.screen.query_one("#answer-b").focus()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Playback))
        assert pilot.app.screen.past.summary.id == "run-many"
        await pilot.press("escape", "escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, History))
        assert screen._marked is None


async def test_a_mark_is_taken_back() -> None:
    async with opened(kept()) as (_, pilot):
        screen = await history(pilot)
        await pilot.press("c", "c")
        assert screen._marked is None
        await pilot.press("c", "escape")
        assert screen._marked is None and isinstance(pilot.app.screen, History)


async def test_runs_that_cannot_be_opened_are_sentences() -> None:
    async with opened(kept()) as (_, pilot):
        await history(pilot)
        await pilot.press("down", "down", "down", "enter")
        await until(pilot, lambda: "There is no run run-gone." in shown(pilot.app.screen, "#words"))
        await pilot.press("down", "enter")
        await until(pilot, lambda: "Nothing is left of this run" in shown(pilot.app.screen, "#words"))


async def test_an_answer_of_the_history_is_saved_beside_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "answer-run-1.txt").write_text("mine")
    async with opened(kept()) as (_, pilot):
        await history(pilot)
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Playback))
        await pilot.press("ctrl+y")
        assert "Ctrl+S" in shown(pilot.app.screen, StatusLine)
        await pilot.press("ctrl+s")
        assert "answer-run-1-2.txt" in shown(pilot.app.screen, StatusLine)
        assert (tmp_path / "answer-run-1.txt").read_text() == "mine"
        saved = (tmp_path / "answer-run-1-2.txt").read_text()
        assert QUESTION in saved and "In all we pay 18,007 a year." in saved
        await pilot.press("0", "ctrl+s")
        assert "no answer at this moment" in shown(pilot.app.screen, StatusLine)
        assert len(list(tmp_path.iterdir())) == 2
        gone, papers = tmp_path / "gone", tmp_path / "papers"
        gone.mkdir()
        papers.mkdir()
        monkeypatch.chdir(gone)
        gone.rmdir()
        monkeypatch.setattr(saving.platformdirs, "user_documents_path", lambda: papers)
        monkeypatch.setattr(saving.Path, "home", lambda: papers)
        await pilot.press("e", "ctrl+s")
        await until(pilot, (papers / "answer-run-1.txt").is_file)


@pytest.mark.parametrize(
    ("one", "other"), [("a b c", "a x c"), ("", "x"), ("same", "same"), ("x " * 3000, "y " * 3000)]
)
def test_compared_texts_stay_whole(one: str, other: str) -> None:
    left, right = changed_words(one, other)
    assert "".join(piece for piece, _ in left) == one
    assert "".join(piece for piece, _ in right) == other
    if one == "a b c":
        assert ("b", True) in left and ("x", True) in right and ("a ", False) in left
