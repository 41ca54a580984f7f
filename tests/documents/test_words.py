"""Words and where they stand: a long line of prose comes whole, one with a wide gap word by word."""

import io

from reportlab.pdfgen.canvas import Canvas

from rlm_desk.documents.readers import layout, pdfium
from rlm_desk.documents.readers.pdfium import Sheet

PROSE = "the lessee shall pay the yearly fee of the berth to the harbour office before March"
LEFT, RIGHT = PROSE[:43].strip(), PROSE[43:].strip()


def sheet(*pieces: tuple[float, float, str]) -> Sheet:
    out = io.BytesIO()
    canvas = Canvas(out)
    for left, bottom, text in pieces:
        canvas.drawString(left, bottom, text)
    canvas.showPage()
    canvas.save()
    document = pdfium.opened(out.getvalue(), None)
    try:
        return pdfium.sheet(document, 0)
    finally:
        document.close()


def texts(found: Sheet) -> list[list[str]]:
    return [[word.text for word in line] for line in found.lines]


def test_a_line_of_prose_comes_whole_and_its_box_is_that_of_its_words() -> None:
    long, short = sheet((60, 700, PROSE)), sheet((60, 700, PROSE[:35]))
    assert texts(long) == [[PROSE]]
    assert texts(short) == [PROSE[:35].split()]
    assert long.lines[0][0].left == short.lines[0][0].left
    assert long.lines[0][0].top == short.lines[0][0].top


def test_two_pieces_of_a_line_are_looked_at_word_by_word() -> None:
    found = sheet((60, 700, LEFT), (330, 700, RIGHT))
    assert [word for line in texts(found) for word in line] == PROSE.split()
    assert "   " in layout.lay(found).lines[0]


def test_a_wide_gap_within_one_piece_is_seen() -> None:
    out = io.BytesIO()
    canvas = Canvas(out)
    words = canvas.beginText(60, 700)
    words._code.append(f"[({LEFT}) -3000 ({RIGHT})] TJ")  # a jump of three letters' height
    canvas.drawText(words)
    canvas.showPage()
    canvas.save()
    document = pdfium.opened(out.getvalue(), None)
    found = pdfium.sheet(document, 0)
    document.close()
    assert [word for line in texts(found) for word in line] == PROSE.split()
