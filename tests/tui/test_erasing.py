"""Runs of the history: exported and deleted."""

from pathlib import Path

import pytest
from textual.widgets import Static

from rlm_desk.errors import StoreError
from rlm_desk.tui.screens.confirm import ConfirmDialog
from rlm_desk.tui.screens.exporting import ExportDialog
from rlm_desk.tui.screens.history import History
from rlm_desk.tui.widgets.runs import RunTable
from tests.tui.driving import QUESTION, opened, shown, until
from tests.tui.pasts import history, kept


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
        await until(pilot, lambda: "Saved as" in shown(pilot.app.screen, "#words"))
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
        await until(pilot, lambda: "Another rlm-desk is reading" in shown(pilot.app.screen, "#words"))
