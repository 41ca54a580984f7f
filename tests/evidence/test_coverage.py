"""The ledger against a count of every single character."""

from hypothesis import given
from hypothesis import strategies as st

from rlm_desk.corpus import Corpus, Document, Page
from rlm_desk.events import Asked, Nudged, Read, Recorded, Refused, Replied, TokenUsage
from rlm_desk.evidence.coverage import Amount, Coverage

from .making import Range, document

CORPUS = Corpus([document("x" * 40, "a", 4), document("y" * 7, "b", 2), document("z" * 30, "c", 3)])
SPANS = st.lists(st.tuples(st.integers(0, len(CORPUS)), st.integers(0, len(CORPUS))), max_size=6)


def asked(*spans: Range, node: int = 0) -> Asked:
    return Asked(run="r", seq=0, at=0.0, node=node, turn=0, messages=(), shown=spans)


def replied(node: int = 0) -> Replied:
    return Replied(run="r", seq=0, at=0.0, node=node, turn=0, text="", finish="stop", usage=TokenUsage(), seconds=0.0)


def show(coverage: Coverage, *spans: Range) -> bool:
    coverage.add(asked(*spans))
    return coverage.add(replied())


def read(how: str, *spans: Range) -> Read:
    return Read(run="r", seq=0, at=0.0, node=0, how=how, helper="search", spans=spans)  # type: ignore[arg-type]


@given(SPANS, SPANS, SPANS)
def test_every_character_counts_once_as_the_best_of_its_readings(
    shown: list[Range], returned: list[Range], scanned: list[Range]
) -> None:
    coverage = Coverage(CORPUS)
    for event in (read("scanned", *scanned), asked(*shown), read("returned", *returned), replied()):
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
    assert show(coverage, (start + 9, start + 11))
    assert not show(coverage, (start + 9, start + 11))  # nothing new
    assert coverage.add(read("returned", (start + 20, start + 40)))
    assert not coverage.add(Nudged(run="r", seq=0, at=0.0, node=0, turn=0, reason="x"))
    assert coverage.headline() == "read 2 of 9 pages"  # the end of one page, the beginning of the next
    assert Coverage(Corpus([document("x")])).headline() == "read 0 of 1 page"


def test_a_page_that_nobody_could_read_was_read_by_no_model() -> None:
    pages = (Page("1", 0, 5), Page("2", 5, 9, "no text layer"), Page("3", 9, 9), Page("4", 9, 9, "damaged"))
    corpus = Corpus([Document("a", "a.pdf", "pdf", "page", "First\n--\n", pages)])
    coverage = Coverage(corpus)
    show(coverage, (0, len(corpus)))
    (scan,) = coverage.documents()
    assert coverage.headline() == "read 1 of 4 pages"
    assert (scan.pages_read, scan.unread) == (1, ("2", "4"))


def test_headings_count_for_nobody() -> None:
    coverage = Coverage(CORPUS, [Recorded(event=asked((0, CORPUS.documents[0].start))), Recorded(event=replied())])
    assert coverage.amount == Amount(0, 0, 0, 77)


def test_thousands_of_spans_and_frames_in_between() -> None:
    corpus = Corpus([document("x" * 5000, str(n), 3) for n in range(1000)])
    coverage = Coverage(corpus)
    for n in range(20_000):
        show(coverage, (n * 250, n * 250 + 200))
        if n % 100 == 0:  # a frame
            coverage.headline(), coverage.take_changed(), coverage.strip(n // 20, 40)
    assert coverage.pages_read > 2900


def test_a_prompt_that_nobody_answered_showed_nobody_anything() -> None:
    start = CORPUS.documents[0].start
    coverage = Coverage(CORPUS)
    coverage.add(asked((start, start + 40), node=3))
    assert coverage.pages_read == 0
    coverage.add(Refused(run="r", seq=0, at=0.0, node=3, turn=0, tokens=9000, window=2048))
    coverage.add(replied(node=4))
    assert coverage.pages_read == 0
    coverage.add(replied(node=3))
    assert coverage.pages_read == 4


def test_a_strip_shows_where_a_document_was_read() -> None:
    coverage = Coverage(CORPUS)
    placed = CORPUS.documents[0]
    assert [cell.state for cell in coverage.strip(0, 4)] == ["untouched"] * 4
    show(coverage, (placed.start, placed.start + 5))
    coverage.add(read("returned", (placed.start + 20, placed.start + 30)))
    coverage.add(read("scanned", (placed.start, placed.start + 40)))
    strip = coverage.strip(0, 4)
    assert [cell.state for cell in strip] == ["shown", "scanned", "returned", "scanned"]
    assert [cell.shown for cell in strip] == [0.5, 0.0, 0.0, 0.0]
    assert coverage.take_changed() == {0}
    assert coverage.take_changed() == frozenset()
    assert len(coverage.strip(1, 80)) == 80  # more cells than characters
    assert Coverage(Corpus([document("")])).strip(0, 3)[0].state == "untouched"


@given(SPANS, st.integers(1, 50))
def test_a_strip_tells_what_the_amounts_tell(shown: list[Range], cells: int) -> None:
    coverage = Coverage(CORPUS)
    show(coverage, *shown)
    for index, found in enumerate(coverage.documents()):
        strip = coverage.strip(index, cells)
        assert len(strip) == cells
        assert any(cell.state == "shown" for cell in strip) == bool(found.amount.shown)
        assert all(0.0 <= cell.shown <= 1.0 for cell in strip)
