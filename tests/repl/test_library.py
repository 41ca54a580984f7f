"""Helpers over documents, without a worker."""

import pytest

from rlm_desk.repl.library import Library, merged
from rlm_desk.repl.looking import Looking
from rlm_desk.repl.protocol import context_frame
from tests.repl.making import BRENVALE, corpus, document


@pytest.fixture
def library() -> Library:
    """The three contracts as a cell sees them."""
    header, body = context_frame(corpus(), 1000, 1.0, ())
    return Library(body.decode(), header["documents"])


@pytest.fixture
def looking(library: Library) -> Looking:
    return Looking(library)


def test_documents_know_their_names_and_places(library: Library) -> None:
    first, second, third = library.documents
    assert (first.name, first.title, first.path) == ("Brenvale Logistics",) * 2 + ("Harbour/Brenvale Logistics.pdf",)
    assert (second.folder, third.folder) == ("Harbour/Quay", "")
    assert first.text == BRENVALE and library.context[first.start : first.end] == BRENVALE
    assert len(first.pages) == 2 and "".join(page.text for page in first.pages) == BRENVALE
    assert str(first) == "<Document 'Brenvale Logistics', 2 pages, 96 characters>"
    assert library.document_at(0) is None  # the heading belongs to nobody


def test_a_piece_can_be_used_like_its_text(library: Library, looking: Looking) -> None:
    page = looking.page(library.documents[2], 1)
    assert page.lower().startswith("tallis") and "firm" in page and page[:6] == "Tallis"
    assert f"{page}!" == page + "!" and "!" + page == f"!{page}" and len(page) == len(str(page))
    with pytest.raises(AttributeError, match=r"its text is in \.text"):
        _ = page.content


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("brenvale", ["Brenvale Logistics"]),
        ("the  first YEAR", ["Osterly Foods"]),
        ("fee", ["Brenvale Logistics", "Osterly Foods", "Tallis"]),
        ("tallis", ["Tallis"]),
        ("nobody", []),
        ("Harbour/Quay", ["Osterly Foods"]),
    ],
)
def test_find_documents(looking: Looking, text: str, names: list[str]) -> None:
    assert [document.name for document in looking.find_documents(text)] == names


def test_find_documents_puts_names_first_then_most_hits() -> None:
    from rlm_desk.corpus import Corpus

    made = Corpus([document("a.txt", "fee"), document("b.txt", "fee fee"), document("fee.txt", "nothing")])
    header, body = context_frame(made, 1000, 1.0, ())
    found = Looking(Library(body.decode(), header["documents"])).find_documents("fee")
    assert [document.name for document in found] == ["fee", "b", "a"]


def test_folders_by_name_or_path(looking: Looking) -> None:
    assert [d.name for d in looking.folder("harbour")] == ["Brenvale Logistics", "Osterly Foods"]
    assert [d.name for d in looking.folder("Quay")] == ["Osterly Foods"]
    assert [d.name for d in looking.folder("Harbour/Quay/")] == ["Osterly Foods"]
    assert looking.folder("elsewhere") == []


def test_search_is_loose_and_located(library: Library, looking: Looking) -> None:
    (hit,) = looking.search("in the first year")
    assert hit.document is library.documents[1] and hit.page == "1"
    assert hit.match == "in the first\nyear" and hit.match in hit.text
    assert library.context[hit.start : hit.end] == hit.text
    assert looking.search("document 0").total == 0  # headings are no document's text


def test_search_by_expression_and_by_several_terms(looking: Looking) -> None:
    assert [hit.match for hit in looking.search(r"\d+ (days|a year)", regex=True)] == ["30 days", "100 a year"]
    assert [hit.match for hit in looking.search(["Irish", "March"])] == ["March", "Irish"]
    many = looking.search("e", limit=3)
    assert len(many) == 3 and many.total > 3 and f"({many.total - 3} more)" in repr(many)
    with pytest.raises(ValueError, match="not empty"):
        looking.search(" ")


