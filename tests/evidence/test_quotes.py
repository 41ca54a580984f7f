"""What an answer says, looked up: verified only when it stands in the cited span."""

import re
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rlm_desk.corpus import Corpus, Span
from rlm_desk.evidence import quotes, wording
from rlm_desk.evidence.lookup import number_pattern, occurrences, words_pattern
from rlm_desk.evidence.quotes import Checked, claims

from .making import document

TEXT = (
    "The annual fee is EUR 4,200, payable on 12 March 2024. Either party may leave with ninety (90) days' no-\n"
    "tice. The access code is AX-44-B7. Governing law: Norway. Brenvale Logistics keeps records for 7 years.\n"
    "The total is $1,250.50, of which 400\nunits are spare."
)
CORPUS = Corpus([document(TEXT, "a.txt", 2), document("Corvane Textiles pays €310 on May 3, 2025.", "b.txt")])
FIRST = Span(CORPUS.documents[0].start, CORPUS.documents[0].end)


def check(answer: str, corpus: Corpus, cited: list[Span]) -> tuple[Checked, ...]:
    return quotes.check(answer, corpus, cited).found


def verdicts(answer: str, cited: Span = FIRST) -> dict[str, str]:
    return {one.claim.text: one.verdict for one in check(answer, CORPUS, [cited])}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("The fee is 4200 euros.", {"4200 euros": "verified"}),
        ("The fee is €4,200.", {"€4,200": "verified"}),
        ("The fee is 4200 dollars.", {"4200 dollars": "missing"}),
        ("It is due March 12, 2024 (2024-03-12).", {"March 12, 2024": "verified", "2024-03-12": "verified"}),
        ("It is due on the 13th of March 2024.", {"13th of March 2024": "missing"}),
        ('It says "ninety (90) days\' notice".', {"ninety (90) days' notice": "verified"}),
        ("It says “ninety (90) days’ notice.”", {"ninety (90) days’ notice": "verified"}),
        ('It says "sixty days of notice".', {"sixty days of notice": "missing"}),
        ("Notice: 90 days", {"90 days": "verified"}),
        ("The code is AX-44-B7, not AX-44-B8.", {"AX-44-B7": "verified", "AX-44-B8": "missing"}),
        ("Norway", {"Norway": "verified"}),
        ("7 contracts", {}),
        ("It is 7 years.", {"7 years": "verified"}),
        ("It is $1,250.5 in all.", {"$1,250.5": "verified"}),
        ("It is 250 in all, or 200, or 1250.", {"250": "missing", "200": "missing", "1250": "missing"}),
        (
            "1. Corvane Textiles: €310\n2. Brenvale Logistics: 42 euros [1]",
            {
                "Corvane Textiles": "elsewhere",
                "€310": "elsewhere",
                "Brenvale Logistics": "verified",
                "42 euros": "missing",
            },
        ),
    ],
)
def test_answers(answer: str, expected: dict[str, str]) -> None:
    assert verdicts(answer) == expected


def test_names_of_files_and_folders_are_said_to_be_that() -> None:
    corpus = Corpus(
        [document("The fee is EUR 9.", "Harbour/Oldham Tools.pdf"), document("Tarn is near.", "Tarn/b.txt")]
    )
    first = corpus.documents[0]
    found = check("It is Harbour which pays more than Tarn and Oldham Tool.", corpus, [Span(first.start, first.end)])
    assert [(one.claim.text, one.verdict, one.document) for one in found] == [
        ("Harbour", "title", "Harbour/Oldham Tools.pdf"),
        ("Tarn", "elsewhere", "Tarn/b.txt"),
        ("Oldham Tool", "missing", ""),
    ]
    assert wording.checks(found) == "0 of 2 quotes, names, dates and numbers stand in their source"
    assert wording.verdict(found[0]) == "names a document: Harbour/Oldham Tools.pdf"


