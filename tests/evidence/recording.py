"""Events of a run over three small contracts, with their texts."""

from hashlib import sha256

from rlm_desk.corpus import Corpus
from rlm_desk.events import (
    Asked,
    BudgetLimits,
    DocumentRef,
    Event,
    MessageRef,
    ModelRef,
    NodeStarted,
    Piece,
    Recorded,
    Refused,
    Replied,
    RunFinished,
    RunStarted,
    TokenUsage,
)

from .making import document

FILLER = "The parties have met and talked about many things, and nothing was agreed upon in the end. " * 12
NAMES = ("Brenvale Logistics", "Corvane Textiles", "Dalmere Foods")
FEES = ("4,200", "310", "9,900")
CORPUS = Corpus(
    [
        document(
            f"There are {fee} crates in the hall. {FILLER}The annual fee is EUR {fee}, payable in March. {FILLER}",
            f"Harbour/{name}.txt",
            5,
        )
        for name, fee in zip(NAMES, FEES, strict=True)
    ]
)


class Recording:
    """A run that is written down by hand."""

    def __init__(self, question: str = "What is the annual fee?", skipped: tuple[str, ...] = ()) -> None:
        self.recorded: list[Recorded] = []
        documents = [placed.document for placed in CORPUS.documents]
        self.add(
            RunStarted,
            question,
            question=digest(question),
            documents=tuple(
                DocumentRef(id=one.id, name=one.name, chars=len(one.text), pages=len(one.pages)) for one in documents
            ),
            chars=len(CORPUS),
            model=ModelRef(name="m", sha256=""),
            dialect="desk",
            profile="full",
            route="recursive",
            budget=BudgetLimits(),
            skipped=tuple({"name": name, "reason": "is encrypted"} for name in skipped),
        )
        self.add(NodeStarted, node=0, parent=None, role="root", depth=0, label="x")
        self.add(NodeStarted, node=1, parent=0, role="batch", depth=1, label="What is the annual fee?", items=3)

    def add(self, kind: type[Event], brings: str | None = None, **fields: object) -> None:  # type: ignore[valid-type]
        event = kind(run="r", seq=len(self.recorded), at=0.0, **fields)  # type: ignore[operator]
        texts = {} if brings is None else {digest(brings): brings}
        self.recorded.append(Recorded(event=event, texts=texts))

    def call(
        self, node: int, index: int, reply: str, role: str = "call", asked: str = "", refused: bool = False
    ) -> None:
        placed = CORPUS.documents[index]
        self.add(NodeStarted, node=node, parent=1, role=role, depth=1, label="x")
        messages = (MessageRef(role="user", pieces=(Piece(blob=digest(asked)),)),)
        self.add(Asked, asked, node=node, turn=0, messages=messages, shown=((placed.start, placed.end),))
        if refused:
            self.add(Refused, node=node, turn=0, tokens=9000, window=2048, shown=((placed.start, placed.end),))
        else:
            self.reply(node, 0, reply)

    def shown(self, node: int, start: int, end: int) -> None:
        """A root or child whose code printed some of the corpus."""
        self.add(Asked, node=node, turn=1, messages=(), shown=((start, end),))
        self.reply(node, 1, "FINAL(x)")

    def reply(self, node: int, turn: int, text: str, finish: str = "stop") -> None:
        usage = TokenUsage()
        self.add(Replied, text, node=node, turn=turn, text=digest(text), finish=finish, usage=usage, seconds=0.1)

    def finish(self, answer: str) -> None:
        self.add(RunFinished, answer, status="answered", answer=digest(answer), seconds=1.0)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
