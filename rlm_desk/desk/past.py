"""A stored run, taken up again: its events, and the corpus that its offsets mean."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rlm_desk.corpus import Corpus, Document, Page
from rlm_desk.errors import UsageError
from rlm_desk.events import DocumentRef, Recorded, RunStarted
from rlm_desk.evidence.account import Evidence, gather
from rlm_desk.evidence.leftout import REMOVED
from rlm_desk.rlm.tree import Tree
from rlm_desk.store import RunSummary, Store

GONE = "\ufffd"
"""Stands for every character of a document whose text was purged, so that the offsets of the others stay right."""


@dataclass(frozen=True, slots=True)
class PastRun:
    """What is kept of a run."""

    summary: RunSummary
    recorded: tuple[Recorded, ...]
    corpus: Corpus
    """As it was; a purged document is there with its length and without its text (kind `removed`)."""

    async def evidence(self) -> Evidence:
        """What its answer rests on, worked out beside the event loop."""
        return await asyncio.to_thread(gather, self.corpus, self.recorded)


async def load(store: Store, run: str) -> PastRun:
    """A run by its id, the start of one, or `last`.

    Raises:
        UsageError: there is none, or there are several.
        StoreError: the store cannot be read.
    """
    summary = await store.find_run(run)
    recorded = tuple(await store.events(summary.id))
    started = next((one.event for one in recorded if isinstance(one.event, RunStarted)), None)
    references = started.documents if started else ()
    documents = await store.run_documents(summary.id)
    return PastRun(summary, recorded, corpus_of(references, documents))


async def carried(path: Path, *, allow_unconfined: bool = False) -> PastRun:
    """A run out of a bundle that somebody else wrote; it is not put into the store.

    Raises:
        UsageError: it is no bundle, was changed, or holds no run.
        ConfinementError: this machine cannot confine the worker that reads it.
    """
    from rlm_desk.report.bundle import open_bundle

    bundle = await open_bundle(path, allow_unconfined=allow_unconfined)
    tree = Tree()
    for one in bundle.recorded:
        tree.apply(one)
    tree.interrupt()
    view = tree.snapshot()
    if view.started is None or view.status == "waiting":
        raise UsageError(f"{path.name} holds no run.", "Ask whoever made it for a new one.")
    hidden = bundle.redacted
    summary = RunSummary(
        id=bundle.run,
        started=view.started.at,
        status=view.status,
        question=None if hidden else view.question,
        answer=None if hidden or not view.answer else view.answer,
        error=view.error,
        model=view.model,
        demonstration=view.demonstration,
        documents=len(view.started.documents),
        chars=view.started.chars,
        seconds=view.elapsed(),
        events=len(bundle.recorded),
    )
    return PastRun(summary, bundle.recorded, bundle.corpus)


def corpus_of(references: Sequence[DocumentRef], documents: Sequence[Document | None]) -> Corpus:
    """The corpus of a run, from what its first event says of the documents and what is still there of them."""
    kept = [*documents, *[None] * (len(references) - len(documents))]
    return Corpus(
        replace(document, name=reference.name)
        if document is not None and len(document.text) == reference.chars
        else _stand_in(reference)
        for reference, document in zip(references, kept, strict=False)
    )


def _stand_in(reference: DocumentRef) -> Document:
    pages = tuple(
        Page(str(n + 1), reference.chars * n // reference.pages, reference.chars * (n + 1) // reference.pages)
        for n in range(reference.pages)
    )
    return Document(reference.id, reference.name, REMOVED, "page", GONE * reference.chars, pages)
