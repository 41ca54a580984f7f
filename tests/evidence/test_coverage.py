"""The ledger against a count of every single character."""

import time

from hypothesis import given
from hypothesis import strategies as st

from rlm_desk.corpus import Corpus
from rlm_desk.events import Asked, Nudged, Read, Recorded
from rlm_desk.evidence.coverage import Amount, Coverage

from .making import Range, document

CORPUS = Corpus([document("x" * 40, "a", 4), document("y" * 7, "b", 2), document("z" * 30, "c", 3)])
SPANS = st.lists(st.tuples(st.integers(0, len(CORPUS)), st.integers(0, len(CORPUS))), max_size=6)


def asked(*spans: Range) -> Asked:
    return Asked(run="r", seq=0, at=0.0, node=0, turn=0, messages=(), shown=spans)


def read(how: str, *spans: Range) -> Read:
    return Read(run="r", seq=0, at=0.0, node=0, how=how, helper="search", spans=spans)  # type: ignore[arg-type]


@given(SPANS, SPANS, SPANS)
def test_every_character_counts_once_as_the_best_of_its_readings(
    shown: list[Range], returned: list[Range], scanned: list[Range]
) -> None:
    coverage = Coverage(CORPUS)
    for event in (read("scanned", *scanned), asked(*shown), read("returned", *returned)):
        coverage.add(event)
    best = ["untouched"] * len(CORPUS)
    for name, spans in (("scanned", scanned), ("returned", returned), ("shown", shown)):
        for start, end in spans:
            for at in range(start, end):
                best[at] = name

    def count(start: int, end: int) -> Amount:
        kinds = best[start:end]
        return Amount(*(kinds.count(name) for name in ("shown", "returned", "scanned", "untouched")))

    for placed, found in zip(CORPUS.documents, coverage.documents(), strict=True):
        assert found.amount == count(placed.start, placed.end)
        for page, on_page in zip(placed.document.pages, found.pages, strict=True):
            assert on_page.amount == count(placed.start + page.start, placed.start + page.end)
    amounts = [found.amount for found in coverage.documents()]
    assert coverage.amount == Amount(*(sum(getattr(a, name) for a in amounts) for name in Amount.__slots__))
    assert coverage.amount.chars == 77
    assert coverage.pages_read == sum(found.pages_read for found in coverage.documents())


def test_headline() -> None:
    coverage = Coverage(CORPUS)
    assert coverage.headline() == "read 0 of 9 pages"
    start = CORPUS.documents[0].start
    assert coverage.add(asked((start + 9, start + 11)))
    assert coverage.add(read("returned", (start + 20, start + 40)))
    assert not coverage.add(Nudged(run="r", seq=0, at=0.0, node=0, turn=0, reason="x"))
    assert coverage.headline() == "read 2 of 9 pages"  # the end of one page, the beginning of the next
    assert Coverage(Corpus([document("x")])).headline() == "read 0 of 1 page"


def test_headings_count_for_nobody() -> None:
    coverage = Coverage(CORPUS, [Recorded(event=asked((0, CORPUS.documents[0].start)))])
    assert coverage.amount == Amount(0, 0, 0, 77)


def test_thousands_of_spans_are_fast() -> None:
    corpus = Corpus([document("x" * 5000, str(n), 3) for n in range(1000)])
    coverage = Coverage(corpus)
    began = time.perf_counter()
    for n in range(20_000):
        coverage.add(asked((n * 250, n * 250 + 200)))
    assert coverage.pages_read > 2900
    assert time.perf_counter() - began < 2.0
