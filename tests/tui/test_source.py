"""The source pane: rows as offsets, pages, marks, search, and how every line was read."""

import random
from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.widgets import Input

from rlm_desk.corpus import Corpus, Document, Page
from rlm_desk.tui.widgets.answer import AnswerPane
from rlm_desk.tui.widgets.recursion import RecursionTree
from rlm_desk.tui.widgets.source import SourcePane
from rlm_desk.tui.widgets.sourceview import Mark, SourceView
from rlm_desk.tui.widgets.strips import Ledger
from rlm_desk.tui.widgets.wrapping import rows, shown
from tests.tui.driving import drawn, opened, over, until
from tests.tui.fakerecords import document
from tests.tui.fakes import FakeDesk
from tests.tui.recording import RunBuilder
from tests.tui.test_hostile_text import hostile


@pytest.mark.parametrize("width", [2, 7, 40, 78])
def test_rows_lose_nothing_and_fit(width: int) -> None:
    rng = random.Random(width)
    texts = ["", "\n", "a\r\nb", "x" * 500, "word " * 200, "語" * 99 + "x", "\t\t\ta\tb" * 9, *hostile(300)]
    texts.append("\n".join(rng.choice(texts) for _ in range(200)))
    for text in texts:
        starts = rows(text, width)
        assert starts[0] == 0 and starts == sorted(set(starts))
        pieces = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
        assert "".join(pieces) == text
        for piece in pieces:
            assert "\n" not in piece[:-1]
            # A single character may be wider than a very narrow pane.
            assert cell_len(shown(piece)) <= max(width, 4), (piece, width)


def test_rows_break_at_blanks_where_one_is_near() -> None:
    text = "The yearly fee is four thousand euros, payable in advance."
    pieces = [text[a:b] for a, b in zip(rows(text, 20), [*rows(text, 20)[1:], len(text)], strict=True)]
    assert pieces[0] == "The yearly fee is "
    assert all(piece.endswith((" ", ".")) for piece in pieces)


def test_a_part_of_a_text_is_cut_by_itself() -> None:
    assert rows("one\ntwo\nthree", 10, 4, 8) == [4]


class Shell(App[None]):
    """Holds the pane alone."""

    CSS = "SourcePane { border: round white; }"

    def compose(self) -> ComposeResult:
        yield SourcePane(5, "Source", id="source")


def numbered(pages: int, lines: int, notes: tuple[str, ...] = ()) -> Document:
    text, cuts = "", []
    for page in range(pages):
        start = len(text)
        text += "".join(f"page {page + 1} line {line}\n" for line in range(lines))
        cuts.append(Page(str(page + 1), start, len(text)))
    return Document("0" * 64, "Harbour/Lease.pdf", "pdf", "page", text, tuple(cuts), notes)


async def test_a_passage_is_shown_on_its_page_and_marked() -> None:
    document = numbered(30, 40)
    corpus = Corpus([numbered(1, 3), document])
    async with Shell().run_test(size=(60, 20)) as pilot:
        pane = pilot.app.query_one(SourcePane)
        start = document.text.index("page 17 line 20")
        pane.show(corpus, corpus.documents[1], [Mark(start, start + 15)])
        await until(pilot, lambda: any("page 17 line 20" in line for line in drawn(pane.view)))
        await until(pilot, lambda: "page 17 of 30" in str(pane.border_title))
        row = next(y for y, line in enumerate(drawn(pane.view)) if line.endswith("page 17 line 20"))
        marked = [s.text for s in pane.view.render_line(row) if s.style and s.style.bgcolor != _plain(pane.view)]
        assert "".join(marked).strip() == "page 17 line 20"
        await pilot.press("tab")
        pane.view.focus()
        await pilot.press("home")
        await until(pilot, lambda: "page 1 of 30" in str(pane.border_title))


def _plain(view: SourceView) -> Any:
    return view.rich_style.bgcolor


async def test_notes_stand_above_and_pages_have_headings() -> None:
    document = numbered(2, 2, ("1 of 2 pages has no [text] layer.",))
    corpus = Corpus([document])
    async with Shell().run_test(size=(60, 20)) as pilot:
        pane = pilot.app.query_one(SourcePane)
        pane.show(corpus, corpus.documents[0])
        await until(pilot, lambda: any(drawn(pane.view)))
        lines = drawn(pane.view)
        assert lines[0] == "⚑ 1 of 2 pages has no [text] layer."
        assert lines[1].startswith("── page 1 ─") and lines[4].startswith("── page 2 ─")


