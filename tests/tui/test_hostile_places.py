"""2,000 hostile strings through the newer places, as many at once as a place holds: nothing raises, nothing is lost."""

from collections import deque
from pathlib import Path
from typing import Any

import pytest
from rich.segment import Segment
from textual.widgets import Input, OptionList

from rlm_desk.clean import clean, one_line
from rlm_desk.corpus import Corpus, Document, Page
from rlm_desk.tui.differences import changed_words
from rlm_desk.tui.screens.changing import ChangeDialog
from rlm_desk.tui.screens.playback import Playback
from rlm_desk.tui.screens.queue import QueueDialog
from rlm_desk.tui.screens.settings import Settings
from rlm_desk.tui.screens.workspaces import WorkspacesDialog
from rlm_desk.tui.widgets.pageview import PageView
from rlm_desk.tui.widgets.recursion import RecursionTree
from rlm_desk.tui.widgets.runpane import RecursionPane
from rlm_desk.tui.widgets.runs import preview
from rlm_desk.tui.widgets.source import SourcePane
from rlm_desk.tui.widgets.timeline import Timeline
from rlm_desk.tui.widgets.turn import Turn
from tests.tui.driving import opened, until
from tests.tui.fakerecords import FakeKept, FakePast, FakeSummary
from tests.tui.fakes import office
from tests.tui.recording import RunBuilder
from tests.tui.test_hostile_screens import EVIL, SEEN, harmless
from tests.tui.test_hostile_text import hostile

STRINGS = hostile(2000)


def drawn_clean(segments: list[Segment]) -> str:
    """A drawn line, once no piece of it says anything to the terminal."""
    text = "".join(segment.text for segment in segments)
    assert text == clean(text), repr(text)
    return text


def a_run(labels: list[str]) -> RunBuilder:
    b = RunBuilder()
    b.start(EVIL)
    root = b.node("root", None, 0, clean(EVIL))
    batch = b.node("batch", root, 1, "each", items=len(labels))
    for label in labels:
        b.call(batch, 1, label, label)
    b.done(batch)
    b.answered(root, EVIL)
    b.done(root)
    b.finish(EVIL)
    return b


async def test_a_replay_of_2000_hostile_calls_as_tree_and_over_time() -> None:
    run = a_run(STRINGS)
    past = FakePast(FakeSummary("run-1", 0.0, "answered", EVIL, EVIL, 2.0, EVIL), tuple(run.recorded), Corpus([]))
    async with opened(office(), (160, 50)) as (_, pilot):
        screen = Playback(past, title="rlm-desk bundle")
        pilot.app.push_screen(screen)
        await until(pilot, lambda: screen.is_mounted and screen.query(RecursionTree) and screen.query_one("#tree").keys)
        tree = screen.query_one(RecursionTree)
        tree.fold(1)
        assert len(tree.keys) == len(STRINGS) + 2
        for row in range(2, len(tree.keys)):
            shown = drawn_clean(tree.paint(row, 300))
            assert one_line(STRINGS[row - 2][:80]) in shown, repr(STRINGS[row - 2])
        screen.query_one(RecursionPane).turn(None)
        await pilot.pause()
        timeline = screen.query_one(Timeline)
        for strip in timeline.render_lines(timeline.size.region):
            drawn_clean(list(strip))
        screen.player.seek(0.0)
        screen._show()
        await pilot.pause()
        harmless(pilot.app)


def test_answers_previews_and_differences() -> None:
    for before, text in zip([STRINGS[-1], *STRINGS], STRINGS, strict=False):
        turn = Turn(text)
        turn.recall(text)
        turn.note(text)
        assert str(turn.content).count(clean(text)) >= 3, repr(text)
        summary = FakeSummary("run-1", 0.0, "failed", text, text, 2.0, None, error=text)
        assert any(text in part.text for part in preview(summary))
        for pieces, whole in zip(changed_words(before, text), (before, text), strict=True):
            assert "".join(piece for piece, _ in pieces) == whole


async def test_2000_workspaces_and_2000_questions_that_wait() -> None:
    kept = [FakeKept(text, Corpus([])) for text in STRINGS]
    async with opened(office(), (160, 50)) as (_, pilot):
        for screen in (WorkspacesDialog(kept, FakeKept(EVIL, Corpus([]))), QueueDialog(deque(STRINGS))):
            pilot.app.push_screen(screen)
            await until(pilot, lambda screen=screen: screen.is_mounted and screen.query_one(OptionList).option_count)
            options = screen.query_one(OptionList)
            assert options.option_count >= len(STRINGS)
            for number in (*range(0, len(STRINGS), 97), options.option_count - 1):
                options.highlighted = number
                await pilot.pause()
                harmless(pilot.app)
            await until(pilot, lambda: one_line(STRINGS[-1], 30) in harmless(pilot.app))
            pilot.app.pop_screen()


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_the_page_beside_its_text_and_the_words_about_it(size: tuple[int, int]) -> None:
    text = "\n".join(STRINGS)
    document = Document("1" * 64, f"{EVIL}.pdf", "pdf", EVIL, text, (Page(EVIL, 0, len(text)),), (EVIL,))
    corpus = Corpus([document])
    async with opened(office(), size) as (workspace, pilot):
        workspace.open_document(corpus, corpus.documents[0])
        await until(pilot, lambda: workspace.query_one(SourcePane).view.laid_out)
        await pilot.press("f8", "v")
        page = workspace.query_one(PageView)
        await until(pilot, lambda: page.display and page.size.height)
        for number, said in enumerate(STRINGS):
            page.say(one_line(said, 300))
            for y in range(3):
                drawn_clean(list(page.render_line(y)))
            if number % 400 == 0:
                await pilot.pause()
                harmless(pilot.app)
        await pilot.press("v", "slash")
        for said in STRINGS[:40]:
            field = workspace.query_one("#source-find", Input)
            field.value = said.replace("\n", " ")
            await pilot.pause()
            harmless(pilot.app)
        await pilot.press("enter")
        await pilot.pause()
        harmless(pilot.app)


async def test_settings_and_the_field_that_changes_one(tmp_path: Path) -> None:
    async with opened(office()) as (workspace, pilot):
        workspace.desk.settings = workspace.desk.settings.model_copy(update={"model": EVIL})
        await pilot.press("f10")
        await until(pilot, lambda: isinstance(pilot.app.screen, Settings))
        await pilot.pause(0.1)
        harmless(pilot.app)
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChangeDialog))
        field: Any = pilot.app.screen.query_one(Input)
        for said in [EVIL, *STRINGS[:60]]:
            field.value = said.replace("\n", " ")
            await pilot.pause()
            harmless(pilot.app)
        field.value = EVIL
        await pilot.pause()
        assert SEEN in harmless(pilot.app)
