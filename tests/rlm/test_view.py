"""Offsets of a child, translated to the run's corpus."""

from rlm_desk.corpus import Corpus, Document, Page, Span
from rlm_desk.rlm.view import View


def corpus(*texts: str) -> Corpus:
    return Corpus(
        Document(str(i), f"d{i}.txt", "text", "page", t, (Page("1", 0, len(t)),)) for i, t in enumerate(texts)
    )


def test_a_childs_characters_are_found_in_the_runs_corpus() -> None:
    whole = corpus("alpha", "beta", "gamma")
    child = View.of(whole).documents([2, 0])
    for placed, word in zip(child.corpus.documents, ("gamma", "alpha"), strict=True):
        (origin,) = child.origin(Span(placed.start, placed.end))
        assert whole.text[origin.start : origin.end] == word


def test_headings_lie_nowhere_and_spans_split_around_them() -> None:
    whole = corpus("alpha", "beta")
    view = View.of(whole)
    first, second = whole.documents
    assert view.origin(Span(0, first.start)) == []
    assert view.origin(Span(first.start + 2, second.start + 2)) == [
        Span(first.start + 2, first.end),
        Span(second.start, second.start + 2),
    ]


def test_a_passage_keeps_its_place_and_made_up_text_has_none() -> None:
    whole = corpus("alpha beta gamma")
    start = whole.documents[0].start + 6
    passage = View.of(whole).passage("beta", Span(start, start + 4), "part")
    (origin,) = passage.origin(Span(passage.corpus.documents[0].start, len(passage.corpus)))
    assert whole.text[origin.start : origin.end] == "beta"
    made = View.of(whole).passage("made up", None, "part")
    assert made.origin(Span(0, len(made.corpus))) == []


def test_a_passage_over_a_heading_and_two_documents_keeps_the_place_of_each() -> None:
    whole = corpus("alpha", "beta", "gamma")
    first, second, _ = whole.documents
    cut = Span(0, second.end)  # as `split(context)` gives it: it begins with a heading
    passage = View.of(whole).passage(whole.text[: second.end], cut, "part")
    base = passage.corpus.documents[0].start
    for placed, word in ((first, "alpha"), (second, "beta")):
        (origin,) = passage.origin(Span(base + placed.start, base + placed.end))
        assert whole.text[origin.start : origin.end] == word
    assert passage.origin(Span(base, base + first.start)) == []


def test_a_grandchild_translates_through_both() -> None:
    whole = corpus("alpha", "beta", "gamma")
    grandchild = View.of(whole).documents([1, 2]).documents([1])
    placed = grandchild.corpus.documents[0]
    (origin,) = grandchild.origin(Span(placed.start, placed.end))
    assert whole.text[origin.start : origin.end] == "gamma"
