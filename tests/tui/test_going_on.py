"""The next question after an answer: nothing that is typed is lost, and nothing of the last answer stays in its way."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.widgets import Input
from textual.widgets._footer import FooterKey

from rlm_desk.corpus import Corpus
from rlm_desk.plan import ModelSpec
from rlm_desk.tui.screens.exporting import ExportDialog
from rlm_desk.tui.screens.workspace import Workspace
from rlm_desk.tui.widgets.answer import AnswerPane, Conversation
from rlm_desk.tui.widgets.documents import DocumentTree
from rlm_desk.tui.widgets.keyline import KeyLine
from rlm_desk.tui.widgets.question import ASK, ASK_WHOLE, QuestionBox
from rlm_desk.tui.widgets.recursion import RecursionTree
from rlm_desk.tui.widgets.source import SourcePane
from rlm_desk.tui.widgets.sourceview import SourceView
from tests.tui.driving import QUESTION, asked, opened, over, until
from tests.tui.fakerecords import FakeEstimate
from tests.tui.fakes import FakeDesk, office
from tests.tui.recording import full_run
from tests.tui.test_workspaces import cited, leases

OWN = ModelSpec("qwen3-8b", Path("qwen3-8b.gguf"), "0" * 64, "desk", "full", 32768)


@dataclass
class FakeAsked:
    """Models, as far as it is said which is asked."""

    asked: ModelSpec


SIZES = [(80, 24), (120, 40), (200, 60)]


def two_questions() -> FakeDesk:
    held = Corpus(leases())
    return FakeDesk(builders=[cited(held, "run-1"), cited(held, "run-2")], files={"office": leases()})


def with_sources(workspace: Workspace) -> bool:
    turn = workspace.query_one(AnswerPane).last
    return turn is not None and over(workspace) and turn.evidence is not None and bool(turn.evidence.sources)


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_typed_after_a_source_was_looked_at_is_the_next_question(size: tuple[int, int]) -> None:
    desk = two_questions()
    async with opened(desk, size, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: with_sources(workspace))
        await pilot.press("f3", "n")
        await until(pilot, lambda: isinstance(workspace.focused, SourceView))
        await pilot.press("escape", *"and_the_notice", "enter")
        await until(pilot, lambda: len(desk.asked) == 2 and over(workspace))
        assert desk.asked[1] == "and_the_notice"
        assert workspace.query_one("#answer").display


@pytest.mark.parametrize(
    ("key", "pane"), [("f2", DocumentTree), ("f3", Conversation), ("f4", RecursionTree), ("f7", None)]
)
async def test_a_letter_that_is_no_key_of_a_pane_begins_a_question(key: str, pane: type | None) -> None:
    async with opened(two_questions(), paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: with_sources(workspace))
        await pilot.press(key)
        assert pane is None or isinstance(workspace.focused, pane)
        for letter in "What-else":  # nobody waits between two letters
            pilot.app.simulate_key(letter)
        await until(pilot, lambda: workspace.query_one("#question", Input).value == "What-else")


async def test_a_word_that_begins_with_keys_of_a_pane_is_written_whole() -> None:
    async with opened(two_questions(), paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: with_sources(workspace))
        box = workspace.query_one("#question", Input)
        await pilot.press("f4")
        for letter in "find":  # f goes to the next that failed
            pilot.app.simulate_key(letter)
        await until(pilot, lambda: box.value == "find")
        await pilot.press("f4", "s")
        workspace._keyed_at -= 1.0  # some time later
        await pilot.press("W")
        assert box.value == "findW"


async def test_who_reads_the_answer_has_its_keys_when_the_run_ends() -> None:
    desk = two_questions()
    async with opened(desk, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: with_sources(workspace) and not workspace.running)
        assert isinstance(workspace.focused, Conversation)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(pilot.app.screen, ExportDialog))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is workspace)
        await pilot.press(*"Who", "enter")  # and a question is written without going anywhere
        await until(pilot, lambda: desk.asked[1:] == ["Who"])


@pytest.mark.parametrize("words", ["2024 figures", "please list", "name all"])
async def test_a_question_that_begins_with_a_key_of_the_answer_is_written_whole(words: str) -> None:
    async with opened(two_questions(), paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: with_sources(workspace) and not workspace.running)
        for letter in words.replace(" ", "_"):
            pilot.app.simulate_key(letter)
        await until(pilot, lambda: workspace.query_one("#question", Input).value == words.replace(" ", "_"))


async def test_who_writes_when_the_run_ends_goes_on_writing() -> None:
    desk = two_questions()
    desk.pause = 0.05  # between two events
    async with opened(desk, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: desk.last is not None)
        await pilot.press(*"Ma")
        assert workspace.running
        await until(pilot, lambda: with_sources(workspace) and not workspace.running)
        await pilot.press(*"x")
        assert workspace.query_one("#question", Input).value == "Max"
        assert not isinstance(pilot.app.screen, ExportDialog)


async def test_who_looks_at_the_tree_when_the_run_ends_stays_there() -> None:
    desk = two_questions()
    desk.pause = 0.05
    async with opened(desk, (80, 24), paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: desk.last is not None)
        await pilot.press("f4", "ctrl+l")  # the question has the focus, the tree is what is seen
        assert workspace.running
        await until(pilot, lambda: with_sources(workspace) and not workspace.running)
        assert isinstance(workspace.focused, QuestionBox) and workspace.query_one("#recursion").display


async def test_keys_of_a_pane_stay_keys() -> None:
    async with opened(two_questions(), paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: with_sources(workspace))
        await pilot.press("f4", "t", "space", "3")
        assert workspace.query_one("#question", Input).value == ""
        assert not isinstance(workspace.focused, Input)


async def test_a_question_half_written_is_gone_on_with() -> None:
    async with opened(two_questions(), paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: with_sources(workspace))
        await pilot.press(*"Who_", "f3", "n", "escape", *"else")
        assert workspace.query_one("#question", Input).value == "Who_else"


async def test_letters_in_a_dialog_are_no_question() -> None:
    async with opened(office()) as (workspace, pilot):
        await pilot.press("f4", "f1", "Z", "escape")
        assert workspace.query_one("#question", Input).value == ""


@pytest.mark.usefixtures("office_there")
async def test_after_documents_were_named_the_question_is_written() -> None:
    desk = office()
    async with opened(desk) as (workspace, pilot):
        await pilot.press("f2", "ctrl+o", *"office", "enter")
        await until(pilot, lambda: desk.corpus.documents)
        assert isinstance(workspace.focused, QuestionBox)


@pytest.mark.parametrize("size", SIZES)
async def test_a_new_question_puts_the_last_answers_source_away(size: tuple[int, int]) -> None:
    desk = two_questions()
    async with opened(desk, size, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: with_sources(workspace))
        await pilot.press("f3", "n")
        await until(pilot, lambda: workspace.source_open)
        await asked(workspace, pilot)
        await until(pilot, lambda: len(desk.asked) == 2 and with_sources(workspace))
        assert not workspace.source_open and workspace.query_one(SourcePane).corpus is None
        first, second = workspace.query_one(AnswerPane).turns
        await pilot.press("f3", "n")
        assert (first.cited, second.cited) == (0, 1), "the next source is one of the new answer"


async def test_a_source_that_is_read_stays_when_a_waiting_question_begins() -> None:
    desk = two_questions()
    async with opened(desk, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: with_sources(workspace))
        await pilot.press("f3", "n")
        workspace.ask("another")
        workspace.action_pane("source")  # back in it before the run has begun
        await until(pilot, lambda: len(desk.asked) == 2 and over(workspace))
        assert workspace.source_open and isinstance(workspace.focused, SourceView)
        source = workspace.query_one(SourcePane)
        assert str(source.border_subtitle).startswith("source 1 of 2 of an earlier answer · n next")
        await pilot.press("escape")
        await pilot.press("f3", "n")  # the first of the answer before, since it was being read
        assert "of an earlier answer" in str(source.border_subtitle)


async def test_esc_leaves_a_source_before_it_cancels_a_run() -> None:
    desk = two_questions()
    async with opened(desk, paths=["office"], question=QUESTION) as (workspace, pilot):
        await until(pilot, lambda: with_sources(workspace))
        desk.hold_at = 4
        workspace.ask("another")
        await until(pilot, lambda: workspace.run is not None)
        await pilot.press("f2", "end", "up", "enter")
        await until(pilot, lambda: isinstance(workspace.focused, SourceView))
        await pilot.press("escape")
        assert workspace.running and not workspace.source_open
        await pilot.press("f8", "escape")
        assert workspace.running and not workspace.zoomed
        await pilot.press("escape")
        await until(pilot, lambda: not workspace.running)


@pytest.mark.parametrize("size", SIZES)
async def test_the_last_line_says_what_can_be_done_to_a_run(size: tuple[int, int]) -> None:
    desk = office([full_run()], hold_at=12)
    estimated = asyncio.Event()

    async def estimate(question: str) -> FakeEstimate:
        await estimated.wait()  # the first time it may load the model
        return FakeEstimate()

    desk.estimate = estimate  # type: ignore[method-assign]
    async with opened(desk, size, paths=["office"], question=QUESTION) as (workspace, pilot):

        def said() -> set[str]:
            return {key.description for key in workspace.query_one(KeyLine).query(FooterKey)}

        await until(pilot, lambda: "Cancel run" in said())
        assert not {"Pause", "Answer now"} & said(), "there is nothing yet to pause"
        estimated.set()
        await until(pilot, lambda: workspace.run is not None and workspace.run.held.is_set())
        await until(pilot, lambda: {"Cancel run", "Pause", "Answer now"} <= said())
        await pilot.press("escape")
        await until(pilot, lambda: not workspace.running)
        await until(pilot, lambda: not {"Cancel run", "Pause", "Answer now"} & said())


async def test_a_model_that_forgets_asks_for_whole_questions() -> None:
    desk = two_questions()
    async with opened(desk, paths=["office"]) as (workspace, pilot):
        box = workspace.query_one(QuestionBox)
        await until(pilot, lambda: desk.corpus.documents)
        assert box.placeholder == ASK
        workspace.ask(QUESTION)
        await until(pilot, lambda: with_sources(workspace))
        assert box.placeholder == ASK_WHOLE
        desk.models = FakeAsked(OWN)
        workspace.show_model()
        assert box.placeholder == ASK, "a model of one's own is told what was asked before"


async def test_a_question_is_brought_back_to_be_changed() -> None:
    desk = two_questions()
    async with opened(desk, paths=["office"]) as (workspace, pilot):
        box = workspace.query_one(QuestionBox)
        await until(pilot, lambda: desk.corpus.documents)
        for question in ("one", "two"):
            await pilot.press("ctrl+l", *question, "enter")
            await until(pilot, lambda question=question: desk.asked[-1:] == [question] and over(workspace))
        await pilot.press(*"dra", "up")
        assert box.value == "two"
        await pilot.press("up", "up")
        assert box.value == "one", "there is none before the first"
        await pilot.press("down", "down")
        assert box.value == "dra"
        await pilot.press("up", "?")
        assert box.value == "two?"


async def test_nothing_is_brought_back_where_nothing_was_asked() -> None:
    async with opened(office()) as (workspace, pilot):
        await pilot.press(*"what", "up", "down")
        assert workspace.query_one(QuestionBox).value == "what"
