"""The tree and the inspector: choosing a node by key and mouse, jumping, the pages it was shown."""

import pytest

from rlm_desk.tui.widgets.answer import AnswerPane
from rlm_desk.tui.widgets.bars import StatusLine
from rlm_desk.tui.widgets.inspector import Inspector, InspectorText
from rlm_desk.tui.widgets.recursion import RecursionTree
from tests.tui.driving import QUESTION, drawn, opened, over, shown, until
from tests.tui.fakes import FakeDesk, office
from tests.tui.recording import RunBuilder, full_run


def looking(scanned: tuple[tuple[int, int], ...] = ()) -> FakeDesk:
    """A desk whose next run shows a sub-call four characters; with `scanned`, its code looked at more."""
    desk = office()
    b = RunBuilder()
    b.start("q", of=desk.files["office"])
    root = b.node("root", None, 0, "q")
    if scanned:
        b.add("read", node=root, how="scanned", helper="context", spans=scanned)
    call = b.node("call", root, 1, "c")
    b.asked(call, "look: ", cite=(60, 64))
    b.replied(call, "x")
    b.done(call)
    b.finish("x")
    desk.builders = [b]
    return desk


async def test_jumps() -> None:
    async with opened(office([full_run(fail=None)]), paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: over(workspace))
        await pilot.press("f4", "f")
        assert "No node failed" in shown(workspace, StatusLine)
        await pilot.press("s")
        tree = workspace.query_one(RecursionTree)
        assert tree.node(tree.chosen).role == "child"


async def test_the_tree_by_arrows_and_mouse() -> None:
    async with opened(office([full_run()]), (160, 50), paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: over(workspace))
        tree = workspace.query_one(RecursionTree)
        await pilot.press("f4", "down", "right", "right")
        assert tree.node(tree.chosen).label == "Contract 0"
        await pilot.press("left", "left")
        assert tree.node(tree.chosen).role == "batch" and not tree.is_open(tree.node(tree.chosen))
        await pilot.click(RecursionTree, offset=(2, 1))
        await pilot.pause()
        assert tree.is_open(tree.node(1))
        await pilot.click(RecursionTree, offset=(20, 4))
        await pilot.pause()
        assert tree.node(tree.chosen).label == "Contract 2"
        await pilot.press("home", "left")
        assert len(tree.keys) == 1


@pytest.mark.parametrize(("size", "seen"), [((80, 24), True), ((120, 40), False)])
async def test_enter_looks_into_a_call(size: tuple[int, int], seen: bool) -> None:
    async with opened(looking(), size, paths=["office"], question="q") as (workspace, pilot):
        await until(pilot, lambda: over(workspace))
        await pilot.press("f4", "down", "enter")
        inspector = workspace.query_one(Inspector)
        await until(pilot, lambda: inspector.display and "look: " in inspector.text.plain)
        # Where the inspector is in sight already the cursor stays in the tree, for the next line.
        assert isinstance(workspace.focused, InspectorText if seen else RecursionTree)
        await until(pilot, lambda: any("look:" in line for line in drawn(inspector.text)))


async def test_from_the_timeline_enter_leads_to_the_inspector() -> None:
    async with opened(looking(), (80, 24), paths=["office"], question="q") as (workspace, pilot):
        await until(pilot, lambda: over(workspace))
        await pilot.press("f4", "t", "enter")
        await until(pilot, lambda: isinstance(workspace.focused, InspectorText))


async def test_text_that_was_never_seen_is_not_cut_to_letters() -> None:
    async with opened(looking(), (80, 24), paths=["office"], question="q") as (workspace, pilot):
        await until(pilot, lambda: over(workspace))
        text = workspace.query_one(Inspector).text
        assert text.plain and not text.size.width and not text.virtual_size.height


async def test_pages_read_are_said_when_the_documents_are_the_runs_own() -> None:
    desk = looking()
    async with opened(desk, paths=["office"], question="q") as (workspace, pilot):
        await until(pilot, lambda: over(workspace))
        assert "read 1 of 12 pages" in str(workspace.query_one(AnswerPane).last.content)
        await pilot.press("f4", "down")
        await pilot.pause()
        assert f"look: {desk.corpus.text[60:64]}" in workspace.query_one(Inspector).text.plain


async def test_the_pages_a_node_was_shown() -> None:
    desk = looking(scanned=((0, 120),))
    async with opened(desk, paths=["office"], question="q") as (workspace, pilot):
        await until(pilot, lambda: over(workspace))
        await pilot.press("f4", "down", "[", "[")
        inspector = workspace.query_one(Inspector)
        await until(pilot, lambda: "shown to the model" in inspector.text.plain)
        assert inspector.tab == "pages" and "Harbour/Contract 0.txt, page " in inspector.text.plain
        await pilot.press("up")
        await until(pilot, lambda: "scanned by code" in inspector.text.plain)
