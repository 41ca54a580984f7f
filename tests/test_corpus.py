"""One string, and the way back from its offsets."""

from hypothesis import given
from hypothesis import strategies as st

from rlm_desk.corpus import Corpus, Document, Page, Span

TEXTS = st.lists(st.text(max_size=40), max_size=6)


def document(number: int, text: str) -> Document:
    half = len(text) // 2
    return Document(
        str(number), f"f/d{number}.txt", "text", "page", text, (Page("1", 0, half), Page("2", half, len(text)))
    )


@given(TEXTS)
def test_every_character_leads_back_to_its_document_and_page(texts: list[str]) -> None:
    corpus = Corpus(document(i, text) for i, text in enumerate(texts))
    for index, placed in enumerate(corpus.documents):
        assert corpus.text[placed.start : placed.end] == texts[index]
        for offset in range(placed.start, placed.end):
            found = corpus.locate(offset)
            assert found is not None
            assert found[0] is placed
            assert found[1].start <= offset - placed.start < found[1].end


def test_headings_belong_to_no_document() -> None:
    corpus = Corpus([document(0, "alpha"), document(1, "beta")])
    assert corpus.locate(0) is None
    assert corpus.locate(corpus.documents[0].end) is None
    assert corpus.locate(len(corpus)) is None


def test_citing_a_span_over_two_documents_names_their_pages() -> None:
    corpus = Corpus([document(0, "alpha"), document(1, "beta")])
    first, second = corpus.documents
    cited = [(placed.document.id, page.label) for placed, page in corpus.cite(Span(first.end - 1, second.start + 1))]
    assert cited == [("0", "2"), ("1", "1")]
    assert first.document.title == "d0"
    assert first.document.folder == "f"
