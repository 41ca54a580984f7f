"""The page itself beside its text: the key, the room there is, turning, refusals, terminals without colours."""

from pathlib import Path

import pytest
from rich.color import Color
from rich.style import Style
from textual.pilot import Pilot

from rlm_desk.config import load
from rlm_desk.corpus import Corpus, Document, Page
from rlm_desk.desk.service import AsyncDesk
from rlm_desk.tui.commands import COMMANDS
from rlm_desk.tui.screens.playback import Playback
from rlm_desk.tui.screens.workspace import Workspace
from rlm_desk.tui.widgets import halfblocks
from rlm_desk.tui.widgets.bars import StatusLine
from rlm_desk.tui.widgets.pageview import PageView
from rlm_desk.tui.widgets.source import SourcePane
from rlm_desk.tui.widgets.sourceview import Mark, SourceView
from tests.tui.driving import drawn, opened, shown, until
from tests.tui.fakerecords import FakePast, FakeSummary
from tests.tui.fakes import FakeDesk, office
from tests.tui.recording import full_run

PRINTED = Path(__file__).parents[1] / "documents" / "files" / "pdflatex-three.pdf"


def printed(name: str = "Lease.pdf", kind: str = "pdf", pages: int = 5, lines: int = 60) -> Document:
    text, cuts = "", []
    for page in range(pages):
        start = len(text)
        text += "".join(f"page {page + 1} line {line}\n" for line in range(lines))
        cuts.append(Page(str(page + 1), start, len(text)))
    return Document(f"{len(name):064x}", name, kind, "page", text, tuple(cuts))


async def read(pilot: Pilot[None], workspace: Workspace) -> tuple[SourcePane, SourceView, PageView]:
    """The first document, open in the source pane."""
    await until(pilot, lambda: workspace.desk is not None and workspace.desk.corpus.documents)
    await pilot.pause()
    corpus = workspace.desk.corpus if workspace.desk is not None else Corpus([])
    workspace.open_document(corpus, corpus.documents[0])
    pane = workspace.query_one(SourcePane)
    await until(pilot, lambda: any(drawn(pane.view)))
    return pane, pane.view, workspace.query_one(PageView)


def seen(pilot: Pilot[None], view: PageView, page: int) -> bool:
    """The fake's picture of a page is on the screen: its colour says which."""
    if view.picture is None or view.picture.rgb[1] != 40 * page:
        return False
    segments = [s for strip in view.render_lines(view.size.region) for s in strip if halfblocks.UPPER in s.text]
    return bool(segments) and all(s.style is not None and s.style.color == _colour(page) for s in segments)


def _colour(page: int) -> Color:
    green, blue = (round(255 * (value / 255) ** 1.5) for value in (40 * page, 255))
    return Color.from_rgb(0, green, blue)


async def test_a_key_shows_the_page_beside_its_text_and_scrolling_renews_it() -> None:
    desk = FakeDesk(files={"all": [printed()]})
    async with opened(desk, (160, 40), paths=["all"]) as (workspace, pilot):
        _, view, page = await read(pilot, workspace)
        assert not page.display and not desk.drawn
        await pilot.press("f8", "v")
        await until(pilot, lambda: seen(pilot, page, 0))
        assert view.display and workspace.focused is view
        (asked,) = desk.drawn
        assert asked[:2] == ("Lease.pdf", 0) and asked[2:] == page.box
        for _ in range(3):
            await pilot.press("pagedown")
        await until(pilot, lambda: seen(pilot, page, 1))
        await pilot.press("end")
        await until(pilot, lambda: seen(pilot, page, 4))
        await pilot.press("v")
        await pilot.pause()
        assert not page.display and view.display and workspace.focused is view
        before = len(desk.drawn)
        await pilot.press("home")
        await pilot.pause(0.4)
        assert len(desk.drawn) == before, "nothing is drawn that nobody sees"


async def test_where_there_is_no_room_for_both_the_key_goes_from_one_to_the_other() -> None:
    desk = FakeDesk(files={"all": [printed()]})
    async with opened(desk, (60, 30), paths=["all"]) as (workspace, pilot):
        pane, view, page = await read(pilot, workspace)
        await pilot.press("v")
        await until(pilot, lambda: seen(pilot, page, 0))
        assert not view.display and page.has_focus
        await pilot.press("pagedown", "down", "j", "pageup")
        await until(pilot, lambda: seen(pilot, page, 2))
        assert "page 3 of 5" in str(pane.border_title)
        await pilot.press("v")
        await until(pilot, lambda: any("page 3 line 1" in line for line in drawn(view)))
        assert not page.display and view.has_focus
        await pilot.press("v", "slash", *"line", "space", "7", "enter")
        await until(pilot, lambda: view.display and any("line 7" in line for line in drawn(view)))
        await pilot.press("v")
        await pilot.resize_terminal(160, 40)
        await pilot.press("f8")
        await until(pilot, lambda: view.display and page.display and page.picture is not None)
        assert workspace.focused in (view, page)


async def test_the_page_of_the_marked_passage_is_shown() -> None:
    document = printed()
    desk = FakeDesk(files={"all": [document]})
    async with opened(desk, (160, 40), paths=["all"]) as (workspace, pilot):
        pane, _, page = await read(pilot, workspace)
        await pilot.press("f8", "v")
        at = document.text.index("page 3 line 1\n")  # the pane begins on page 2 then
        pane.show(desk.corpus, desk.corpus.documents[0], [Mark(at, at + 13)])
        await until(pilot, lambda: any("page 3 line 1" in line for line in drawn(pane.view)))
        await until(pilot, lambda: seen(pilot, page, 2))
        await pilot.pause(0.4)
        assert seen(pilot, page, 2) and "page 3 of 5" in str(pane.border_title)


