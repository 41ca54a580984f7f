"""Answers made to hold the app: one thing again and again, and patterns that go back over it."""

import time

import pytest

from rlm_desk.corpus import Corpus, Span
from rlm_desk.evidence import finding, quotes, statements
from rlm_desk.evidence.account import Evidence, gather
from rlm_desk.evidence.quotes import check

from .making import document
from .recording import CORPUS, Recording

CHARS = 60_000
SECONDS = 8.0
"""Of processor time, on any machine; most of these took minutes once, and take half a second."""

HOSTILE = {
    "codes without digits": "a/",
    "codes": "a1/",
    "one code": "A1-",
    "a code that fails": "A1-B_",
    "many codes": "A1 ",
    "thousands": "1'111",
    "commas": "1,",
    "sums": "EUR 1,000 ",
    "dates": "12 March 2024 ",
    "quotation marks": '"',
    "open quotations": "“a",
    "quotations": '"ab" ',
    "capitals": "A ",
    "names": "Harbour Tarn. ",
    "names in one line": "Harbour Tarn, ",
    "statements": "a. ",
    "lines": "a\n",
    "abbreviations": "e.g. ",
    "single letters": "A. ",
    "numbers of a list": "1. ",
    "exclamations": "!",
    "no": "no ",
    "none": "none. ",
    "blanks": " ",
    "sorry": "not stated ",
    "units": "1 per cent",
    "minus signs": "-1",
    "headings": "#",
}


def account(answer: str) -> Evidence:
    recording = Recording("How many are there? And what is the annual fee?")
    recording.call(2, 0, "4,200")
    recording.call(3, 1, answer[:5000])
    recording.finish(answer)
    return gather(CORPUS, recording.recorded)


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_answer_is_looked_at_in_no_time(kind: str) -> None:
    answer = (HOSTILE[kind] * CHARS)[: CHARS - 1] + "_"  # the end does not fit: a pattern goes back
    began = time.process_time()
    evidence = account(answer)
    assert time.process_time() - began < SECONDS
    assert evidence.answer == answer
    assert len(evidence.statements) <= statements.STATEMENTS


def test_what_was_not_looked_up_is_said() -> None:
    answer = "Unit A1 costs EUR 4,200. " * 600
    evidence = account(answer)
    assert len(evidence.statements) == statements.STATEMENTS
    assert len(evidence.checked) == quotes.CLAIMS
    assert evidence.gaps[0].kind == "unchecked"
    assert evidence.gaps[0].text == (
        "The answer is very long: its last 2,499 characters were not tied to sources, and 700 names, numbers, dates "
        "and quotations were not looked up."
    )
    assert not [gap for gap in account("Unit A1 costs EUR 4,200. " * 6).gaps if gap.kind == "unchecked"]


def test_a_hostile_document_does_not_make_looking_endless() -> None:
    # Every name of the answer stands in the text a million times, but never as a word.
    corpus = Corpus([document("xQ7x" * 500_000, "a.txt")])
    began = time.process_time()
    checks = check(", ".join(f"Q7 Tarn{n:04d}" for n in range(400)), corpus, [Span(0, 100)])
    assert time.process_time() - began < SECONDS
    assert (len(checks.found) + checks.left, checks.left > 0) == (800, True)


def test_a_claim_that_was_not_looked_for_to_the_end_is_not_called_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "TRIES", 2)
    corpus = Corpus([document("A1x " * 1000 + "B2 ends it.", "a.txt")])
    checks = check("It is A1 or B2.", corpus, [Span(0, 100)])
    assert (checks.found, checks.left) == ((), 2)
    monkeypatch.undo()
    assert [one.verdict for one in check("It is A1 or B2.", corpus, [Span(0, 100)]).found] == ["missing", "elsewhere"]


def test_many_claims_broken_over_lines_are_found_in_one_pass() -> None:
    corpus = Corpus([document("\n".join(f"Brenva-\nle{n:03d} pays." for n in range(50)), "a.txt")])
    answer = "; ".join(f"it is Brenvale{n:03d}" for n in range(0, 60, 10))
    found = check(answer, corpus, []).found
    assert [one.verdict for one in found] == ["elsewhere"] * 5 + ["missing"]
