"""Sources of an answer, from the events of its run."""

from hashlib import sha256

from rlm_desk.corpus import Corpus
from rlm_desk.events import Asked, Event, NodeStarted, Recorded, Replied, RunFinished, TokenUsage
from rlm_desk.evidence.citations import PASSAGE, Citations, cite, is_none

from .making import document

FILLER = "The parties have met and talked about many things, and nothing was agreed upon in the end. " * 12
NAMES = ("Brenvale Logistics", "Corvane Textiles", "Dalmere Foods")
FEES = ("4,200", "310", "9,900")
CORPUS = Corpus(
    [
        document(f"{FILLER}The annual fee is EUR {fee}, payable in March. {FILLER}", f"Harbour/{name}.txt", 5)
        for name, fee in zip(NAMES, FEES, strict=True)
    ]
)


class Recording:
    """Events of a run, with their texts."""

    def __init__(self) -> None:
        self.recorded: list[Recorded] = []

    def add(self, kind: type[Event], brings: str | None = None, **fields: object) -> None:  # type: ignore[valid-type]
        event = kind(run="r", seq=len(self.recorded), at=0.0, **fields)  # type: ignore[operator]
        texts = {} if brings is None else {digest(brings): brings}
        self.recorded.append(Recorded(event=event, texts=texts))

    def call(self, node: int, document: int, reply: str, role: str = "call") -> None:
        placed = CORPUS.documents[document]
        self.add(NodeStarted, node=node, parent=1, role=role, depth=1, label="x")
        self.add(Asked, node=node, turn=0, messages=(), shown=((placed.start, placed.end),))
        self.add(
            Replied,
            reply,
            node=node,
            turn=0,
            text=digest(reply),
            finish="stop",
            usage=TokenUsage(),
            seconds=0.1,
        )

    def cite(self, answer: str) -> Citations:
        self.add(RunFinished, answer, status="answered", answer=digest(answer), seconds=1.0)
        return cite(CORPUS, self.recorded)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def test_the_call_whose_reply_is_in_the_answer() -> None:
    recording = Recording()
    for node, reply in enumerate(("4200", "none", "9,900"), 2):
        recording.call(node, node - 2, reply)
    (source,) = recording.cite("The fee is 9,900 euros.").sources
    assert (source.number, source.node, source.reply, source.document) == (1, 4, "9,900", 2)
    assert source.name == "Harbour/Dalmere Foods.txt"
    assert source.passage == "The annual fee is EUR 9,900, payable in March."
    assert source.pages == ("3",)
    assert source.located
    assert CORPUS.text[source.span.start : source.span.end] == source.passage


def test_a_reply_in_another_format_is_found_in_its_document() -> None:
    recording = Recording()
    recording.call(2, 0, "4200")
    (source,) = recording.cite("4200").sources
    assert "EUR 4,200" in source.passage


def test_the_document_that_the_answer_names() -> None:
    recording = Recording()
    for node, reply in enumerate(("4200", "310", "9900"), 2):
        recording.call(node, node - 2, reply)
    (source,) = recording.cite("Corvane Textiles has the lowest.").sources
    assert source.document == 1


def test_a_count_rests_on_all_that_found_something() -> None:
    recording = Recording()
    for node, reply in enumerate(("yes", "no", "Yes."), 2):
        recording.call(node, node - 2, reply)
    found = recording.cite("2 of them")
    assert [source.document for source in found.sources] == [0, 2]
    assert not any(source.located for source in found.sources)
    assert all(len(source.passage) <= PASSAGE for source in found.sources)


def test_all_none_is_no_source() -> None:
    recording = Recording()
    recording.call(2, 0, "none")
    recording.call(3, 1, "Not found in the text.")
    assert recording.cite("No contract says so.") == Citations((), 0)


def test_a_plain_answer_rests_on_what_it_was_shown() -> None:
    recording = Recording()
    recording.call(0, 0, "4,200", role="root")
    (source,) = recording.cite("4,200").sources
    assert source.node == 0
    assert "EUR 4,200" in source.passage


def test_purged_texts_give_no_source() -> None:
    recording = Recording()
    recording.call(2, 0, "4,200")
    recording.cite("4,200")
    bare = [Recorded(event=one.event) for one in recording.recorded]
    assert cite(CORPUS, bare) == Citations((), 0)


def test_none() -> None:
    for reply in ("", "none", "None.", "N/A", " not found ", "Not stated in this contract."):
        assert is_none(reply), reply
    for reply in ("no", "0", "None of the parties may leave before 2025.", "nonesuch"):
        assert not is_none(reply), reply
