"""Run bundles: written by the export, opened and played beside the history. Real files, the real worker."""

import os
from pathlib import Path

import pytest
from textual.widgets import Input

from rlm_desk.corpus import Corpus
from rlm_desk.tui.screens.carried import BundleDialog
from rlm_desk.tui.screens.exporting import write
from rlm_desk.tui.screens.history import History
from rlm_desk.tui.screens.playback import Playback
from tests.tui.driving import opened, until
from tests.tui.fakerecords import FakePast, FakeSummary, document
from tests.tui.fakes import office
from tests.tui.recording import RunBuilder, full_run


def a_run() -> tuple[RunBuilder, Corpus]:
    documents = [document("One.txt"), document("Two.txt")]
    run = RunBuilder()
    run.start("What is the fee?", of=documents)
    root = run.node("root", None, 0, "What is the fee?")
    run.asked(root, "q")
    run.replied(root, "r")
    run.answered(root, "4,200 euros")
    run.done(root)
    run.finish("4,200 euros")
    return run, Corpus(documents)


async def test_what_is_exported_is_opened_and_played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run, corpus = a_run()
    summary = FakeSummary("run-1", 1_700_000_000.0, "answered", "What is the fee?", "desk-tiny", 3.0)
    path = await write(FakePast(summary, tuple(run.recorded), corpus), "zip")
    again = await write(FakePast(summary, tuple(run.recorded), corpus), "zip")
    assert (path.name, again.name) == ("run-run-1.zip", "run-run-1-2.zip")
    broken = tmp_path / "broken.zip"
    broken.write_bytes(os.urandom(200))
    desk = office(history={"run-1": full_run().recorded}, summaries=[summary])
    async with opened(desk) as (_, pilot):
        await pilot.press("ctrl+r")
        await until(pilot, lambda: isinstance(pilot.app.screen, History))
        history = pilot.app.screen
        for file, kind in ((broken, History), (path, Playback)):
            history.query_one("#runs").focus()
            await pilot.press("o")
            await until(pilot, lambda: isinstance(pilot.app.screen, BundleDialog))
            pilot.app.screen.query_one(Input).value = str(file)
            await pilot.press("enter")
            await until(pilot, lambda kind=kind: isinstance(pilot.app.screen, kind))
            if kind is History:
                await until(pilot, lambda: "broken.zip cannot be opened" in str(history.query_one("#words").content))
        player = pilot.app.screen
        await until(pilot, lambda: player.player.session.view.answer == "4,200 euros")
        await pilot.press("0", "r")
        await until(pilot, lambda: player.player.over)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is history)
