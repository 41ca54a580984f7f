"""The panes: which is seen, by what key, how large, and what the keys, the help and the palette offer."""

from textual.widgets import Input

from rlm_desk.tui.commands import COMMANDS, SCREENS
from rlm_desk.tui.palette import Palette
from rlm_desk.tui.screens.dialog import AddDialog
from rlm_desk.tui.screens.workspace import Workspace
from rlm_desk.tui.widgets.documents import DocumentTree
from rlm_desk.tui.widgets.inspector import InspectorText
from rlm_desk.tui.widgets.question import QuestionBox
from rlm_desk.tui.widgets.recursion import RecursionTree
from rlm_desk.tui.widgets.textview import TextView
from tests.tui.driving import QUESTION, opened, over, until
from tests.tui.fakes import office
from tests.tui.recording import full_run

WHILE_IT_RUNS = ("app.interrupt", "screen.stop", "screen.raise_budget", "screen.answer_now", "screen.pause")
WHILE_IT_RUNS += ("screen.stop_node", "screen.queue")
ELSEWHERE = SCREENS - {"workspace"}


async def test_only_one_pane_shows_where_there_is_no_room() -> None:
    async with opened(office([full_run()]), (80, 24), paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: over(workspace))
        for key, ident in (("f2", "documents"), ("f3", "answer"), ("f4", "recursion"), ("f6", "inspector")):
            await pilot.press(key)
            await pilot.pause()
            visible = [pane.id for pane in workspace.query(".pane") if pane.display]
            assert visible == [ident]
            assert workspace.query_one(f"#{ident}").has_class("-active")
            assert workspace.query_one(f"#{ident}").region.height > 12


async def test_digits_go_to_panes_but_type_in_the_question() -> None:
    async with opened(office([full_run()]), paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: over(workspace))
        await pilot.press("ctrl+l", "1", "2")
        assert workspace.query_one("#question", Input).value == "12"
        await pilot.press("f2", "3")
        assert isinstance(workspace.focused, RecursionTree)


async def test_zoom_and_back() -> None:
    async with opened(office([full_run()]), (160, 50), paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: over(workspace))
        await pilot.press("f4", "f8")
        await pilot.pause()
        assert [pane.id for pane in workspace.query(".pane") if pane.display] == ["recursion"]
        await pilot.press("escape")
        await pilot.pause()
        assert [pane.id for pane in workspace.query(".pane") if not pane.display] == ["source"]


async def test_help_names_every_command() -> None:
    async with opened(office(), (80, 24)) as (_, pilot):
        await pilot.press("f1")
        await pilot.pause()
        text = pilot.app.screen.query_one(TextView).plain
        for command in COMMANDS:
            assert command.help in text
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Workspace)


async def test_the_palette_has_every_command_and_runs_one() -> None:
    async with opened(office()) as (_, pilot):
        offered = {what for what, _, _ in Palette(pilot.app.screen).offers()}
        # The focus is in the question box: there is no way to it.
        now = {c.help for c in COMMANDS if c.action not in (*WHILE_IT_RUNS, "screen.question")}
        assert now - offered == {c.help for c in COMMANDS if set(c.where.split(",")) <= set(ELSEWHERE)}
        assert "Cancel the run that goes on" not in offered, "there is none"
        assert "Theme: high contrast" in offered
        await pilot.press("ctrl+p")
        await pilot.pause(0.2)
        await pilot.press(*"Add_a_file".replace("_", " "))
        await pilot.pause(0.5)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, AddDialog))


async def test_focus_moves_through_every_part_by_tab() -> None:
    async with opened(office([full_run()]), (160, 50), paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: over(workspace))
        seen = set()
        for _ in range(8):
            await pilot.press("tab")
            seen.add(type(workspace.focused))
        assert {DocumentTree, RecursionTree, InspectorText, QuestionBox} <= seen


async def test_panes_for_an_audience_hidden_and_resized() -> None:
    async with opened(office([full_run()]), (160, 50), paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: over(workspace))

        def visible() -> set[str | None]:
            return {pane.id for pane in workspace.query(".pane") if pane.display}

        await pilot.press("f5")
        await pilot.pause()
        assert visible() == {"recursion", "answer"} and not workspace.query_one("#question").display
        await pilot.press("f5", "f2", "f9")
        await pilot.pause()
        assert visible() == {"recursion", "answer", "inspector"}
        await pilot.press("f9")
        await pilot.pause()
        assert "documents" in visible()
        before = workspace.query_one("#documents").region.width
        await pilot.press("f2", ">", ">")
        await pilot.pause()
        assert workspace.query_one("#documents").region.width == before + 6
        await pilot.mouse_down("#documents", offset=(before + 5, 8))
        await pilot.hover(None, offset=(70, 10))
        await pilot.mouse_up(None, offset=(70, 10))
        await pilot.pause()
        assert workspace.query_one("#documents").region.right == 71