def test_it_says_where() -> None:
    (one,) = check("The sum is €310.", CORPUS, [FIRST])
    assert one == Checked(one.claim, "elsewhere", one.span, "b.txt", "1", "p. 1")
    (two,) = check("Brenvale Logistics is bound by it.", CORPUS, [FIRST])
    assert (two.verdict, two.document, two.page) == ("verified", "a.txt", "2")


def test_a_number_is_not_part_of_another() -> None:
    for text in ("1,400", "400.5", "4000", "A400", "AX-400-B", "2.400", "4\n00"):
        assert not list(occurrences(number_pattern("400"), text, 0, len(text))), text
    for text in ("400", "€400", "400.", "(400)", "400, and", "400.00"):
        assert list(occurrences(number_pattern("400"), text, 0, len(text))), text
    assert not list(occurrences(number_pattern("40"), "400", 0, 2))  # the window's end is not the number's


@pytest.mark.parametrize(
    ("said", "written", "there"),
    [
        ("$4 million", "a sum of $4 million is due", True),
        ("$4 million", "a sum of $4,000,000 is due", True),
        ("4 million dollars", "a sum of $4 million is due", True),
        ("$1.5 million", "a sum of $1,500,000 is due", True),
        ("$0.5 million", "a sum of $500,000 is due", True),
        ("$4 million", "a sum of $4 thousand is due", False),
        ("$4 million", "a sum of $4 is due", False),
        ("$4", "a sum of $4 million is due", False),
        ("400", "400 million people", False),
        ("4 million", "4,000,000 million people", False),
        ("$4 million", "a sum of $44,000,000 is due", False),
    ],
)
def test_a_million_is_part_of_a_number(said: str, written: str, there: bool) -> None:
    corpus = Corpus([document(written)])
    (placed,) = corpus.documents
    [one] = check(f"It is {said} in all.", corpus, [Span(placed.start, placed.end)])
    assert (one.claim.text, one.verdict) == (said, "verified" if there else "missing")


@pytest.mark.parametrize("minus", ["-", "−", "–"])
def test_a_minus_sign_is_part_of_a_number(minus: str) -> None:
    for text in (
        f"growth of {minus}5%",
        f"({minus}5%)",
        f"{minus}5%",
        f"lost {minus}5 % there",
        f"a loss of {minus}$5",
    ):
        for pattern in (number_pattern("5"), number_pattern("5", "%"), number_pattern("5", "$")):
            assert not list(occurrences(pattern, text, 0, len(text))), text
    assert not list(occurrences(words_pattern("growth of 5%"), text := f"growth of {minus}5%", 0, len(text)))


def test_a_dash_that_is_no_sign_changes_nothing() -> None:
    for text in ("2–5%", "rose - 5%", "about\n- 5% of it", "non-5%", "5%-10%"):
        found = list(occurrences(words_pattern("5%"), text, 0, len(text)))
        assert found, text
    assert list(occurrences(words_pattern("growth of -5%"), "growth of -5%", 0, 13))
    assert not list(occurrences(words_pattern("growth of -5%"), "growth of 5%", 0, 12))


DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))
WRITTEN = ("{0:%Y-%m-%d}", "{0.day} {0:%B} {0.year}", "{0:%B} {0.day}, {0.year}", "{0.day} {0:%b} {0.year}")


@given(DAYS, st.sampled_from(WRITTEN), st.sampled_from(WRITTEN))
def test_a_date_is_found_however_it_is_written(day: date, said: str, written: str) -> None:
    text = f"It ends on {written.format(day)}, at noon."
    corpus = Corpus([document(text)])
    [one] = check(f"It ends on {said.format(day)}.", corpus, [Span(corpus.documents[0].start, len(corpus))])
    assert one.verdict == "verified"


@given(DAYS, DAYS, st.sampled_from(WRITTEN), st.sampled_from(WRITTEN))
def test_another_date_is_never_verified(day: date, other: date, said: str, written: str) -> None:
    assume(day != other)
    corpus = Corpus([document(f"It ends on {written.format(other)}, at noon.")])
    cited = [Span(corpus.documents[0].start, len(corpus))]
    assert all(one.verdict != "verified" for one in check(f"It ends on {said.format(day)}.", corpus, cited))


