"""Lists that grow while a run goes on."""

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.app import App, ComposeResult

from rlm_desk.tui.widgets.rows import Rows, fitted_name


class FakeRows(Rows):
    """Says how often it had the screen laid out, and which lines it painted."""

    laid_out = 0

    def __init__(self) -> None:
        super().__init__()
        self.painted: list[int] = []

    def paint(self, row: int, width: int) -> list[Segment]:
        self.painted.append(row)
        return [Segment(f"line {row}")]

    def refresh(self, *regions: object, **how: bool) -> "FakeRows":
        self.laid_out += how.get("layout", False)
        super().refresh(*regions, **how)  # type: ignore[arg-type]
        return self


class Screenful(App[None]):
    def compose(self) -> ComposeResult:
        yield FakeRows()


async def test_only_the_lines_that_are_named_are_drawn_again() -> None:
    app = Screenful()
    async with app.run_test(size=(40, 10)) as pilot:
        rows = app.query_one(FakeRows)
        rows.lay_out(range(500))
        await pilot.pause()
        rows.scroll_to(y=100, animate=False, immediate=True)
        await pilot.pause()
        painted = rows.painted = []
        rows.refresh_rows([103, 107])
        await pilot.pause()
        assert painted == [103, 107]
        rows.refresh_rows([])
        await pilot.pause()
        assert painted == [103, 107]
        rows.refresh_rows()
        await pilot.pause()
        assert painted[2:] == list(range(100, 110))


async def test_a_scrollbar_is_drawn_again_where_it_looks_another_way() -> None:
    app = Screenful()
    async with app.run_test(size=(40, 10)) as pilot:
        rows = app.query_one(FakeRows)
        rows.lay_out(range(20))
        await pilot.pause()
        for height in (21, 40, 41, 200, 5000, 5001, 40, 12, 400):
            rows.lay_out(range(height))
            await pilot.pause()
            bar = rows.vertical_scrollbar
            shown = [strip.text for strip in bar.render_lines(bar.size.region)]
            bar.refresh()
            await pilot.pause()
            assert shown == [strip.text for strip in bar.render_lines(bar.size.region)], height
            assert bar.window_virtual_size == height


async def test_a_list_that_grows_lays_the_screen_out_only_when_the_scrollbar_comes_or_goes() -> None:
    app = Screenful()
    async with app.run_test(size=(40, 10)) as pilot:
        rows = app.query_one(FakeRows)
        rows.lay_out(range(3))
        await pilot.pause()
        rows.lay_out(range(30))
        await pilot.pause()
        assert rows.show_vertical_scrollbar
        before = rows.laid_out
        rows.lay_out(range(500))
        await pilot.pause()
        assert rows.laid_out == before
        assert rows.max_scroll_y == 490 and rows.vertical_scrollbar.window_virtual_size == 500
        rows.action_move(1000)
        await pilot.pause()
        assert "line 499" in rows.render_line(9).text
        rows.lay_out(range(20))  # the place it was scrolled to is gone
        await pilot.pause()
        assert rows.laid_out == before and rows.scroll_y == 10, "the scrollbar stays: nothing else has moved"
        assert "line 19" in rows.render_line(9).text and rows.vertical_scrollbar.window_virtual_size == 20
        rows.lay_out(range(2))
        await pilot.pause()
        assert not rows.show_vertical_scrollbar and rows.laid_out > before


@pytest.mark.parametrize("width", [1, 8, 9, 12, 18, 40])
@pytest.mark.parametrize(
    "name", ["markitdown-test.docx", "日本語の長い名前の文書です.pdf", "short.md", "e\u0301" * 30 + ".odt"]
)
def test_names_of_one_stem_are_told_apart(name: str, width: int) -> None:
    shown = fitted_name(name, width)
    assert cell_len(shown) == width
    if width >= 12:
        assert shown.rstrip().endswith(name[-4:])
