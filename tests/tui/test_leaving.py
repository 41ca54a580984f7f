"""Where a model server is configured, the desk says all the time where text is sent; and nothing of it elsewhere."""

import pytest

from rlm_desk.tui.widgets.bars import StatusLine
from tests.tui.driving import QUESTION, SIZES, drawn, opened, shown, until
from tests.tui.fakes import office
from tests.tui.recording import full_run


@pytest.mark.parametrize("size", SIZES)
async def test_where_text_is_sent_is_said_for_as_long_as_the_desk_is_open(size: tuple[int, int]) -> None:
    server = "https://gpu.example.lan:8000"
    desk = office([full_run(QUESTION)], server=server, leaves=f"Text leaves this machine: it is sent to {server}.")
    mark = f" ⇄ sent to {server} "
    async with opened(desk, size, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: desk.last is not None and desk.last.over and not workspace.running)
        assert shown(workspace, StatusLine).startswith(mark)
        workspace._say("x" * 500)
        await pilot.pause()
        assert drawn(workspace.query_one(StatusLine))[0].startswith(mark.rstrip())


async def test_a_desk_without_a_server_does_not_say_so_and_the_first_frame_says_where_text_goes() -> None:
    async with opened(office(), paths=["office"]) as (workspace, pilot):
        await until(pilot, lambda: workspace.desk is not None and workspace.desk.corpus.documents)
        assert "sent to" not in shown(workspace, StatusLine)
    leaves = "Text leaves this machine: it is sent to https://gpu.example.lan:8000."
    desk = office(server="https://gpu.example.lan:8000", leaves=leaves)
    async with opened(desk, paths=["office"]) as (workspace, pilot):
        await until(pilot, lambda: leaves in shown(workspace, "#answer-empty"))
