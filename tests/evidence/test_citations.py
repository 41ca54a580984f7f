"""Sources of an answer, from the events of its run."""

from rlm_desk.events import Recorded
from rlm_desk.evidence.citations import PASSAGE, Citations, cite, is_none

from .recording import CORPUS, Recording


def cited(recording: Recording, answer: str) -> Citations:
    recording.finish(answer)
    return cite(CORPUS, recording.recorded)


def test_the_call_whose_reply_is_in_the_answer() -> None:
    recording = Recording()
    for node, reply in enumerate(("4200", "none", "9,900"), 2):
        recording.call(node, node - 2, reply)
    (source,) = cited(recording, "The fee is 9,900 euros.").sources
    assert (source.number, source.node, source.reply, source.document) == (1, 4, "9,900", 2)
    assert source.name == "Harbour/Dalmere Foods.txt"
    assert source.passage == "The annual fee is EUR 9,900, payable in March."
    assert source.pages == ("3",)
    assert source.located
    assert CORPUS.text[source.span.start : source.span.end] == source.passage


def test_a_reply_in_another_format_is_found_in_its_document() -> None:
    recording = Recording()
    recording.call(2, 0, "4200")
    (source,) = cited(recording, "4200").sources
    assert "EUR 4,200" in source.passage


def test_the_document_that_the_answer_names() -> None:
    recording = Recording()
    for node, reply in enumerate(("4200", "310", "9900"), 2):
        recording.call(node, node - 2, reply)
    (source,) = cited(recording, "Corvane Textiles has the lowest.").sources
    assert source.document == 1


def test_a_count_rests_on_all_that_found_something() -> None:
    recording = Recording()
    for node, reply in enumerate(("yes", "no", "Yes."), 2):
        recording.call(node, node - 2, reply)
    found = cited(recording, "2 of them")
    assert [source.document for source in found.sources] == [0, 2]
    assert not any(source.located for source in found.sources)
    assert all(len(source.passage) <= PASSAGE for source in found.sources)


def test_all_none_is_no_source() -> None:
    recording = Recording()
    recording.call(2, 0, "none")
    recording.call(3, 1, "Not found in the text.")
    found = cited(recording, "No contract says so.")
    assert (found.sources, found.total) == ((), 0)
    assert [statement.sources for statement in found.statements] == [()]


def test_a_plain_answer_rests_on_what_it_was_shown() -> None:
    recording = Recording()
    recording.call(0, 0, "4,200", role="root")
    (source,) = cited(recording, "4,200").sources
    assert source.node == 0
    assert "EUR 4,200" in source.passage


def test_purged_texts_give_no_source() -> None:
    recording = Recording()
    recording.call(2, 0, "4,200")
    cited(recording, "4,200")
    bare = [Recorded(event=one.event) for one in recording.recorded]
    assert cite(CORPUS, bare) == Citations((), 0)


def test_none() -> None:
    for reply in ("", "none", "None.", "N/A", " not found ", "Not stated in this contract."):
        assert is_none(reply), reply
    for reply in ("no", "0", "None of the parties may leave before 2025.", "nonesuch"):
        assert not is_none(reply), reply


def test_the_words_that_hold_the_fact_are_marked() -> None:
    recording = Recording()
    recording.call(2, 2, "9900")
    (source,) = cited(recording, "It is 9,900 a year.").sources
    assert source.parts == ("The annual fee is EUR ", "9,900", ", payable in March.")
    assert source.basis == "value"


def test_of_several_places_the_one_that_the_question_is_about() -> None:
    recording = Recording(question="What is the fee?")
    recording.call(2, 0, "4,200", asked="What is the annual fee?")
    text = CORPUS.documents[0].document.text
    assert text.count("4,200") == 2  # the number of crates too
    (source,) = cited(recording, "4,200").sources
    assert source.passage == "The annual fee is EUR 4,200, payable in March."


def test_each_statement_has_its_own_sources() -> None:
    recording = Recording()
    for node, reply in enumerate(("4200", "310", "9900"), 2):
        recording.call(node, node - 2, reply)
    answer = "The fees are:\n- Brenvale Logistics: EUR 4,200\n- Dalmere Foods: EUR 9,900\n- The moon is far away."
    found = cited(recording, answer)
    assert [statement.lead for statement in found.statements] == [True, False, False, False]
    assert [statement.sources for statement in found.statements] == [(), (1,), (2,), ()]
    assert [source.document for source in found.sources] == [0, 2]
    assert answer[found.statements[1].start : found.statements[1].end] == "Brenvale Logistics: EUR 4,200"


def test_a_counted_number_is_not_the_reply_it_happens_to_equal() -> None:
    recording = Recording(question="How many contracts have a fee above 300?")
    for node, reply in enumerate(("4200", "3", "9900"), 2):
        recording.call(node, node - 2, reply)
    assert [source.document for source in cited(recording, "3").sources] == [0, 1, 2]


def test_what_code_printed_to_the_root_is_a_source_too() -> None:
    recording = Recording()
    placed = CORPUS.documents[1]
    recording.shown(0, placed.start, placed.end)
    (source,) = cited(recording, "The annual fee is EUR 310.").sources
    assert (source.node, source.document, source.reply) == (0, 1, "")


def test_a_prompt_that_was_refused_is_no_source() -> None:
    recording = Recording()
    recording.call(2, 0, "4200", refused=True)
    assert cited(recording, "4200").sources == ()


def test_more_than_are_listed_are_counted() -> None:
    recording = Recording()
    for node in range(2, 9):
        recording.call(node, node % 3, "yes")
    recording.finish("7")
    assert cite(CORPUS, recording.recorded, limit=2).total == 7
    assert len(cite(CORPUS, recording.recorded, limit=2).sources) <= 2