def test_spelt_numbers() -> None:
    assert list(occurrences(number_pattern("90", "days"), "ninety days", 0, 11))
    assert list(occurrences(number_pattern("42", "days"), "Forty-two days", 0, 14))
    assert not list(occurrences(number_pattern("40", "days"), "forty-two days", 0, 14))
    assert not list(occurrences(number_pattern("2", "days"), "two hundred days", 0, 16))


WORDS = st.lists(st.text("abcdeXY’é", min_size=1, max_size=6), min_size=2, max_size=8)


@given(WORDS, st.integers(1, 5), st.sampled_from(["\n", "  ", "-\n", "\u00ad", "\u00a0"]))
def test_a_true_quotation_is_verified_however_its_lines_break(words: list[str], at: int, breaking: str) -> None:
    quotation = " ".join(words)
    assume(any(character.isalnum() for character in quotation))
    text = f"Before. {quotation[:at]}{breaking}{quotation[at:]} after."
    corpus = Corpus([document(text)])
    (placed,) = corpus.documents
    found = check(f'It says "{quotation}" there.', corpus, [Span(placed.start, placed.end)])
    assert [one.verdict for one in found if one.claim.kind == "quotation"] == ["verified"]


@given(WORDS, WORDS)
def test_a_false_quotation_is_never_verified(words: list[str], other: list[str]) -> None:
    quotation, text = " ".join(words), " ".join(other)
    corpus = Corpus([document(text)])
    assume(re.sub(r"[\s’]", "", quotation) not in re.sub(r"[\s’]", "", text))
    (placed,) = corpus.documents
    found = check(f'It says "{quotation}" there.', corpus, [Span(placed.start, placed.end)])
    assert all(one.verdict == "missing" for one in found if one.claim.kind == "quotation")


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_numbers_both_ways(said: int, written: int) -> None:
    text = f"The fee is EUR {written:,}, less 12 percent."
    found = bool(list(occurrences(number_pattern(str(said), "euros"), text, 0, len(text))))
    assert found == (said == written)


NAME = st.lists(
    st.lists(st.sampled_from("bren vale cor vane dun mar tol lis".split()), min_size=1, max_size=3),
    min_size=2,
    max_size=3,
).map(lambda words: ["".join(word).capitalize() for word in words])


def names(said: list[str], text: str) -> list[str]:
    """Verdicts on the name in an answer, the text cited whole."""
    corpus = Corpus([document(text)])
    (placed,) = corpus.documents
    found = check(f"The lessee is {' '.join(said)}.", corpus, [Span(placed.start, placed.end)])
    return [one.verdict for one in found if one.claim.kind == "name"]


@given(NAME, st.sampled_from([" ", "\n", "  ", " \n "]))
def test_a_name_that_stands_there_is_verified_however_its_line_breaks(name: list[str], breaking: str) -> None:
    assert names(name, f"The berth is let to {breaking.join(name)}, of the eastern mole.") == ["verified"]


@given(NAME, NAME)
def test_another_name_is_never_verified(said: list[str], written: list[str]) -> None:
    # As whole words: that of Corvane is not that of Cor, nor of a company that only begins alike.
    assume(not any(written[at : at + len(said)] == said for at in range(len(written))))
    assert names(said, f"The berth is let to {' '.join(written)}, of the eastern mole.") == ["missing"]


@given(st.text("aA1-., \n\"“”[]()€%'", max_size=60))
def test_any_answer_can_be_checked(answer: str) -> None:
    for claim in claims(answer):
        assert answer[claim.start : claim.start + len(claim.text)] == claim.text
        re.compile(claim.pattern)
    check(answer, CORPUS, [FIRST])


def test_a_long_pattern_is_linear() -> None:
    text = "a - " * 500
    assert list(occurrences(words_pattern(text.strip()), text * 20, 0, len(text) * 20))
    assert not list(occurrences(words_pattern(text + "b"), text * 20, 0, len(text) * 20))
