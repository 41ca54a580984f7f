"""Arabic and Hebrew as they stand on a page, in the order they are read."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desk.documents.readers import pdf as reader
from rlm_desk.documents.readers import rightleft
from rlm_desk.documents.readers.rightleft import Letter, logical

from .test_words import PROSE


def seen(*parts: str) -> str:
    """What stands on the page from left to right: parts in the order of the eye, those not Latin turned around."""
    return " ".join(part[::-1] if rightleft.FOUND.search(part) else part for part in parts)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (seen("רציף שבע"), "רציף שבע"),
        (".2027 " + seen("סוף שנת"), "סוף שנת 2027."),
        (seen("סוף") + " Harbour Office Ltd-" + seen("ל"), "ל-Harbour Office Ltd סוף"),
        (seen("לפני") + " 31/12/2026", "31/12/2026 לפני"),
        (seen("לפני") + " 2026-12-31 " + seen("יום"), "יום 2026-12-31 לפני"),
        (seen("قبل") + " 31-12-2026 " + seen("يوم"), "يوم 2026-12-31 قبل"),  # behind Arabic a hyphen parts numbers
        (seen("הסכום") + " 25% " + seen("כעת"), "כעת 25% הסכום"),
        (seen("درهم") + " 1,250.50 " + seen("مبلغ"), "مبلغ 1,250.50 درهم"),
        ("275 95 " + seen("שני"), "שני 95 275"),
        ("12 ,(" + seen('כולל מע"מ') + ")", '(כולל מע"מ), 12'),
        ("12 .", ". 12"),
        ("Office 12 " + seen("חדר"), "חדר Office 12"),
    ],
)
def test_a_line_that_is_read_from_the_right(line: str, text: str) -> None:
    assert logical(line, base_is_right=True) == text


def test_a_line_that_is_read_from_the_left_turns_what_is_not_latin() -> None:
    line = f"It is called {seen('عقد الإيجار')} in Arabic and {seen('חוזה 7 שכירות')} in Hebrew (2 words)."
    assert logical(line, base_is_right=False) == (
        "It is called عقد الإيجار in Arabic and חוזה 7 שכירות in Hebrew (2 words)."
    )
    assert logical(PROSE, base_is_right=False) == PROSE


@given(st.text(st.sampled_from("אבגاب12.,:/-()% aBé")), st.booleans())
def test_no_character_is_lost(line: str, right: bool) -> None:
    def counted(text: str) -> Counter[str]:
        return Counter(text.translate({ord(")"): "("}))

    assert counted(logical(line, right)) == counted(line)


def letter(text: str, left: float, right: float) -> Letter:
    return Letter(text, left, right, 100.0, 10.0)


def test_marks_stay_with_their_letters_and_letters_drawn_as_one_keep_their_order() -> None:
    overlaid = [letter("ב", 20, 25), letter("\u05bc", 21, 22), letter("א", 10, 19), letter("\u05b7", 12, 14)]
    assert [one.text for one in rightleft._joined(overlaid)] == ["ב\u05bc", "א\u05b7"]
    cut = [letter("ب", 40, 42), letter("ا", 30, 35), letter("\u064e", 38, 40), letter("\u0651", 36, 38)]
    joined = rightleft._joined(cut)
    assert [(one.text, one.left) for one in joined] == [("ب\u064e\u0651", 36), ("ا", 30)]
    turned = [letter("ا", 30, 34), letter("إ", 20, 29), letter("ل", 20, 29), letter("ر", 10, 19)]
    assert [one.text for one in rightleft._joined(turned)] == ["ا", "لإ", "ر"]
    straight = [letter("ر", 10, 19), letter("ل", 20, 29), letter("إ", 20, 29), letter("ا", 30, 34)]
    assert [one.text for one in rightleft._joined(straight)] == ["ر", "لإ", "ا"]


def test_a_space_is_where_letters_stand_apart_and_a_cell_ends_where_they_stand_far_apart() -> None:
    line = [letter("ה", 0, 5), letter("ד", 5.5, 10), letter("ג", 13, 18), letter("ב", 40, 45), letter("א", 45, 50)]
    assert [rightleft._word(cell, True).text for cell in rightleft._cells(line)] == ["ג דה", "אב"]


def test_a_word_in_the_box_of_another_letter_does_not_part_that_letters_word() -> None:
    line = [letter("a", 0, 6), letter("b", 6, 12), letter("אב", 0, 6)]
    assert [rightleft._word(cell, False).text for cell in rightleft._cells(line)] == ["אבab"]


def test_a_file_says_it_all_together() -> None:
    data = (Path(__file__).with_name("files") / "libreoffice-hebrew.pdf").read_bytes()
    found = reader.read(data, "name.pdf", lambda done, total: None)
    assert "בחדר 12.\nהודעה נמסרת בכתב" in found.text
    assert dict(found.facts)["created"] == "2026-11-30"  # written as `D:20261130103423Z'`
