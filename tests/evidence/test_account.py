"""All that can be said for and against an answer."""

import pytest

from rlm_desk.corpus import Corpus, Document, Page
from rlm_desk.events import Missing, NodeFinished
from rlm_desk.evidence.account import Evidence, gather

from .making import document
from .recording import CORPUS, Recording


def account(recording: Recording, answer: str) -> Evidence:
    recording.finish(answer)
    return gather(CORPUS, recording.recorded)


def test_a_right_answer_stands_on_its_passage() -> None:
    recording = Recording()
    recording.call(2, 0, "4,200")
    evidence = account(recording, "Brenvale Logistics pays EUR 4,200, due in April 2024.")
    assert evidence.standing == "supported"
    assert evidence.sentence == "Rests on 1 passage in 1 document."
    assert {one.claim.text: (one.verdict, one.source) for one in evidence.checked} == {
        "Brenvale Logistics": ("title", 0),
        "EUR 4,200": ("verified", 1),
        "April": ("missing", 0),
        "2024": ("missing", 0),
    }
    assert evidence.headline == "read 5 of 15 pages"
    assert evidence.documents[1].unread == ("1", "2", "3", "4", "5")
    assert evidence.amount.chars == sum(len(placed.document.text) for placed in CORPUS.documents)
    assert evidence.source(1).passage == "The annual fee is EUR 4,200, payable in March."
    with pytest.raises(KeyError):
        evidence.source(2)


def test_a_claim_is_looked_up_in_what_its_own_statement_cites() -> None:
    recording = Recording()
    recording.call(2, 0, "4,200")
    recording.call(3, 2, "9,900")
    # The figures are swapped: each stands in the other's source.
    evidence = account(recording, "- Brenvale Logistics: EUR 9,900\n- Dalmere Foods: EUR 4,200")
    fees = [one for one in evidence.checked if one.claim.kind == "number"]
    assert [one.verdict for one in fees] == ["verified", "verified"]  # by value: the statement cites where it stands
    assert [evidence.source(one.source).document for one in fees] == [2, 0]


def test_partly_and_unsupported() -> None:
    recording = Recording()
    recording.call(2, 0, "4,200")
    evidence = account(recording, "The fee is 4,200. The sun shines on everybody.")
    assert evidence.standing == "partly"
    assert evidence.sentence == "1 statement without a source. 10 pages of 15 were not read."
    bare = Recording()
    assert account(bare, "The fee is high.").standing == "unsupported"
    assert account(Recording(), "").standing == "none"


def test_not_found_says_what_was_not_read() -> None:
    recording = Recording()
    recording.call(2, 0, "none")
    evidence = account(recording, "The documents do not state it.")
    assert evidence.standing == "not_found"
    assert evidence.sentence == "Not found in what was read. 10 pages of 15 were not read."


def test_nothing_is_left_out_in_silence() -> None:
    recording = Recording(skipped=("locked.pdf",))
    recording.call(2, 0, "4,200")
    recording.call(3, 1, "", refused=True)
    recording.add(NodeFinished, node=3, status="failed", error="too large")
    recording.call(4, 2, "a long rep")
    recording.reply(4, 1, "a long rep", finish="length")
    recording.add(Missing, node=1, items=(2,))
    evidence = account(recording, "4,200")
    assert [gap.kind for gap in evidence.gaps] == ["refused", "cut", "missing", "skipped"]
    texts = " ".join(gap.text for gap in evidence.gaps)
    assert "9,000 tokens, 2,048 fit" in texts
    assert "1 of 3 sub-calls gave no usable answer" in texts
    assert "locked.pdf was not read: is encrypted." in texts
    assert evidence.gaps[0].node == 3
    assert evidence.pages_read == 10


def test_pages_without_text_and_removed_documents_are_named() -> None:
    scan = Document("a", "a.pdf", "pdf", "page", "", (Page("1", 0, 0),), ("1 of 1 pages has no text layer",))
    gone = Document("b", "b.pdf", "removed", "page", "??", (Page("1", 0, 2),))
    evidence = gather(Corpus([scan, gone, document("x", "c.txt")]), Recording().recorded)
    assert [gap.kind for gap in evidence.gaps] == ["removed", "unreadable"]


def test_a_strip_of_a_finished_run() -> None:
    recording = Recording()
    recording.call(2, 0, "4,200")
    evidence = account(recording, "4,200")
    assert {cell.state for cell in evidence.strip(CORPUS, 0, 20)} == {"shown"}
    assert {cell.state for cell in evidence.strip(CORPUS, 1, 20)} == {"untouched"}
