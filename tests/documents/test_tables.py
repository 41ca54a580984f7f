"""Tables on a page: cells that stand close, a heading above, a contents list that is none."""

import io
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from rlm_desk.documents.readers import layout, pdf, pdfium

FILES = Path(__file__).with_name("files")


def lines(*rows: tuple[tuple[float, str], ...]) -> list[str]:
    """The lines of a page with rows of texts at some places."""
    out = io.BytesIO()
    canvas = Canvas(out)
    for at, row in enumerate(rows):
        for left, text in row:
            canvas.drawString(left, 700 - 16 * at, text)
    canvas.showPage()
    canvas.save()
    document = pdfium.opened(out.getvalue(), None)
    try:
        return layout.lay(pdfium.sheet(document, 0)).lines
    finally:
        document.close()


def text(name: str) -> str:
    return pdf.read((FILES / name).read_bytes(), name, lambda done, total: None).text


def test_columns_that_stand_close_are_two() -> None:
    found = text("calc.pdf")
    assert "| berth | length | fee |" in found
    assert "| Three, old | 60 | 190 |" in found


def test_words_of_a_cell_stay_together_however_they_stand_below_each_other() -> None:
    rows = [((60.0, name), (200.0, f"{length} m")) for name, length in (("One", 120), ("Two", 195), ("Six", 160))]
    assert lines(*rows, ((60.0, "Nine"), (200.0, "110 m")))[-1] == "| Nine | 110 m |"


def test_one_row_with_more_space_between_its_words_divides_no_column() -> None:
    rows = [((60.0, name), (200.0, "some words")) for name in ("One", "Two", "Six")]
    odd = ((60.0, "Nine"), (200.0, "some"), (237.0, "words"))
    assert lines(*rows, odd)[-1] == "| Nine | some words |"


def test_a_numbered_heading_is_not_the_first_row_of_the_table_below_it() -> None:
    found = text("lualatex-outline.pdf")
    assert "| Berth | Length | Fee |\n|---|---|---|\n| One | 120 m | 340 |" in found
    assert "\n2 Fees\n" in found


def test_a_list_of_contents_is_lines() -> None:
    found = text("lualatex-outline.pdf")
    assert "1 Cranes   2\n2 Fees   3\n3 Notice   4\n" in found


def test_a_table_whose_figures_go_down_is_no_list_of_contents() -> None:
    rows = [
        ((60.0, str(at)), (120.0, name), (220.0, str(fee)))
        for at, name, fee in ((1, "One", 340), (2, "Two", 275), (3, "Six", 190), (4, "Ten", 120))
    ]
    assert lines(*rows)[-1] == "| 4 | Ten | 120 |"
