"""Hostile strings through every place that shows a document's or a model's text: nothing raises, nothing is lost."""

import asyncio
import random
import string

import pytest
from textual.widgets import Tabs

from rlm_desk.clean import clean
from rlm_desk.tui.app import DeskApp
from rlm_desk.tui.screens.reading import Reading
from rlm_desk.tui.widgets.answer import AnswerPane
from rlm_desk.tui.widgets.documents import Documents
from rlm_desk.tui.widgets.inspector import TABS, Inspector
from rlm_desk.tui.widgets.recursion import RecursionTree
from rlm_desk.tui.widgets.sourceview import SourceView
from rlm_desk.tui.widgets.textview import Part, TextView, wrapped
from tests.tui.driving import opened, over, until
from tests.tui.fakerecords import FakeSkipped, document
from tests.tui.fakes import FakeDesk
from tests.tui.recording import RunBuilder

SEEDS = [
    "see [/b] x",
    "rows[0] [bold] x",
    "[link=file:///etc/passwd]click[/link]",
    "[@click=app.quit]x[/]",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J",
    "\u202eevil\u2066 txt.exe\u2069",
    "[[[[",
    "]]][/",
    "$primary $(rm -rf /) `x`",
    "日本語の契約書" * 40,
    "👩‍👩‍👧‍👦" * 30,
    "e\u0301\u0323" * 50,
    "\ud800 lone surrogate",
    "a\x00b\rc\vd\fe",
    "\t\tindented\t",
    "\\[escaped\\]",
    "",
    " ",
    "\n\n\n",
    "%s {0} {x!r}",
    ":smile: :warning:",
    "<script>alert(1)</script>",
]

ALPHABET = string.printable + "[]/\\[]\x1b\x9b\u202e\u2066\u200b\ufeff日👩🏽e\u0301\ud83d\u2028"


def hostile(count: int, seed: int = 7) -> list[str]:
    rng = random.Random(seed)
    made = list(SEEDS)
    while len(made) < count:
        text = "".join(rng.choice(ALPHABET) for _ in range(rng.randrange(1, 60)))
        made.append(rng.choice([text, rng.choice(SEEDS) + text, text + rng.choice(SEEDS)]))
    return made


def hostile_run(text: str, run: str) -> RunBuilder:
    b = RunBuilder(run=run)
    b.start(text)
    label = clean(text).replace("\n", " ")
    root = b.node("root", None, 0, label)
    b.asked(root, text)
    b.replied(root, text)
    b.cell(root, text)
    batch = b.node("batch", root, 1, label, items=2)
    b.call(batch, 1, label, text)
    b.call(batch, 1, label, None)
    b.done(batch)
    b.ran(root, text, failed=True)
    b.add("nudged", node=root, turn=0, reason=text)
    b.add("repl_restarted", node=root, reason=text)
    b.add("read", node=root, how="returned", helper=text, spans=((0, 1),))
    b.answered(root, text)
    b.done(root, "failed", text)
    b.finish(text, error=text)
    return b


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_runs_of_hostile_text(size: tuple[int, int]) -> None:
    texts = hostile(28) if size == (80, 24) else hostile(22)[::3]
    desk = FakeDesk(files={"all": [document("plain.txt")]})
    async with opened(desk, size, paths=["all"]) as (workspace, pilot):
        await until(pilot, lambda: workspace.desk.corpus.documents)
        inspector = workspace.query_one(Inspector)
        for number, text in enumerate(texts):
            desk.builders = [hostile_run(text, f"run-{number}")]
            assert workspace.ask("q")
            run = f"run-{number}"
            await until(pilot, lambda run=run: over(workspace) and workspace.session.view.run == run)
            turn = workspace.query_one(AnswerPane).last
            assert clean(text) in str(turn.content), repr(text)
            tree = workspace.query_one(RecursionTree)
            tree.fold(1)
            for node in (0, 1, 2, 3):
                tree.reveal(node)
                await asyncio.sleep(0.01)
                # All tabs of the root; of the others one in turn, since restyling tabs takes most of the time.
                for tab in TABS if node == 0 else [TABS[(number + node) % len(TABS)]]:
                    inspector.query_one(Tabs).active = tab
                    await asyncio.sleep(0.01)
                    if node == 0 and tab in ("prompt", "output", "reply"):
                        await until(pilot, lambda text=text: clean(text) in inspector.text.plain)


async def test_documents_of_hostile_names_and_text() -> None:
    texts = hostile(300)
    named = [
        document(f"{t.replace(chr(47), chr(95))}/{i}{t.replace(chr(47), chr(95))}", t or "x", pages=1)
        for i, t in enumerate(texts)
    ]
    skipped = tuple(FakeSkipped(t, t) for t in texts)
    desk = FakeDesk(files={"all": named}, unreadable=skipped)
    async with opened(desk, paths=["all"]) as (workspace, pilot):
        await until(pilot, lambda: len(workspace.desk.corpus.documents) == len(named))
        tree = workspace.query_one(Documents).tree_widget
        tree._folded.clear()
        tree._lay_out()
        for row in range(len(tree.keys)):
            for width in (10, 30, 90):
                tree.paint(row, width)
        for placed in workspace.desk.corpus.documents[:22]:
            workspace.open_document(workspace.desk.corpus, placed)
            await pilot.pause()
            view = workspace.query_one(SourceView)
            lines = [strip.text for strip in view.render_lines(view.size.region)]
            first = clean(placed.document.text[:10]).replace("\t", "    ").split("\n")[0]
            assert lines[0].strip().startswith(first.strip())


async def test_live_text_of_hostile_pieces() -> None:
    b = RunBuilder()
    b.start("q")
    b.node("root", None, 0, "q")
    desk = FakeDesk(files={"all": [document("a.txt")]}, builders=[b], hold_at=2)
    b.finish("x")
    async with opened(desk, paths=["all"], question="q") as (workspace, pilot):
        await until(pilot, lambda: workspace.session is not None and workspace.session.view.root == 0)
        for text in hostile(400):
            desk.last.say(0, text)
        await pilot.pause(0.3)
        await pilot.press("escape")
        await until(pilot, lambda: over(workspace))


async def test_2000_strings_and_a_line_of_a_million_characters_in_the_text_view() -> None:
    async with opened(FakeDesk()) as (_, pilot):
        parts = [Part("plain", t) for t in hostile(2000)] + [Part("code", t) for t in hostile(50, seed=9)]
        parts.append(Part("plain", "x" * 1_000_000))
        parts.append(Part("plain", "語" * 200_000))
        doc = Reading("Long", "", [])
        pilot.app.push_screen(doc)
        await pilot.pause()
        view = doc.query_one(TextView)
        view.show(parts)
        for _ in range(20):
            await pilot.press("pagedown")
        await pilot.press("end")
        assert "x" * 1_000_000 in view.plain


@pytest.mark.parametrize("text", [*hostile(300), "word " * 100, "語" * 99 + "x"])
def test_wrapping_loses_nothing(text: str) -> None:
    for line in clean(text).split("\n"):
        for width in (1, 2, 7, 40):
            if width == 1 and not line.isascii():
                continue  # a wide character cannot be shown in one cell
            assert "".join(wrapped(line, width)) == line


async def test_what_is_copied_is_what_was_seen() -> None:
    """A terminal that pastes ESC [201~ ends its paste there, and runs the rest."""
    app = DeskApp(FakeDesk())
    async with app.run_test():
        app.copy_to_clipboard("fee\x1b[201~\x9b rm \u202e\ud800")
        assert app.clipboard == "fee\ufffd[201~\ufffd rm \ufffd\ufffd"
