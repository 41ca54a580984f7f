"""The run over time: lanes, live and in replay, by keyboard and mouse."""

import pytest

from rlm_desk.rlm.tree import Tree
from rlm_desk.tui.lanes import Lanes
from rlm_desk.tui.screens.playback import Playback
from rlm_desk.tui.widgets.inspector import Inspector
from rlm_desk.tui.widgets.recursion import RecursionTree
from rlm_desk.tui.widgets.timeline import GUTTER, Timeline
from tests.tui.driving import QUESTION, drawn, opened, over, until
from tests.tui.fakerecords import FakePast, FakeSummary
from tests.tui.fakes import office
from tests.tui.recording import RunBuilder, full_run, many

SIZES = [(80, 24), (120, 40), (200, 60)]


def together(slots: int, rounds: int) -> RunBuilder:
    """A batch whose calls run `slots` at once; the second of each round fails."""
    b = RunBuilder()
    b.start("q")
    root = b.node("root", None, 0, "q")
    b.asked(root, "q")
    b.replied(root, "x")
    batch = b.node("batch", root, 1, "fee?", items=slots * rounds)
    for round_ in range(rounds):
        calls = [b.node("call", batch, 1, f"契約 {round_}.{i}") for i in range(slots)]
        for call in calls:
            b.asked(call, "fee?")
        for n, call in enumerate(calls):
            if n != 1:
                b.replied(call, "1")
            b.done(call, *(("failed", "no") if n == 1 else ()))
    b.done(batch)
    b.answered(root, "1")
    b.done(root)
    b.finish("1")
    return b


def test_lanes_are_the_calls_that_went_on_at_once() -> None:
    tree, lanes = Tree(), Lanes()
    for one in together(4, 3).recorded:
        tree.apply(one)
        lanes.take(tree.snapshot().nodes)  # as a live screen does
    assert [lane.name for lane in lanes.rows] == ["depth 0", "batches", "slot 1", "slot 2", "slot 3", "slot 4"]
    assert [len(lane.nodes) for lane in lanes.rows] == [1, 1, 3, 3, 3, 3]
    at_once = Lanes()
    at_once.take(tree.snapshot().nodes)  # as a stored run is opened
    assert [lane.nodes for lane in at_once.rows] == [lane.nodes for lane in lanes.rows]
    assert lanes.beside(2, 1) == 6 and lanes.beside(2, -1) is None
    assert lanes.above(2, -1, 0.0) == 1


@pytest.mark.parametrize("size", SIZES)
async def test_one_key_switches_and_the_cursor_stays(size: tuple[int, int]) -> None:
    async with opened(office([together(4, 3)]), size, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: over(workspace))
        await pilot.press("f4", "t")
        timeline, tree = workspace.query_one(Timeline), workspace.query_one(RecursionTree)
        await until(pilot, lambda: timeline.has_focus and timeline.size.height > 5)
        assert not tree.display
        assert "Timeline" in str(workspace.query_one("#recursion").border_title)
        lines = drawn(timeline)
        assert lines[0].lstrip().startswith("╷0.0s")
        assert any(line.startswith(" slot 4") for line in lines)
        assert "✗" in "".join(lines)
        await pilot.press("down", "down", "right")
        assert tree.node(tree.chosen).label == "契約 2.0"
        await until(pilot, lambda: "call 10" in str(workspace.query_one(Inspector).border_title))
        await pilot.press("f")
        assert tree.node(tree.chosen).status == "failed"
        await pilot.press("s")
        assert tree.node(tree.chosen).role == "call"
        chosen = tree.chosen
        await pilot.press("i", "i")
        assert timeline._span < workspace.session.view.elapsed()
        await pilot.press("end", "home", "o", "o", "o")
        assert timeline._from is None
        await pilot.press("t")
        await until(pilot, lambda: tree.has_focus)
        assert tree.row(tree.chosen) is not None
        assert tree.is_open(tree.node(1)) and chosen in tree.view.nodes


async def test_a_click_chooses() -> None:
    async with opened(office([together(4, 3)]), paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: over(workspace))
        await pilot.press("f4", "t")
        timeline, tree = workspace.query_one(Timeline), workspace.query_one(RecursionTree)
        await until(pilot, lambda: timeline.size.height > 5)
        row = next(n for n, line in enumerate(drawn(timeline)) if line.startswith(" slot 2"))
        painted = timeline._painted(timeline._lanes.rows[row - 1])
        cell = next(n for n, ident in enumerate(painted) if ident is not None)
        await pilot.click(Timeline, offset=(GUTTER + cell, row))
        assert tree.chosen == painted[cell]
        assert tree.node(tree.chosen).status == "failed"
        before = tree.chosen
        await pilot.click(Timeline, offset=(2, row))
        assert tree.chosen == before


async def test_it_grows_while_a_run_goes_on() -> None:
    desk = office([full_run()], hold_at=14)
    async with opened(desk, paths=["office"], question=QUESTION) as (workspace, pilot):
        await pilot.press("f4", "t")
        timeline = workspace.query_one(Timeline)
        await until(pilot, lambda: any(line.startswith(" slot 1") for line in drawn(timeline)))
        await pilot.press("escape")
        await until(pilot, lambda: over(workspace))


async def test_it_is_played_again() -> None:
    run = together(4, 30)
    summary = FakeSummary("run-1", 1_700_000_000.0, "answered", "q", "desk-tiny", 3.0)
    async with opened(office()) as (_, pilot):
        screen = Playback(FakePast(summary, tuple(run.recorded), office().corpus))
        await pilot.app.push_screen(screen)
        await until(pilot, lambda: screen.query(Timeline) and screen.player.over)
        timeline = screen.query_one(Timeline)
        await pilot.press("t")
        await until(pilot, lambda: any(line.startswith(" slot 4") for line in drawn(timeline)))
        await pilot.press("0")
        await until(pilot, lambda: not any(line.startswith(" slot 4") for line in drawn(timeline)))
        await pilot.press("full_stop")
        await until(pilot, lambda: any(line.startswith(" slot 4") for line in drawn(timeline)))


@pytest.mark.parametrize("items", [2000, 5000])
async def test_thousands_of_nodes_stay_a_screenful(items: int) -> None:
    async with opened(office([many(items)]), (120, 40), paths=["office"], question="q") as (workspace, pilot):
        await until(pilot, lambda: over(workspace))
        await pilot.press("f4", "t", "down", "down", "end")
        timeline, tree = workspace.query_one(Timeline), workspace.query_one(RecursionTree)
        assert tree.node(tree.chosen).label == f"Contract {items - 1}"
        lines = drawn(timeline)
        assert lines[1].startswith(" depth 0") and lines[3].startswith(" slot 1")
        assert len([line for line in lines if line]) == 4
        await pilot.press(*"i" * 12)
        assert "Contract" in "".join(drawn(timeline)[3:4])
