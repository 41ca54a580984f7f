"""The last workspace again at a start, a new one, another one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import OptionList

from rlm_desk.config import Settings
from rlm_desk.corpus import Corpus, Document
from rlm_desk.desk.service import AsyncDesk
from rlm_desk.errors import ModelError, StoreError
from rlm_desk.tui.app import DeskApp
from rlm_desk.tui.screens.dialog import AddDialog
from rlm_desk.tui.screens.workspace import Workspace
from rlm_desk.tui.screens.workspaces import WorkspacesDialog
from rlm_desk.tui.start import Start
from rlm_desk.tui.widgets.answer import AnswerPane, Conversation
from rlm_desk.tui.widgets.bars import StatusLine
from rlm_desk.tui.widgets.documents import Documents
from rlm_desk.tui.widgets.question import QuestionBox
from rlm_desk.tui.widgets.recursion import RecursionTree
from rlm_desk.tui.widgets.sourceview import SourceView
from rlm_desk.tui.widgets.timeline import Timeline
from tests.tui.driving import QUESTION, asked, opened, over, shown, until
from tests.tui.fakerecords import FakeKept, FakeSummary, document
from tests.tui.fakes import FakeDesk, office
from tests.tui.recording import RunBuilder, full_run

ANSWER = "Lease 1 costs 1,200 euros. Lease 3 costs 3,200 euros."


def leases() -> list[Document]:
    texts = [f"Lease {n}. The yearly fee is {n},200 euros. It ends on notice." for n in range(1, 4)]
    return [document(f"Harbour/Lease {n}.txt", text, pages=1) for n, text in enumerate(texts, 1)]


def cited(held: Corpus, run: str = "run-1") -> RunBuilder:
    """A run whose answer stands on two of three leases."""
    b = RunBuilder(run)
    b.start(QUESTION, of=[placed.document for placed in held.documents])
    root = b.node("root", None, 0, QUESTION)
    batch = b.node("batch", root, 1, "fee?", items=3)
    for n, placed in enumerate(held.documents, 1):
        b.call(batch, 1, f"Lease {n}", f"{n},200 euros", cite=(placed.start, placed.end))
    b.done(batch)
    b.answered(root, ANSWER)
    b.done(root)
    b.finish(ANSWER)
    return b


def with_conversation() -> FakeDesk:
    """A desk whose last workspace holds three documents, a run with an answer, and one before it."""
    held = Corpus(leases())
    builder = cited(held)
    desk = office()
    desk.history, desk.past_corpus = {builder.run: list(builder.recorded)}, Corpus(leases())
    last = builder.recorded[-1].event.at
    earlier = FakeSummary("early", last - 900, "answered", "Who signed?", "desk-tiny", 3.0, answer="Nobody [/b] did.")
    newest = FakeSummary(builder.run, last - 60, "answered", QUESTION, "desk-tiny", 9.0, answer=ANSWER)
    desk.summaries = [newest, earlier]
    desk.kept = [FakeKept("Harbour", held, ["early", builder.run]), FakeKept("Mill", Corpus([document("Lease.md")]))]
    return desk


async def test_a_start_opens_what_was_left() -> None:
    desk = with_conversation()
    async with opened(desk) as (workspace, pilot):
        await until(pilot, lambda: "as you left it" in shown(workspace, StatusLine))
        assert "Harbour as you left it: 3 documents, 2 questions. Ctrl+N: another" in shown(workspace, StatusLine)
        assert len(workspace.query_one(Documents).showing.documents) == 3
        first, last = workspace.query_one(AnswerPane).turns
        assert "Who signed?" in first.plain and "Nobody [/b] did." in first.plain
        assert ANSWER in last.plain and "[2] Harbour/Lease 3.txt" in last.plain
        assert not workspace.query_one("#answer-empty").display
        tree = workspace.query_one(RecursionTree)
        assert tree.view is not None and tree.view.run == desk.kept[0].questions[-1]
        assert len(tree.sources) == 2
        assert workspace.query_one(Documents).tree_widget.ledger is not None, "how they were read is there, too"
        await pilot.press("f3", "n")
        await until(pilot, lambda: isinstance(workspace.focused, SourceView))
        assert "Harbour/Lease 1.txt" in str(workspace.query_one("#source").border_title)
        await until(pilot, lambda: desk.warmed == 1)


async def test_a_new_run_goes_on_below_what_was_left() -> None:
    desk = with_conversation()
    desk.builders = [full_run()]
    async with opened(desk) as (workspace, pilot):
        await until(pilot, lambda: len(workspace.query_one(AnswerPane).turns) == 2)
        await asked(workspace, pilot)
        await until(pilot, lambda: len(workspace.query_one(AnswerPane).turns) == 3 and over(workspace))
        assert "18,007" in workspace.query_one(AnswerPane).last.plain


@pytest.mark.usefixtures("office_there")
async def test_an_empty_first_start_teaches() -> None:
    desk = office()
    async with opened(desk) as (workspace, pilot):
        await pilot.pause()
        assert workspace.query_one("#answer-empty").display
        assert shown(workspace, StatusLine).strip().startswith("Ctrl+O adds documents")
        await pilot.press("ctrl+o", *"office", "enter")
        await until(pilot, lambda: desk.kept)
        assert (desk.workspace.name, desk.workspace.documents) == ("office", 6)


async def test_documents_named_at_the_start_are_neither_resumed_nor_kept() -> None:
    desk = with_conversation()
    async with opened(desk, paths=["office"]) as (workspace, pilot):
        await until(pilot, lambda: "6 documents added" in shown(workspace, StatusLine))
        assert desk.workspace is None and len(desk.kept) == 2


@pytest.mark.usefixtures("office_there")
async def test_a_new_workspace_and_back() -> None:
    desk = with_conversation()
    async with opened(desk) as (workspace, pilot):
        await until(pilot, lambda: len(workspace.query_one(AnswerPane).turns) == 2)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: isinstance(pilot.app.screen, WorkspacesDialog))
        lines = [str(option.prompt) for option in pilot.app.screen.query_one(OptionList).options]
        assert lines == ["New workspace  empty, for other documents", "Mill  1 document, 0 questions"]
        await pilot.press("enter")
        await until(pilot, lambda: "A new workspace" in shown(workspace, StatusLine))
        assert "Harbour is kept" in shown(workspace, StatusLine)
        assert not workspace.query_one(AnswerPane).turns and workspace.session is None
        assert workspace.query_one("#answer-empty").display and workspace.query_one("#documents-empty").display
        assert workspace.query_one(RecursionTree).view is None
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(pilot.app.screen, AddDialog))
        await pilot.press(*"office", "enter")
        await until(pilot, lambda: desk.workspace is not None)
        assert [one.name for one in desk.kept] == ["office", "Harbour", "Mill"]
        await pilot.press("ctrl+n")
        await until(pilot, lambda: isinstance(pilot.app.screen, WorkspacesDialog))
        await pilot.press("down", "enter")
        await until(pilot, lambda: "Harbour as you left it" in shown(workspace, StatusLine))
        assert len(workspace.query_one(AnswerPane).turns) == 2
        assert isinstance(workspace.focused, QuestionBox)


async def test_esc_stays_where_one_is() -> None:
    desk = with_conversation()
    async with opened(desk) as (workspace, pilot):
        await until(pilot, lambda: len(workspace.query_one(AnswerPane).turns) == 2)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: isinstance(pilot.app.screen, WorkspacesDialog))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is workspace)
        assert desk.workspace.name == "Harbour" and len(workspace.query_one(AnswerPane).turns) == 2


async def test_no_other_workspace_while_a_question_is_answered() -> None:
    desk = with_conversation()
    desk.builders, desk.hold_at = [full_run()], 4
    async with opened(desk) as (workspace, pilot):
        await until(pilot, lambda: len(workspace.query_one(AnswerPane).turns) == 2)
        workspace.ask(QUESTION)
        await until(pilot, lambda: workspace.run is not None)
        await pilot.press("ctrl+n")  # while it runs: answer with what there is
        assert desk.last.hurried and pilot.app.screen is workspace
        workspace.action_workspaces()
        await until(pilot, lambda: "A question is being answered" in shown(workspace, StatusLine))
        assert desk.workspace.name == "Harbour" and desk.corpus.documents
        await pilot.press("escape")
        await until(pilot, lambda: over(workspace))


async def test_a_missing_model_is_said_rather_than_what_was_opened() -> None:
    desk = with_conversation()
    desk.model_error = ModelError("There is no model [big].", "Import one: rlm-desk models import FILE.")
    async with opened(desk) as (workspace, pilot):
        await until(pilot, lambda: len(workspace.query_one(AnswerPane).turns) == 2 and not workspace._changing)
        assert "There is no model [big]." in shown(workspace, StatusLine)


async def test_a_key_right_behind_a_function_key_goes_where_that_leads() -> None:
    async with opened(office([full_run()]), paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: over(workspace))
        await pilot.press("ctrl+l")
        assert isinstance(workspace.focused, QuestionBox)
        for key, letter in (("f4", None), ("t", "t")):  # both before either is handled, as a terminal sends them
            pilot.app.post_message(events.Key(key, letter))
        await until(pilot, lambda: workspace.query_one(Timeline).display)
        assert workspace.query_one("#question").value == ""


@asynccontextmanager
async def real(folder: Path) -> AsyncIterator[tuple[Workspace, Pilot[None]]]:
    """The desk on a real store, with workers that read, and no model."""

    async def open_desk() -> AsyncDesk:
        return await AsyncDesk.open(Settings(data_dir=folder / "data", model="none"))

    app = DeskApp(open_desk)
    app.animation_level = "none"
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.workspace.desk is not None and not app.workspace._changing)
        yield app.workspace, pilot
        await asyncio.wait_for(app.workspace.desk.close(), 30)


async def test_real_documents_are_there_at_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "leases").mkdir()
    (tmp_path / "leases" / "a.txt").write_text("The rent is 900 euros.")
    for name in ("b.txt", "c.txt"):
        (tmp_path / name).write_text(f"Notice of {name}: ninety days.")
    async with real(tmp_path) as (workspace, pilot):
        await workspace._load([tmp_path / "leases"])
        await workspace._load([tmp_path / "b.txt"])
        assert workspace.desk.workspace.name == "leases"
    async with real(tmp_path) as (workspace, pilot):
        await until(pilot, lambda: len(workspace.desk.corpus.documents) == 2)
        assert "900 euros" in workspace.desk.corpus.text
        await pilot.press("ctrl+n")
        await until(pilot, lambda: isinstance(pilot.app.screen, WorkspacesDialog))
        await pilot.press("enter")
        await until(pilot, lambda: not workspace.desk.corpus.documents)
        await workspace._load([tmp_path / "c.txt"])
        assert workspace.desk.workspace.name == "c"
        kept = [(one.name, one.documents) for one in await workspace.desk.workspaces()]
        assert kept == [("c", 1), ("leases", 2)]
    async with real(tmp_path) as (workspace, _):
        assert [placed.document.name for placed in workspace.desk.corpus.documents] == ["c.txt"]
        report = await workspace.desk.refresh()
        assert (report.unchanged, report.gone) == (1, ()), "the paths are kept beside the documents"


async def test_a_long_answer_is_seen_from_its_question_on() -> None:
    desk = with_conversation()
    async with opened(desk, (80, 14)) as (workspace, pilot):
        await until(pilot, lambda: "as you left it" in shown(workspace, StatusLine))
        conversation, turn = workspace.query_one(Conversation), workspace.query_one(AnswerPane).last
        await until(pilot, lambda: turn.size.height > conversation.size.height)
        await until(pilot, lambda: turn.region.y == conversation.region.y)
        assert str(workspace.query_one("#documents").border_title) == "1 Documents · 3 documents"


@pytest.mark.usefixtures("office_there")
async def test_a_folder_named_while_the_desk_opens_is_read_when_it_is_open() -> None:
    desk, gate = office(), asyncio.Event()

    async def open_slowly() -> FakeDesk:
        await gate.wait()
        return desk

    app = DeskApp(open_slowly, Start())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+o", *"office", "enter")
        await until(pilot, lambda: "read next" in str(app.workspace.query_one(StatusLine).content))
        gate.set()
        await until(pilot, lambda: len(desk.corpus.documents) == 6)


@pytest.mark.usefixtures("office_there")
async def test_a_folder_named_while_a_desk_fails_to_open_is_told_so() -> None:
    gate = asyncio.Event()

    async def fail() -> FakeDesk:
        await gate.wait()
        raise StoreError("The database is damaged.", "Restore it from a copy.")

    app = DeskApp(fail, Start())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+o", *"office", "enter")
        gate.set()
        await until(pilot, lambda: "could not be opened" in str(app.workspace.query_one(StatusLine).content))
