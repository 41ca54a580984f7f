"""A small corpus and hosts for REPL tests."""

from typing import Any

from rlm_desk.corpus import Corpus, Document, Page
from rlm_desk.repl.calls import Call

BRENVALE = "Brenvale Logistics agrees to pay a yearly fee of $4,250.\n\nIt renews each March. Notice: 30 days."
OSTERLY = "Osterly Foods pays nothing in the first\nyear. The fee after it is  1,100 a year.\n\nIrish law governs."
TALLIS = "Tallis – “a small firm” – has no fee at all."


def document(name: str, text: str, pages: int = 2) -> Document:
    """A document of about equal pages."""
    cuts = [len(text) * i // pages for i in range(pages + 1)]
    places = tuple(Page(str(i + 1), cuts[i], cuts[i + 1]) for i in range(pages))
    return Document(id=name, name=name, kind="text", page_kind="page", text=text, pages=places)


def corpus() -> Corpus:
    """Three contracts in two folders."""
    return Corpus(
        [
            document("Harbour/Brenvale Logistics.pdf", BRENVALE),
            document("Harbour/Quay/Osterly Foods.txt", OSTERLY),
            document("Tallis.md", TALLIS, pages=1),
        ]
    )


class FakeHost:
    """Stands where the loop stands: answers each call by a rule, and keeps the calls."""

    def __init__(self, *answers: Any) -> None:
        self.calls: list[Call] = []
        self._answers = answers

    async def __call__(self, call: Call) -> list[Any]:
        """The next scripted list or error, else `reply 0`, `reply 1`..."""
        self.calls.append(call)
        if len(self.calls) <= len(self._answers):
            answer = self._answers[len(self.calls) - 1]
            if isinstance(answer, BaseException):
                raise answer
            return list(answer)
        return [f"reply {i}" for i in range(len(call.items))]