async def test_what_has_no_pages_says_so_and_keeps_its_room() -> None:
    pdf = printed()
    desk = FakeDesk(files={"all": [printed("Notes.txt", "text"), pdf]})
    async with opened(desk, (160, 40), paths=["all"]) as (workspace, pilot):
        pane, view, page = await read(pilot, workspace)
        pane.show(desk.corpus, desk.corpus.documents[0])
        await pilot.press("v")
        assert "Notes.txt is no PDF: only a PDF has pages" in shown(workspace, StatusLine)
        assert view.display and not page.display
        pane.show(desk.corpus, desk.corpus.documents[1])
        await pilot.press("v")
        await until(pilot, lambda: page.display)
        pane.show(desk.corpus, desk.corpus.documents[0])
        await until(pilot, lambda: view.display and not page.display)


async def test_a_passage_stays_in_sight_when_its_page_comes_beside_it() -> None:
    long = "word " * 30
    lines = [f"line {number} {long}\n" for number in range(60)]
    text = "".join(lines)
    document = Document("7" * 64, "Lease.pdf", "pdf", "page", text, (Page("1", 0, len(text)),))
    desk = FakeDesk(files={"all": [document]})
    async with opened(desk, (160, 40), paths=["all"]) as (workspace, pilot):
        pane, view, page = await read(pilot, workspace)
        at = text.index("line 40 ")
        pane.show(desk.corpus, desk.corpus.documents[0], [Mark(at, at + 7)])
        await until(pilot, lambda: any("line 40" in line for line in drawn(view)))
        await pilot.press("f8")
        await until(pilot, lambda: workspace.zoomed and any("line 40" in line for line in drawn(view)))
        await pilot.press("v")
        await until(pilot, lambda: page.display and view.laid_out and page.size.width > 0)
        await until(pilot, lambda: any("line 40" in line for line in drawn(view)))
        await pilot.press("v")
        await until(pilot, lambda: not page.display and any("line 40" in line for line in drawn(view)))


async def test_one_that_is_looked_at_no_more_is_not_drawn_to_the_end() -> None:
    desk = FakeDesk(files={"all": [printed(pages=40)]})
    async with opened(desk, (60, 30), paths=["all"]) as (workspace, pilot):
        _, _, page = await read(pilot, workspace)
        await pilot.press("v")
        await until(pilot, lambda: seen(pilot, page, 0))
        for _ in range(5):
            page.action_turn(1)
        await until(pilot, lambda: page.picture is not None and page.picture.rgb[1] == 200)
        assert [one[1] for one in desk.drawn] == [0, 5]


async def test_without_colours_there_are_shades(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    desk = FakeDesk(files={"all": [printed()]})
    async with opened(desk, (60, 30), paths=["all"]) as (workspace, pilot):
        _, _, page = await read(pilot, workspace)
        await pilot.press("v")
        await until(pilot, lambda: page.picture is not None)
        lines = drawn(page)
        assert any(set(line.strip()) & set("░▒▓█") for line in lines) and halfblocks.UPPER not in "".join(lines)


def test_two_pixels_a_cell_and_paper_below_an_odd_row() -> None:
    black, white, red = b"\0\0\0", b"\xff\xff\xff", b"\xff\0\0"
    lines = halfblocks.colours(black + white + white + white + red + red, 2)
    assert [[s.text for s in line] for line in lines] == [["▀", "▀"], ["▀▀"]]
    styles = [s.style for line in lines for s in line if s.style is not None]
    assert [(str(s.color.triplet), str(s.bgcolor.triplet)) for s in styles if s.color and s.bgcolor] == [
        (str(Color.from_rgb(*above).triplet), str(Color.from_rgb(*below).triplet))
        for above, below in ((black, white), (white, white), (red, white))
    ]
    (shades,) = halfblocks.shades(black + white + black + white, 2, True, Style())
    (turned,) = halfblocks.shades(black + white + black + white, 2, False, Style())
    assert (shades[0].text, turned[0].text) == (" █", "█ ")


async def test_a_run_of_the_history_has_it_too() -> None:
    run = full_run()
    summary = FakeSummary(run.run, 1_700_000_000.0, "answered", "q", "desk-tiny", 3.0)
    desk = FakeDesk()
    async with opened(desk, (160, 40)) as (workspace, pilot):
        corpus = Corpus([printed()])
        screen = Playback(FakePast(summary, tuple(run.recorded), office().corpus), desk=desk)
        await workspace.app.push_screen(screen)
        await pilot.pause()
        screen.open_document(corpus, corpus.documents[0])
        await pilot.press("v")
        await until(pilot, lambda: seen(pilot, screen.query_one(PageView), 0))


def test_one_declaration_tells_of_it_everywhere() -> None:
    (command,) = [one for one in COMMANDS if one.action == "screen.page"]
    assert (command.keys, command.where, command.footer) == ("v", "source", True) and command.help


async def test_a_real_page_of_a_real_pdf(tmp_path: Path) -> None:
    desk = await AsyncDesk.open(load(data_dir=tmp_path / "data"))
    try:
        await desk.load([PRINTED])
        async with opened(desk, (160, 40)) as (workspace, pilot):  # type: ignore[arg-type]
            pane, _, page = await read(pilot, workspace)
            await pilot.press("f8", "v")
            await until(pilot, lambda: page.picture is not None)
            assert pane.pictured and page.picture is not None and page.picture.height <= page.box[1]
            drawn_in = {s.style.color for line in page.render_lines(page.size.region) for s in line if s.style}
            assert len(drawn_in) > 10, "there is print on the page"
            assert not [one for one in (tmp_path / "data").rglob("*") if one.suffix in (".png", ".pdf", ".ppm")]
    finally:
        await desk.close()
