"""The history, key by key: find, open, play, compare, delete."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, Static

from rlm_desk.clean import clean
from rlm_desk.corpus import Corpus
from rlm_desk.errors import StoreError, UsageError
from rlm_desk.tui.app import DeskApp
from rlm_desk.tui.differences import changed_words
from rlm_desk.tui.palette import Palette
from rlm_desk.tui.screens import saving
from rlm_desk.tui.screens.compare import Answer, Compare, Figures
from rlm_desk.tui.screens.confirm import ConfirmDialog
from rlm_desk.tui.screens.exporting import ExportDialog
from rlm_desk.tui.screens.history import History
from rlm_desk.tui.screens.playback import Playback
from rlm_desk.tui.screens.reading import Reading
from rlm_desk.tui.screens.workspace import Workspace
from rlm_desk.tui.widgets.answer import AnswerPane
from rlm_desk.tui.widgets.bars import BudgetBar, StatusLine
from rlm_desk.tui.widgets.inspector import Inspector
from rlm_desk.tui.widgets.pagehits import PageHits
from rlm_desk.tui.widgets.playerbar import PlayerBar
from rlm_desk.tui.widgets.recursion import RecursionTree
from rlm_desk.tui.widgets.runs import Preview, RunTable
from tests.tui.driving import QUESTION, SIZES, opened, until
from tests.tui.fakes import FakeDesk, FakeFound, FakePageHit, FakeRunHit, FakeSummary, document, office
from tests.tui.recording import full_run, many
from tests.tui.test_hostile_text import hostile, hostile_run


def kept() -> FakeDesk:
    cut = full_run("run-cut")
    del cut.recorded[15:]
    desk = office()
    desk.past_corpus = Corpus(desk.files["office"])
    desk.history = {
        "run-1": full_run().recorded,
        "run-cut": cut.recorded,
        "run-many": many(40).recorded,
        "run-empty": [],
    }
    answer = "In all we pay 18,007 a year."
    desk.summaries = [
        FakeSummary("run-cut", 1_700_000_100.0, "interrupted", "Cut [off]?", "desk-tiny", 4.0),
        FakeSummary("run-1", 1_700_000_000.0, "answered", QUESTION, "desk-tiny", 9.0, answer=answer),
        FakeSummary("run-many", 1_690_000_000.0, "answered", "Count them", "desk-tiny", 9.0, answer="42"),
        FakeSummary("run-gone", 1_600_000_000.0, "answered", None, "desk-tiny", 9.0),
        FakeSummary("run-empty", 1_500_000_000.0, "failed", "empty", "desk-tiny", 0.0, error="It broke."),
    ]
    return desk


def shown(app: Any, selector: Any) -> str:
    return str(app.screen.query_one(selector, Static).content)


async def history(pilot: Any) -> History:
    await pilot.press("ctrl+r")
    await until(pilot, lambda: isinstance(pilot.app.screen, History))
    screen = pilot.app.screen
    await until(pilot, lambda: "Reading" not in shown(pilot.app, "#words"))
    return screen


@pytest.mark.parametrize("size", SIZES)
async def test_it_lists_runs_and_tells_of_the_chosen_one(size: tuple[int, int]) -> None:
    async with opened(kept(), size) as (_, pilot):
        screen = await history(pilot)
        assert screen.query_one(RunTable).row_count == 5
        assert "Interrupted" in screen.query_one(Preview).plain
        await pilot.press("down")
        await until(pilot, lambda: "18,007" in screen.query_one(Preview).plain)
        assert "desk-tiny (demonstration model)" in screen.query_one(Preview).plain
        assert screen.query_one(Preview).region.height > 4
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, Workspace))


async def test_an_empty_history_teaches() -> None:
    async with opened(office()) as (_, pilot):
        await history(pilot)
        assert "No runs yet" in shown(pilot.app, "#history-empty")
        await pilot.press("r", "c", "d")
        assert "Choose a run first" in shown(pilot.app, "#words")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, Workspace))


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
        assert "calls 7/2.0k" in shown(pilot.app, BudgetBar)
        assert "answered" in shown(pilot.app, StatusLine)
        assert "at its end" in shown(pilot.app, PlayerBar)
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


async def test_an_interrupted_run_says_so() -> None:
    async with opened(kept()) as (_, pilot):
        await history(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Playback))
        await pilot.pause()
        assert "Interrupted" in str(pilot.app.screen.query_one(AnswerPane).last.content)
        assert "interrupted" in shown(pilot.app, StatusLine)


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
        assert "20×" in shown(pilot.app, PlayerBar)
        await pilot.press("minus", "minus")
        assert "5×" in shown(pilot.app, PlayerBar)
        bar = screen.query_one(PlayerBar)
        first, width = bar._track
        await pilot.click(PlayerBar, offset=(first + width - 1, 0))
        assert screen.player.over
        await pilot.click(PlayerBar, offset=(1, 0))
        assert screen.player.playing or screen.player.over


async def test_searching_by_words_and_by_the_index() -> None:
    desk = kept()
    desk.found = FakeFound(
        (
            FakePageHit(
                desk.files["office"][0].id, "Harbour/Contract 0.txt", "page", "1", "The fee is 4,200", ((4, 7),)
            ),
        ),
        (FakeRunHit("run-gone"),),
    )
    async with opened(desk) as (_, pilot):
        screen = await history(pilot)
        table = screen.query_one(RunTable)
        await pilot.press("slash", *"18,007")
        await until(pilot, lambda: table.row_count == 2)
        assert [run.id for run in table._runs] == ["run-1", "run-gone"]
        assert desk.searched[-1] == "18,007" and len(desk.searched) < 6, "not one search for every letter"
        pages = screen.query_one(PageHits)
        assert pages.display and "1 page" in str(pages.border_title)
        await pilot.press("enter")
        assert screen.focused is table
        pages.focus()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Reading))
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert screen.query_one("#history-search", Input).value == ""
        assert table.row_count == 5 and not pages.display


async def test_a_search_the_index_cannot_understand_is_left_to_the_words() -> None:
    desk = kept()

    async def broken(words: str, **_: Any) -> FakeFound:
        raise UsageError("There is no word to look for.", "Type words.")

    desk.search = broken  # type: ignore[method-assign]
    async with opened(desk) as (_, pilot):
        screen = await history(pilot)
        await pilot.press("slash", "[", "o")
        await pilot.pause(0.5)
        assert [run.id for run in screen.query_one(RunTable)._runs] == ["run-cut"]
        await pilot.press("q", "q")
        await until(pilot, lambda: "No run has these words" in shown(pilot.app, "#words"))


@pytest.mark.parametrize("size", SIZES)
async def test_two_runs_side_by_side(size: tuple[int, int]) -> None:
    async with opened(kept(), size) as (_, pilot):
        screen = await history(pilot)
        await pilot.press("down", "c")
        assert "Choose another run" in shown(pilot.app, "#words")
        assert any("◆" in str(cell) for cell in screen.query_one(RunTable).get_row_at(1))
        await pilot.press("down", "c")
        await until(pilot, lambda: isinstance(pilot.app.screen, Compare))
        await pilot.pause()
        figures = shown(pilot.app, Figures)
        assert "≠ question" in figures and "≠ sub-calls" in figures and "  state" in figures
        assert "18,007" in shown(pilot.app, "#answer-a") and "42" in shown(pilot.app, "#answer-b")
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


@pytest.mark.parametrize(("key", "gone"), [("y", True), ("n", False), ("escape", False), ("enter", False)])
async def test_deleting_asks_first(key: str, gone: bool) -> None:
    desk = kept()
    async with opened(desk) as (_, pilot):
        screen = await history(pilot)
        await pilot.press("down", "delete")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmDialog))
        assert QUESTION in " ".join(str(s.content) for s in pilot.app.screen.query(Static))
        await pilot.press(key)
        await until(pilot, lambda: isinstance(pilot.app.screen, History))
        assert desk.purged == (["run-1"] if gone else [])
        if gone:
            await until(pilot, lambda: screen.query_one(RunTable).row_count == 4)
            assert screen.chosen.id == "run-many", "the cursor stays where it was"


@pytest.mark.parametrize(("downs", "ending"), [(0, "md"), (1, "html"), (2, "json")])
async def test_a_report_is_written(downs: int, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / f"answer-run-1.{ending}").write_text("kept")
    async with opened(desk := kept()) as (_, pilot):
        await history(pilot)
        await pilot.press("down", "x")
        await until(pilot, lambda: isinstance(pilot.app.screen, ExportDialog))
        await pilot.press(*["down"] * downs, "enter")
        await until(pilot, lambda: "Saved as" in shown(pilot.app, "#words"))
        assert "18,007" in (tmp_path / f"answer-run-1-2.{ending}").read_text("utf-8")
        assert (tmp_path / f"answer-run-1.{ending}").read_text() == "kept"
        assert desk.exported == ["run-1"], "the audit log has its line"


async def test_deleting_says_how_many_later_runs_lose_its_words() -> None:
    desk = kept()
    desk.told = {desk.summaries[0].id: ["x", "y"]}
    async with opened(desk) as (_, pilot):
        await history(pilot)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmDialog))
        said = " ".join(str(one.render()) for one in pilot.app.screen.query(Static))
        assert "2 later runs that knew of it will lose its words." in said


async def test_deleting_by_the_mouse_and_a_store_that_refuses() -> None:
    desk = kept()

    async def refuse(run: str) -> None:
        raise StoreError("Another rlm-desk is reading the store.", "Close it and delete again.")

    desk.purge_run = refuse  # type: ignore[method-assign]
    async with opened(desk) as (_, pilot):
        await history(pilot)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmDialog))
        await pilot.click("#yes")
        await until(pilot, lambda: "Another rlm-desk is reading" in shown(pilot.app, "#words"))


async def test_runs_that_cannot_be_opened_are_sentences() -> None:
    async with opened(kept()) as (_, pilot):
        await history(pilot)
        await pilot.press("down", "down", "down", "enter")
        await until(pilot, lambda: "There is no run run-gone." in shown(pilot.app, "#words"))
        await pilot.press("down", "enter")
        await until(pilot, lambda: "Nothing is left of this run" in shown(pilot.app, "#words"))


async def test_the_palette_follows_the_screen() -> None:
    async with opened(kept()) as (_, pilot):
        screen = await history(pilot)
        offered = {what for what, _, _ in Palette(screen).offers()}
        assert "Erase the run for good" in offered
        assert "Add a file or a folder of documents" not in offered
        assert not any(what.startswith("Find, open, replay") for what in offered), "it is open already"
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(pilot.app.screen, Reading))
        text = pilot.app.screen.query_one("#reading").plain
        assert text.index("In the history") < text.index("Everywhere") < text.index("On the workspace")


async def test_a_defect_is_shown_and_the_app_lives() -> None:
    desk = office()

    async def broken(limit: int = 100) -> list[FakeSummary]:
        raise RuntimeError("bad [/b] thing")

    desk.runs = broken  # type: ignore[method-assign]
    async with opened(desk) as (_, pilot):
        await pilot.press("ctrl+r")
        await until(pilot, lambda: any("bad [/b] thing" in n.message for n in pilot.app._notifications))
        assert pilot.app.is_running


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
        assert "Ctrl+S" in shown(pilot.app, StatusLine)
        await pilot.press("ctrl+s")
        assert "answer-run-1-2.txt" in shown(pilot.app, StatusLine)
        assert (tmp_path / "answer-run-1.txt").read_text() == "mine"
        saved = (tmp_path / "answer-run-1-2.txt").read_text()
        assert QUESTION in saved and "In all we pay 18,007 a year." in saved
        await pilot.press("0", "ctrl+s")
        assert "no answer at this moment" in shown(pilot.app, StatusLine)
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


async def test_history_while_the_desk_opens() -> None:
    ready = asyncio.Event()

    async def open_desk() -> FakeDesk:
        await ready.wait()
        return office()

    app = DeskApp(open_desk)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+r")
        await until(pilot, lambda: any("still opening" in n.message for n in app._notifications))
        assert isinstance(app.screen, Workspace)
        ready.set()


async def test_hostile_text_in_every_place() -> None:
    texts = hostile(300)
    desk = kept()
    desk.summaries = [
        FakeSummary(str(i), 0.0, "failed", t, t, 1.0, answer=t or None, error=t) for i, t in enumerate(texts)
    ]
    desk.files["odd"] = [document(f"{i}{t.replace('/', '_')}", t or "x", pages=1) for i, t in enumerate(texts[:20])]
    desk.past_corpus = Corpus(desk.files["odd"])
    desk.history = {str(i): hostile_run(t, str(i)).recorded for i, t in enumerate(texts)}
    hits = tuple(FakePageHit(t, t, t, t, t, ((0, min(3, len(t))),)) for t in texts)
    desk.found = FakeFound(hits, (), True)
    async with opened(desk) as (_, pilot):
        screen = await history(pilot)
        table = screen.query_one(RunTable)
        for row in range(22):
            table.move_cursor(row=row)
            await pilot.pause()
            assert clean(texts[row]) in screen.query_one(Preview).plain
        await pilot.press("pagedown", "home", "slash", "a")
        await until(pilot, lambda: screen.query_one(PageHits).option_count == len(texts))
        await pilot.press("escape", "escape")
        for one, other in ((0, 1), (4, 11), (9, 12)):
            pilot.app.push_screen(Compare(await desk.past(str(one)), await desk.past(str(other))))
            await pilot.pause()
            assert clean(texts[one]) in str(pilot.app.screen.query_one("#answer-a", Answer).content)
            await pilot.press("escape")
            pilot.app.push_screen(Playback(await desk.past(str(other))))
            await pilot.pause()
            assert clean(texts[other]) in str(pilot.app.screen.query_one(AnswerPane).last.content)
            await pilot.press("0", "e", "escape")


@pytest.mark.parametrize(
    ("one", "other"), [("a b c", "a x c"), ("", "x"), ("same", "same"), ("x " * 3000, "y " * 3000)]
)
def test_compared_texts_stay_whole(one: str, other: str) -> None:
    left, right = changed_words(one, other)
    assert "".join(piece for piece, _ in left) == one
    assert "".join(piece for piece, _ in right) == other
    if one == "a b c":
        assert ("b", True) in left and ("x", True) in right and ("a ", False) in left
