"""Events and documents for the store's tests."""

from hashlib import sha256

from rlm_desk.corpus import Document, Page
from rlm_desk.events import (
    BudgetLimits,
    DocumentRef,
    ModelRef,
    Nudged,
    PartialReply,
    Recorded,
    RunFinished,
    RunStarted,
)


def digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def started(
    run: str = "run1",
    question: str = "Who pays?",
    documents: tuple[str, ...] = (),
    at: float = 100.0,
    told: tuple[str, ...] = (),
) -> Recorded:
    event = RunStarted(
        run=run,
        seq=0,
        at=at,
        question=digest(question),
        documents=tuple(DocumentRef(id=id, name=f"{id}.txt", chars=5, pages=1) for id in documents),
        chars=5 * len(documents),
        model=ModelRef(name="desk-tiny", sha256="0" * 64, demonstration=True),
        dialect="desk",
        profile="small",
        route="recursive",
        budget=BudgetLimits(),
        told=told,
    )
    return Recorded(event=event, texts={digest(question): question})


def partial(run: str, seq: int, text: str) -> Recorded:
    event = PartialReply(run=run, seq=seq, at=100.0 + seq, node=0, turn=0, text=digest(text))
    return Recorded(event=event, texts={digest(text): text})


def nudged(run: str, seq: int, reason: str = "no code") -> Recorded:
    return Recorded(event=Nudged(run=run, seq=seq, at=100.0 + seq, node=0, turn=0, reason=reason))


def finished(run: str, seq: int, answer: str = "Brenvale") -> Recorded:
    event = RunFinished(run=run, seq=seq, at=100.0 + seq, status="answered", answer=digest(answer), seconds=4.5)
    return Recorded(event=event, texts={digest(answer): answer})


def document(id: str = "d1", text: str = "Fees are due.\fNotice: 30 days.", name: str = "a/b.txt") -> Document:
    cut = text.find("\f") + 1
    return Document(
        id=id,
        name=name,
        kind="text",
        page_kind="page",
        text=text,
        pages=(Page("1", 0, cut), Page("2", cut, len(text))),
        notes=("1 of 3 pages has no text layer",),
    )
