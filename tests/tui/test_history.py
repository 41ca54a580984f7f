"""The history: what it lists, finding runs, and what is hostile or missing."""

import asyncio
from typing import Any

import pytest
from textual.widgets import Input
from textual.widgets._footer import FooterKey

from rlm_desk.clean import clean
from rlm_desk.corpus import Corpus
from rlm_desk.errors import UsageError
from rlm_desk.tui.app import DeskApp
from rlm_desk.tui.palette import Palette
from rlm_desk.tui.screens.compare import Answer, Compare
from rlm_desk.tui.screens.history import History
from rlm_desk.tui.screens.playback import Playback
from rlm_desk.tui.screens.reading import Reading
from rlm_desk.tui.screens.workspace import Workspace
from rlm_desk.tui.widgets.answer import AnswerPane
from rlm_desk.tui.widgets.pagehits import PageHits
from rlm_desk.tui.widgets.runs import Preview, RunTable
from tests.tui.driving import SIZES, opened, shown, until
from tests.tui.fakerecords import FakeFound, FakePageHit, FakeRunHit, FakeSummary, document
from tests.tui.fakes import FakeDesk, office
from tests.tui.pasts import history, kept
from tests.tui.test_hostile_text import hostile, hostile_run


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
        assert "No runs yet" in shown(pilot.app.screen, "#history-empty")
        offered = [key.description for key in pilot.app.screen.query(FooterKey)]
        assert offered == ["Back"], "there is no run to open, play, compare, export or delete"
        await pilot.press("r", "c", "d")
        assert isinstance(pilot.app.screen, History)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, Workspace))


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
        await until(pilot, lambda: "No run has these words" in shown(pilot.app.screen, "#words"))


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
