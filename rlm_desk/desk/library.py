"""The documents that are open, and the corpus they make."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rlm_desk.corpus import Corpus, Document
from rlm_desk.documents.reader import Extractor, Progress, Skipped
from rlm_desk.store import Store

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What one `load` brought."""

    added: tuple[Document, ...]
    skipped: tuple[Skipped, ...]
    duplicates: int
    """Files whose bytes were open already."""


class Library:
    """Open documents, in the order they were opened. Extraction runs in workers; results are kept in the store."""

    def __init__(self, store: Store, extractor: Extractor) -> None:
        self._store = store
        self._extractor = extractor
        self._documents: list[Document] = []
        self.skipped: list[Skipped] = []
        self.corpus = Corpus([])

    async def load(self, paths: Sequence[Path | str], on_progress: OnProgress | None = None) -> LoadReport:
        """Read files, folders and globs and add them.

        Raises:
            DocumentError: a path does not exist, or nothing in it can be read.
        """
        documents, skipped = await self._extractor.read(paths, on_progress, cache=self._store)
        known = {(document.id, document.name) for document in self._documents}
        added = [document for document in documents if (document.id, document.name) not in known]
        self._documents += added
        self.skipped += skipped
        self.corpus = Corpus(self._documents)
        return LoadReport(tuple(added), tuple(skipped), len(documents) - len(added))

    def remove(self, document_id: str) -> None:
        """Close a document. What runs have read of it stays in the history until it is purged."""
        self._documents = [document for document in self._documents if document.id != document_id]
        self.corpus = Corpus(self._documents)

    def clear(self) -> None:
        """Close all documents."""
        self._documents, self.skipped, self.corpus = [], [], Corpus([])
