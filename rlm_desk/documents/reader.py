"""Files to Documents through confined workers, several at a time, in the order they were found."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from rlm_desk.corpus import Document
from rlm_desk.documents.find import Found, Skipped, find
from rlm_desk.documents.formats import BY_KIND
from rlm_desk.documents.reading import ReadingWorker
from rlm_desk.errors import DocumentError

__all__ = ["DocumentCache", "Extractor", "Progress", "Skipped", "none_readable"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reading is. Time left is about `seconds / done * (total - done)`."""

    done: int
    """Files finished, skipped ones too."""
    total: int
    name: str
    """The file that was finished last, or whose page is."""
    chars: int
    """Characters extracted so far."""
    seconds: float
    page: int = 0
    """Within a long document: pages done; 0 when a document was finished."""
    pages: int = 0
    pages_done: int = 0
    """Pages of all documents so far."""

    @property
    def pages_per_second(self) -> float:
        """Pages, or what stands for them, a second."""
        return self.pages_done / max(self.seconds, 0.01)

    @property
    def seconds_left(self) -> float | None:
        """About; None when it is too early to say. Files count alike, and a file's pages as parts of it."""
        share = (self.done + (self.page / self.pages if self.pages else 0.0)) / max(self.total, 1)
        return None if share < 0.01 or self.seconds < 0.5 else self.seconds / share * (1 - share)

    def line(self) -> str:
        """``3 of 12 files, page 40 of 117 of a.pdf, 85 pages/s, about 9 s left``."""
        parts = [f"{self.done:,} of {self.total:,} files"]
        if self.pages:
            parts.append(f"{self.page:,} of {self.pages:,} pages of {self.name}")
        parts.append(f"{self.pages_per_second:,.0f} pages/s")
        if self.seconds_left is not None and self.seconds_left >= 1:
            parts.append(f"about {self.seconds_left:,.0f} s left")
        return ", ".join(parts)


OnProgress = Callable[[Progress], None]


class DocumentCache(Protocol):
    """Where extracted documents are kept: the store, as this room sees it."""

    async def get_document(self, id: str, reader: str | None = None) -> Document | None:
        """The document with these bytes as `reader` made it."""

    async def put_document(self, document: Document, reader: str = "") -> None:
        """Keep it."""


class Extractor:
    """Reads documents in confined workers, which are started when the first file needs one."""

    def __init__(self) -> None:
        self.allow_unconfined = False
        """Whether workers started from now on may go on where this machine has no boundary layer."""
        self._workers: list[ReadingWorker] = []
        self._busy = asyncio.Lock()

    async def start(self, workers: int = 2) -> None:
        """Say how many files are read at once. The processes are spawned when needed and kept until `close`."""
        self._workers = [ReadingWorker(self.allow_unconfined) for _ in range(workers)]

    async def close(self) -> None:
        """End the workers."""
        await asyncio.gather(*(worker.close() for worker in self._workers))
        self._workers = []

    async def read(
        self,
        paths: Sequence[Path | str],
        on_progress: OnProgress | None = None,
        cache: DocumentCache | None = None,
    ) -> tuple[list[Document], list[Skipped]]:
        """Read files, folders and patterns. Documents come in the order found, whichever was ready first.

        `on_progress` is called on the event loop's thread after every file, and about four times a second within
        a long one. One reading at a time: a second waits for the first.

        Raises:
            DocumentError: a path does not exist. A file that cannot be read is no error: it is skipped, with a reason.
            ConfinementError: this machine cannot confine the workers.
            StoreError: the cache cannot be written.
        """
        found, skipped = await asyncio.to_thread(find, paths)
        async with self._busy:
            if not self._workers:
                await self.start()
            for worker in self._workers:
                worker.prepare(one.kind for one in found)
            reading = _Reading(found, on_progress or _ignore, cache)
            try:
                async with asyncio.TaskGroup() as group:
                    for worker in self._workers[: max(1, len(found))]:
                        group.create_task(reading.run(worker))
            except BaseExceptionGroup as group_problem:
                raise group_problem.exceptions[0] from None
        documents = [one for one in reading.results if isinstance(one, Document)]
        return documents, skipped + [one for one in reading.results if isinstance(one, Skipped)]


class _Reading:
    """One call of `read`: the files left, the results, and what to tell."""

    def __init__(self, found: list[Found], on_progress: OnProgress, cache: DocumentCache | None) -> None:
        self.results: list[Document | Skipped | None] = [None] * len(found)
        self._found = found
        self._left: Iterator[int] = iter(range(len(found)))
        self._on_progress = on_progress
        self._cache = cache
        self._done = self._chars = self._pages = 0
        self._under_way: dict[str, int] = {}
        self._started = time.monotonic()

    async def run(self, worker: ReadingWorker) -> None:
        """Take files until none is left."""
        for index in self._left:
            found = self._found[index]
            result = await self._one(found, worker)
            self.results[index] = result
            self._done += 1
            self._under_way.pop(found.name, None)
            self._pages += len(result.pages) if isinstance(result, Document) else 0
            self._chars += len(result.text) if isinstance(result, Document) else 0
            self._tell(found.name)

    async def _one(self, found: Found, worker: ReadingWorker) -> Document | Skipped:
        try:
            data, identity = await asyncio.to_thread(_load, found.path)
        except OSError as problem:
            return Skipped(found.name, f"cannot be opened: {problem.strerror}")
        tag = BY_KIND[found.kind].tag
        if self._cache is not None and (known := await self._cache.get_document(identity, tag)) is not None:
            return replace(known, name=found.name)
        result = await worker.extract(found, identity, data, lambda page, pages: self._tell(found.name, page, pages))
        if self._cache is not None and isinstance(result, Document):
            await self._cache.put_document(result, tag)
        return result

    def _tell(self, name: str, page: int = 0, pages: int = 0) -> None:
        seconds = time.monotonic() - self._started
        if page:
            self._under_way[name] = page
        read = self._pages + sum(self._under_way.values())
        self._on_progress(Progress(self._done, len(self._found), name, self._chars, seconds, page, pages, read))


def none_readable(skipped: Sequence[Skipped]) -> DocumentError:
    """The error for a reading that gave no document, with the first reasons."""
    if not skipped:
        return DocumentError("There are no files there.", "Open a folder with documents in it.")
    first = "; ".join(f"{one.name} {one.reason}" for one in skipped[:3])
    more = f"; and {len(skipped) - 3:,} more" if len(skipped) > 3 else ""
    return DocumentError(f"Nothing could be read: {first}{more}.", "Open documents that have text in them.")


def _load(path: Path) -> tuple[bytes, str]:
    data = path.read_bytes()
    return data, hashlib.sha256(data).hexdigest()


def _ignore(progress: Progress) -> None:
    """Nobody wants to know."""
