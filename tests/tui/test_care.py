"""What a person does not have to ask for: memory in sight, a notice at the end, panes as they were left."""

import asyncio
from pathlib import Path

import pytest

from rlm_desk.confine.layers import Layer
from rlm_desk.tui import awake as keeping_awake
from rlm_desk.tui import keeping, notice
from rlm_desk.tui.memory import held
from rlm_desk.tui.widgets.bars import StatusLine
from rlm_desk.tui.widgets.runpane import RecursionPane
from tests.tui.driving import QUESTION, opened, over, shown, until
from tests.tui.fakes import office
from tests.tui.recording import full_run


async def test_panes_stand_as_they_were_left() -> None:
    desk = office()
    async with opened(desk) as (workspace, pilot):
        await pilot.press("f4", "t", "shift+right", "shift+right")
        workspace.hidden.add("documents")
        left = workspace.layout_state
        assert left["panes"] and left["timed"]
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not pilot.app.is_running)
    async with opened(office(settings=desk.settings)) as (workspace, pilot):
        await until(pilot, lambda: workspace.layout_state == left)
        assert workspace.query_one(RecursionPane).timed
        assert not workspace.query_one("#documents").display


@pytest.mark.parametrize("text", ["", "[]", "{", '{"panes": 3, "hidden": ["answer", 4, "x"], "timed": 7}', "\x00"])
async def test_what_was_kept_and_makes_no_sense_is_left_out(text: str) -> None:
    desk = office()
    (desk.settings.data_dir / keeping.NAME).write_text(text)
    async with opened(desk) as (workspace, pilot):
        await until(pilot, lambda: workspace.desk is not None)
        assert workspace.hidden <= {"documents"} and not workspace.query_one(RecursionPane).timed


async def test_memory_is_in_the_status_line() -> None:
    async with opened(office([full_run()]), (160, 50), paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: over(workspace))
        assert (" GiB" in shown(workspace, StatusLine)) == (held() > 0)


def test_a_notice_cannot_be_made_to_say_more() -> None:
    assert notice.sequence("none", "x") == "" and notice.sequence("bell", "x") == "\a"
    for way in ("osc9", "osc777"):
        told = notice.sequence(way, "answered: a;b\x1b]0;evil\x07\nnext")
        assert told.startswith("\x1b]") and told.count("\x1b") == 1 and told.count("\a") == 1 and told.endswith("\a")
        assert "\n" not in told


async def test_the_child_that_keeps_awake_ends_with_the_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mark = tmp_path / "ended"
    monkeypatch.setattr(keeping_awake, "program", lambda: ("sh", "-c", f"cat; touch {mark}"))
    async with keeping_awake.awake() as kept:
        assert kept
        await asyncio.sleep(0)
        assert not mark.exists()
    assert mark.exists()
    monkeypatch.setattr(keeping_awake, "program", lambda: ("/no/such/program",))
    async with keeping_awake.awake() as kept:
        assert not kept


def test_no_socket_is_opened_for_it_behind_the_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping_awake.sys, "platform", "linux")
    monkeypatch.setattr(keeping_awake.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(keeping_awake, "network", lambda: Layer("network", "on", ""))
    assert keeping_awake.program() == ()
    monkeypatch.setattr(keeping_awake, "network", lambda: Layer("network", "off", ""))
    assert keeping_awake.program()[0] == "systemd-inhibit"
