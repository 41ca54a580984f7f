"""Documents come in: by path, dragged, pasted; the pane that lists them."""

from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from rlm_desk.tui.screens.dialog import AddDialog
from rlm_desk.tui.widgets.bars import StatusLine
from rlm_desk.tui.widgets.documents import Documents
from rlm_desk.tui.widgets.sourceview import SourceView
from tests.tui.driving import drawn, opened, shown, until
from tests.tui.fakerecords import document
from tests.tui.fakes import office


async def test_the_documents_pane() -> None:
    desk = office()
    async with opened(desk, paths=["office"]) as (workspace, pilot):
        await until(pilot, lambda: len(desk.corpus.documents) == 6)
        pane = workspace.query_one(Documents)
        await pilot.press("f2")
        lines = drawn(pane.tree_widget)
        assert lines[0].startswith(" ▾ Harbour")
        assert any("1 file not read" in line for line in lines)
        await pilot.press("home", "down", "enter")
        await until(pilot, lambda: isinstance(workspace.focused, SourceView))
        lines = drawn(workspace.query_one(SourceView))
        assert "page 1" in lines[0] and "The fee is 4,200 eur" in lines[1]
        assert "Harbour/Contract 0.txt · page 1 of 2" in str(workspace.query_one("#source").border_title)
        await pilot.press("escape", "f2", "home", "left", "down", "left", "end", "up", "up")
        assert pane.chosen.name == "Overview.txt"
        await pilot.press("x")
        assert [p.document.name for p in desk.corpus.documents].count("Overview.txt") == 0
        assert len(desk.corpus.documents) == 5
        await pilot.press("end")
        await pilot.pause()
        await pilot.press("enter")
        assert "Mill/Scan.pdf has no text layer" in shown(workspace, StatusLine)


async def test_a_path_that_does_not_exist_is_a_sentence() -> None:
    async with opened(office(), paths=["nowhere"]) as (workspace, pilot):
        await until(pilot, lambda: "There is no file or folder nowhere." in shown(workspace, StatusLine))
        assert "Check the spelling" in shown(workspace, StatusLine)
        assert not workspace.query_one("#documents-progress").display


async def test_the_dialog_keeps_a_path_that_is_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Contracts").mkdir()
    monkeypatch.chdir(tmp_path)
    desk = office()
    desk.files["Contracts"] = desk.files["office"]
    async with opened(desk) as (_, pilot):
        await pilot.press("ctrl+o", *"Kontracts", "enter")
        await until(pilot, lambda: "no Kontracts there" in str(pilot.app.screen.query_one("#dialog").border_subtitle))
        dialog = pilot.app.screen
        assert isinstance(dialog, AddDialog) and dialog.query_one(Input).value == "Kontracts"
        await pilot.press(*["backspace"] * 9)
        assert not dialog.query_one("#dialog").border_subtitle
        await pilot.press(*"con", "enter")  # half a name that only one folder has
        await until(pilot, lambda: dialog.query_one(Input).value == "Contracts/")
        assert pilot.app.screen is dialog and not desk.corpus.documents
        await pilot.press("enter")
        await until(pilot, lambda: len(desk.corpus.documents) == 6)


async def test_a_pattern_is_taken_though_no_file_is_called_so() -> None:
    desk = office()
    desk.files["*.none"] = desk.files["office"]
    async with opened(desk) as (_, pilot):
        await pilot.press("ctrl+o", *"*.none", "enter")
        await until(pilot, lambda: len(desk.corpus.documents) == 6)


def pasted(pilot: Pilot[None], text: str) -> None:
    """As the terminal's driver tells the app of a paste."""
    pilot.app.post_message(events.Paste(text))


async def test_paths_that_are_dragged_into_the_window_are_loaded(tmp_path: Path) -> None:
    one, two = tmp_path / "My lease.txt", tmp_path / "notes"
    one.write_text("x")
    two.mkdir()
    desk = office()
    desk.files |= {str(one): [document("My lease.txt")], str(two): [document("a.txt"), document("b.txt")]}
    async with opened(desk) as (workspace, pilot):
        pasted(pilot, str(one).replace(" ", "\\ "))
        await until(pilot, lambda: len(desk.corpus.documents) == 1)
        assert workspace.query_one("#question", Input).value == ""
        await pilot.press("f2")
        pasted(pilot, f"'{two}' {one.as_uri()}")
        await until(pilot, lambda: len(desk.corpus.documents) == 4)
        await until(pilot, lambda: "3 documents added" in shown(workspace, StatusLine))


async def test_what_is_pasted_and_no_path_is_part_of_the_question(tmp_path: Path) -> None:
    desk = office()
    async with opened(desk) as (workspace, pilot):
        await pilot.press(*"Ask")
        pasted(pilot, f" what {tmp_path} is")
        field = workspace.query_one("#question", Input)
        await until(pilot, lambda: field.value == f"Ask what {tmp_path} is")
        assert not desk.corpus.documents
