"""Plain records a fake desk hands out: documents, estimates, answers, runs of the history, hits of a search."""

from dataclasses import dataclass, field

from rlm_desk import events as ev
from rlm_desk.corpus import Corpus, Document, Page
from rlm_desk.evidence.account import Evidence, gather


@dataclass(frozen=True)
class FakeSkipped:
    name: str
    reason: str


@dataclass(frozen=True)
class FakeProgress:
    done: int
    total: int
    name: str
    chars: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class FakeReport:
    added: tuple[Document, ...]
    skipped: tuple[FakeSkipped, ...]


@dataclass(frozen=True)
class FakeEstimate:
    tokens: int = 20_000
    seconds: float = 12.0
    basis: str = "measured on this machine"
    per_token: float = 4.0


@dataclass(frozen=True)
class FakeAnswer:
    text: str
    how: str | None
    why: str = ""


@dataclass(frozen=True)
class FakeSummary:
    id: str
    started: float
    status: str
    question: str | None
    model: str
    seconds: float
    answer: str | None = None
    error: str = ""
    demonstration: bool = True
    documents: int = 6
    chars: int = 24_000


@dataclass
class FakeKept:
    name: str
    held: Corpus
    questions: list[str] = field(default_factory=list)

    @property
    def documents(self) -> int:
        return len(self.held.documents)

    @property
    def runs(self) -> int:
        return len(self.questions)


@dataclass(frozen=True)
class FakePast:
    summary: FakeSummary
    recorded: tuple[ev.Recorded, ...]
    corpus: Corpus

    async def evidence(self) -> Evidence:
        return gather(self.corpus, self.recorded)


@dataclass(frozen=True)
class FakePageHit:
    document: str
    name: str
    page_kind: str
    label: str
    snippet: str
    marks: tuple[tuple[int, int], ...] = ()
    page: int = 0


@dataclass(frozen=True)
class FakeRunHit:
    run: str


@dataclass(frozen=True)
class FakeFound:
    pages: tuple[FakePageHit, ...] = ()
    runs: tuple[FakeRunHit, ...] = ()
    more: bool = False


def document(name: str, text: str = "The fee is 4,200 euros.\nNotice: 30 days.", pages: int = 2) -> Document:
    half = len(text) // pages
    cut = [Page(str(i + 1), i * half, (i + 1) * half if i + 1 < pages else len(text)) for i in range(pages)]
    return Document(
        f"{len(name):03x}{name.encode('utf-8', 'replace').hex()}"[:64], name, "text", "page", text, tuple(cut)
    )
