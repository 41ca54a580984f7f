"""With the mouse alone, but for the letters of the question: from documents to an exported report and out."""

import re
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList
from textual.widgets._footer import FooterKey

from rlm_desk.tui.screens.dialog import AddDialog
from rlm_desk.tui.screens.exporting import ExportDialog
from rlm_desk.tui.screens.history import History
from rlm_desk.tui.screens.reading import Reading
from rlm_desk.tui.screens.workspace import Workspace
from rlm_desk.tui.widgets.bars import PaneTabs
from rlm_desk.tui.widgets.documents import DocumentTree
from rlm_desk.tui.widgets.keyline import KeyLine
from rlm_desk.tui.widgets.question import QuestionBox
from rlm_desk.tui.widgets.source import SourcePane
from rlm_desk.tui.widgets.sourceview import SourceView
from tests.tui.driving import drawn, opened, over, until
from tests.tui.test_going_on import two_questions, with_sources


async def pressed(pilot: Pilot[None], name: str) -> None:
    """Click a key of the last line by its name."""
    line = pilot.app.screen.query_one(KeyLine)
    await until(pilot, lambda: any(key.description == name and key.region.area for key in line.query(FooterKey)))
    await pilot.click(next(key for key in line.query(FooterKey) if key.description == name))


async def on_screen(pilot: Pilot[None], text: str) -> None:
    """Click where a text stands."""
    lines = [strip.text for strip in pilot.app.screen._compositor.render_strips()]
    y, x = next((y, line.index(text)) for y, line in enumerate(lines) if text in line)
    await pilot.click(offset=(x + 1, y))


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_from_documents_to_an_export(
    size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "office").mkdir()
    monkeypatch.chdir(tmp_path)
    desk = two_questions()
    desk.files["office/"] = desk.files[str(tmp_path / "office")] = desk.files["office"]
    async with opened(desk, size) as (workspace, pilot):
        await pressed(pilot, "Add")
        await until(pilot, lambda: isinstance(pilot.app.screen, AddDialog))
        await on_screen(pilot, "Esc goes back")
        await until(pilot, lambda: isinstance(pilot.app.screen, Workspace))
        await pressed(pilot, "Add")
        await until(pilot, lambda: isinstance(pilot.app.screen, AddDialog))
        await until(pilot, lambda: pilot.app.screen.query_one(OptionList).option_count)
        await pilot.click(OptionList, offset=(3, 0))
        await on_screen(pilot, "Enter adds")
        await until(pilot, lambda: desk.corpus.documents)
        await pilot.click(QuestionBox)
        await pilot.press(*"fees?", "enter")
        await until(pilot, lambda: with_sources(workspace))
        await on_screen(pilot, "[1]")
        await until(pilot, lambda: isinstance(workspace.focused, SourceView))
        pane = workspace.query_one(SourcePane)
        await until(pilot, lambda: any("1,200 euros" in line for line in drawn(pane.view)))
        await look_around(workspace, pilot)
        await pressed(pilot, "History")
        await until(pilot, lambda: isinstance(pilot.app.screen, History))
        await on_screen(pilot, "back")
        await until(pilot, lambda: isinstance(pilot.app.screen, Workspace))
        await on_screen(pilot, "quit")
        await until(pilot, lambda: not pilot.app.is_running)
    assert desk.closed


async def look_around(workspace: Workspace, pilot: Pilot[None]) -> None:
    """To the documents by their tab or pane, and to the question box."""
    if workspace.query_one(PaneTabs).display:
        await on_screen(pilot, "1 Documents")
    else:
        await pilot.click(DocumentTree, offset=(5, 0))
    await until(pilot, lambda: isinstance(workspace.focused, DocumentTree))
    await pilot.click(QuestionBox)
    await until(pilot, lambda: isinstance(workspace.focused, QuestionBox))
    assert over(workspace)


async def test_a_report_is_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.tui.scenes import _past, _table

    monkeypatch.chdir(tmp_path)
    async with opened(_past()) as (_, pilot):
        await _table(pilot)
        await pressed(pilot, "Export")
        await until(pilot, lambda: isinstance(pilot.app.screen, ExportDialog))
        await on_screen(pilot, "JSON: for another program")
        await until(pilot, lambda: any(re.fullmatch(r"answer-.*\.json", path.name) for path in tmp_path.iterdir()))


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_the_help_is_left_with_the_mouse(size: tuple[int, int]) -> None:
    async with opened(two_questions(), size) as (_, pilot):
        await on_screen(pilot, "F1 help")
        await until(pilot, lambda: isinstance(pilot.app.screen, Reading))
        await pilot.pause()
        await on_screen(pilot, "Esc goes back")
        await until(pilot, lambda: isinstance(pilot.app.screen, Workspace))
