"""An answer taken along: the report of the run, from the workspace, the history and a bundle."""

from pathlib import Path

import pytest

from rlm_desk.tui.screens.exporting import ExportDialog
from rlm_desk.tui.screens.playback import Playback
from rlm_desk.tui.widgets.bars import StatusLine
from tests.tui.driving import QUESTION, opened, over, shown, until
from tests.tui.fakerecords import FakePast, FakeSummary
from tests.tui.fakes import office
from tests.tui.pasts import history, kept
from tests.tui.recording import full_run


async def test_the_last_run_is_exported_from_its_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    summary = FakeSummary("run-1", 1_700_000_000.0, "answered", QUESTION, "desk-tiny", 2.6)
    desk = office([full_run()], summaries=[summary], hold_at=20)
    async with opened(desk, paths=["office"]) as (workspace, pilot):
        await until(pilot, lambda: desk.corpus.documents)
        await pilot.press("f3", "x")
        assert "no run to export" in shown(workspace, StatusLine)
        workspace.ask(QUESTION)
        await until(pilot, lambda: desk.last is not None and desk.last.held.is_set())
        await until(pilot, lambda: workspace.session is not None and workspace.session.view.running)
        await pilot.press("x")
        assert "when it is over" in shown(workspace, StatusLine)
        desk.last.cancel()
        await until(pilot, lambda: over(workspace))
        desk.history["run-1"] = list(desk.last._builder.recorded)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(pilot.app.screen, ExportDialog))
        await pilot.press("enter")
        await until(pilot, lambda: "Saved as" in shown(workspace, StatusLine))
        assert desk.exported == ["run-1"], "the audit log has a line of it"
        (saved,) = tmp_path.glob("answer-run-1*.md")
        assert QUESTION in saved.read_text()


async def test_a_run_of_the_history_is_exported_where_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    desk = kept()
    async with opened(desk) as (_, pilot):
        await history(pilot)
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Playback))
        await pilot.press("f3", "x")
        await until(pilot, lambda: isinstance(pilot.app.screen, ExportDialog))
        await pilot.press("enter")
        await until(pilot, lambda: list(tmp_path.glob("answer-*.md")))
        assert desk.exported == ["run-1"]


async def test_a_carried_run_is_exported_and_is_in_no_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    desk = office()
    summary = FakeSummary("run-1", 1_700_000_000.0, "answered", QUESTION, "desk-tiny", 2.6)
    past = FakePast(summary, tuple(full_run().recorded), desk.corpus)
    async with opened(desk) as (_, pilot):
        pilot.app.push_screen(Playback(past, desk=desk, stored=False))
        await until(pilot, lambda: pilot.app.screen.query("#player-bar"))
        await pilot.press("f3", "x")
        await until(pilot, lambda: isinstance(pilot.app.screen, ExportDialog))
        await pilot.press("enter")
        await until(pilot, lambda: list(tmp_path.glob("answer-*.md")))
        assert not desk.exported