async def test_how_a_line_was_read_stands_beside_it() -> None:
    document = numbered(1, 4)
    corpus = Corpus([document])
    at = corpus.documents[0].start
    ledger = Ledger([(at, at + 14)], [(at + 14, at + 28)], [(at + 28, at + 42)])
    async with Shell().run_test(size=(60, 20)) as pilot:
        pane = pilot.app.query_one(SourcePane)
        pane.show(corpus, corpus.documents[0], ledger=ledger)
        await until(pilot, lambda: any(drawn(pane.view)))
        assert [line[0] for line in drawn(pane.view)[:4]] == ["┃", "┇", "┊", " "]


async def test_a_word_is_found_and_stepped_through() -> None:
    document = numbered(5, 100)
    corpus = Corpus([document])
    async with Shell().run_test(size=(60, 20)) as pilot:
        pane = pilot.app.query_one(SourcePane)
        pane.show(corpus, corpus.documents[0])
        pane.find()
        await pilot.press(*"line", "space", *"77", "enter")
        await until(pilot, lambda: any("page 1 line 77" in line for line in drawn(pane.view)))
        assert "1 of 5" in str(pane.border_subtitle)
        pane.step(-1)
        await until(pilot, lambda: any("page 5 line 77" in line for line in drawn(pane.view)))
        assert not pane.query_one(Input).display
        pane.find()
        await pilot.press(*"[/b]", "enter")
        assert "/b]” is not in this document" in str(pane.border_subtitle)


async def test_100000_lines_open_and_the_rest_follows() -> None:
    text = "".join(f"line {n} of a long and quite ordinary document\n" for n in range(100_000))
    document = Document("1" * 64, "Long.txt", "text", "lines", text, ())
    corpus = Corpus([document])
    async with Shell().run_test(size=(60, 20)) as pilot:
        pane = pilot.app.query_one(SourcePane)
        pane.show(corpus, corpus.documents[0])
        await until(pilot, lambda: "line 0 of a long" in "".join(drawn(pane.view)[:1]))
        pane.view.go(text.index("line 99990 "))
        await until(pilot, lambda: any("line 99990 of" in line for line in drawn(pane.view)))
        assert pane.view.laid_out and pane.view.row_count == 100_000


async def test_another_width_keeps_the_place() -> None:
    document = numbered(30, 40)
    corpus = Corpus([document])
    async with Shell().run_test(size=(60, 20)) as pilot:
        pane = pilot.app.query_one(SourcePane)
        pane.show(corpus, corpus.documents[0], aim=document.text.index("page 20 line 5\n"))
        await until(pilot, lambda: any(line.endswith("page 20 line 5") for line in drawn(pane.view)))
        await pilot.resize_terminal(14, 20)
        await until(pilot, lambda: any("page 20" in line for line in drawn(pane.view)))


async def test_numbers_behind_an_answer_open_its_sources() -> None:
    texts = [f"Lease {n}. The yearly fee is {n},200 euros. It ends on notice." for n in range(1, 4)]
    documents = [document(f"Harbour/Lease {n}.txt", text, pages=1) for n, text in enumerate(texts, 1)]
    corpus = Corpus(documents)
    b = RunBuilder()
    b.start("q", of=documents)
    root = b.node("root", None, 0, "q")
    batch = b.node("batch", root, 1, "fee?", items=3)
    for n, placed in enumerate(corpus.documents, 1):
        b.call(batch, 1, f"Lease {n}", f"{n},200 euros", cite=(placed.start, placed.end))
    b.done(batch)
    answer = "Lease 1 costs 1,200 euros. Lease 3 costs 3,200 euros."
    b.answered(root, answer)
    b.done(root)
    b.finish(answer)
    desk = FakeDesk(builders=[b], files={"all": documents})
    async with opened(desk, (120, 40), paths=["all"], question="q") as (workspace, pilot):
        await until(pilot, lambda: over(workspace))
        turn = workspace.query_one(AnswerPane).last
        assert turn.evidence is not None and len(turn.evidence.sources) == 2
        assert "costs 1,200 euros. [1]" in str(turn.content) and "costs 3,200 euros. [2]" in str(turn.content)
        assert "read 3 of 3 pages" in str(turn.content)
        await pilot.press("f3", "n")
        await until(pilot, lambda: isinstance(workspace.focused, SourceView))
        assert "Harbour/Lease 1.txt" in str(workspace.query_one("#source").border_title)
        await pilot.press("n")
        await until(pilot, lambda: "Harbour/Lease 3.txt" in str(workspace.query_one("#source").border_title))
        view = workspace.query_one(SourceView)
        marked = [s.text for y in range(4) for s in view.render_line(y) if s.style and s.style.bgcolor != _plain(view)]
        assert "3,200 euros" in "".join(marked)
        await pilot.press("escape", "f4", "a")
        tree = workspace.query_one(RecursionTree)
        await until(pilot, lambda: tree.chosen in tree.sources)
        assert any("★" in line for line in drawn(tree))
        assert "[2] Harbour/Lease 3.txt" in turn.plain