def test_pages_by_number_and_label(library: Library, looking: Looking) -> None:
    first = library.documents[0]
    assert looking.page(first, 2).text == first.pages[1].text
    assert looking.pages(first, 1, "2").text == BRENVALE
    with pytest.raises(IndexError, match="has pages 1 to 2, not 3"):
        looking.page(first, 3)


@pytest.mark.parametrize("chars", [1, 7, 20, 50, 1000])
def test_split_loses_nothing(library: Library, looking: Looking, chars: int) -> None:
    for whole in (library.documents[0], library.context, "free text of the cell's own, " * 20):
        parts = looking.split(whole, chars)
        assert "".join(part.text for part in parts) == (whole if isinstance(whole, str) else whole.text)
        assert all(0 < len(part) <= chars for part in parts)


def test_split_cuts_where_the_text_does(library: Library, looking: Looking) -> None:
    first, second = looking.split(library.documents[0], 80)
    assert first.text.endswith("$4,250.\n\n") and second.text.startswith("It renews")
    assert (first.end, second.document) == (second.start, library.documents[0])
    sentences = looking.split("One is here. Two is there. Three.", 17)
    assert [part.text for part in sentences] == ["One is here. ", "Two is there. ", "Three."]
    assert [part.located for part in looking.split("fee", 10)] == [True]  # found where it first stands


def test_reads_are_merged_and_taken_once(library: Library) -> None:
    _ = library.documents[0].text, library.documents[0].pages[0].text
    ((how, helper, ranges),) = library.reads.take()
    assert (how, helper, ranges) == ("scanned", "text", [(library.documents[0].start, library.documents[0].end)])
    assert library.reads.take() == []
    assert merged({(5, 9), (1, 3), (3, 4), (8, 12)}) == [(1, 4), (5, 12)]


def test_outline_and_split_follow_the_documents_own_parts() -> None:
    from rlm_desk.corpus import Corpus, Document, Heading, Page

    text = "One. Words of one.\nTwo. Words of two.\nThree. Words of three.\n"
    two, three = text.index("Two"), text.index("Three")
    made = Document(
        "d",
        "deck.pptx",
        "slides",
        "slide",
        text,
        (Page("1", 0, two), Page("2", two, three), Page("3", three, len(text))),
        outline=(Heading("One", 1, 0), Heading("Two", 2, two), Heading("Three", 1, three)),
    )
    header, body = context_frame(Corpus([made]), 1000, 1.0, ())
    library = Library(body.decode(), header["documents"])
    looking = Looking(library)
    found = looking.outline(library.documents[0])
    assert repr(found) == "One (slide 1)\n  Two (slide 2)\nThree (slide 3)"
    assert [part.text for part in found] == [text[:three], text[two:three], text[three:]]
    ((how, helper, _), *_) = library.reads.take()
    assert (how, helper) == ("returned", "outline")
    parts = looking.split(library.documents[0], 42)
    assert [part.text for part in parts] == [text[:three], text[three:]]
    assert "slide 2" in repr(looking.search("Words of two")[0])


def test_split_still_cuts_at_pages_after_a_cut_at_a_sentence() -> None:
    from rlm_desk.corpus import Corpus, Document, Page

    first = "One is here and says a little. Two is there and says more. "
    text = first + "Three ends a page. " + "Four stands on the next page. Five does, too."
    page = text.index("Four")
    made = Document("d", "plain.txt", "text", "page", text, (Page("1", 0, page), Page("2", page, len(text))))
    header, body = context_frame(Corpus([made]), 1000, 1.0, ())
    library = Library(body.decode(), header["documents"])
    parts = [part.text for part in Looking(library).split(library.documents[0], 50)]
    assert parts[0].endswith("little. ")  # no page ends in reach: a sentence
    assert "".join(parts) == text and any(part.startswith("Four") for part in parts)
