"""Files to Documents through confined workers, several at a time, in the order they were found."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol

from rlm_desk.corpus import Document
from rlm_desk.documents.find import Rules, Skipped, find
from rlm_desk.documents.painter import Painter
from rlm_desk.documents.picture import Picture
from rlm_desk.documents.progress import OnProgress, Progress
from rlm_desk.documents.reading import ReadingWorker
from rlm_desk.documents.session import Reading
from rlm_desk.errors import DocumentError

__all__ = ["AskPassword", "DocumentCache", "Extractor", "OnProgress", "Progress", "Rules", "Skipped", "none_readable"]

AskPassword = Callable[[str, bool], Awaitable[str | None]]
"""Asked with a document's name and whether the last password was wrong; None gives the document up."""


class DocumentCache(Protocol):
    """Where extracted documents are kept: the store, as this room sees it."""

    async def get_kept(
        self, wanted: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], tuple[Document | None, list[tuple[str, str, str, str]] | None]]:
        """What readers made of some bytes, by (id, reader): the document, and the fields of `Member` inside it."""

    async def put_document(self, document: Document, reader: str = "") -> None:
        """Keep it."""

    async def put_members(self, id: str, reader: str, members: Sequence[tuple[str, str, str, str]]) -> None:
        """Keep that."""

    async def get_files(self, files: Sequence[tuple[str, int, int]]) -> dict[str, str]:
        """Ids of files' bytes by path, of those (path, size, time of change in ns) that are as they were when read."""

    async def put_files(self, files: Sequence[tuple[str, int, int, str]]) -> None:
        """Keep them: path, size, time of change, id."""


class Extractor:
    """Reads documents in confined workers, which are started when the first file needs one."""

    def __init__(self, ocr: str = "", rules: Rules | None = None) -> None:
        """`ocr`: languages for scanned pages as tesseract names them (`eng+deu`); empty for no OCR."""
        self.allow_unconfined = False
        """Whether workers started from now on may go on where this machine has no boundary layer."""
        self._workers: list[ReadingWorker] = []
        self._painter: Painter | None = None
        self._busy = asyncio.Lock()
        self._ocr = ocr
        self._rules = rules or Rules()
        self.passwords: list[str] = []
        """Tried on every encrypted document before anybody is asked."""
        self._asked: set[str] = set()
        self.ask_password: AskPassword | None = None
        """How to ask for one; None: nobody is there to ask."""

    async def start(self, workers: int = 0) -> None:
        """Say how many files are read at once; 0: one per core, at most four.

        The processes are spawned when needed and kept until `close`.
        """
        count = workers or min(max(os.cpu_count() or 1, 2), 4)
        self._workers = [ReadingWorker(self._ocr, self.allow_unconfined) for _ in range(count)]

    async def close(self) -> None:
        """End the workers."""
        await asyncio.gather(*(worker.close() for worker in self._workers))
        self._workers = []
        if self._painter is not None:
            await self._painter.close()
            self._painter = None

    async def recognises(self) -> str:
        """Languages OCR has on this machine; empty without it. Starts a worker to find out."""
        async with self._busy:
            if not self._workers:
                await self.start()
            return await self._workers[0].recognises()

    async def read(
        self,
        paths: Sequence[Path | str],
        on_progress: OnProgress | None = None,
        cache: DocumentCache | None = None,
    ) -> tuple[list[Document], list[Skipped]]:
        """Read files, folders and patterns. Documents come in the order found, whichever was ready first.

        What lies in an archive or is attached to a message follows it. `on_progress` is called on the event loop's
        thread after every file, and about four times a second within a long one. One reading at a time: a second
        waits for the first.

        Raises:
            DocumentError: a path does not exist, or there is more than may be read at once. A file that cannot be
                read is no error: it is skipped, with a reason.
            ConfinementError: this machine cannot confine the workers.
            StoreError: the cache cannot be written.
        """
        found, skipped = await asyncio.to_thread(find, paths, self._rules)
        async with self._busy:
            if not self._workers:
                await self.start()
            for worker in self._workers:
                worker.prepare(one.kind for one in found)
            reading = Reading(found, on_progress or _ignore, cache, self._password, self._ocr)
            await reading.recall()
            try:
                async with asyncio.TaskGroup() as group:
                    for worker in self._workers:
                        group.create_task(reading.run(worker))
                await reading.keeping.settle()
            except BaseExceptionGroup as group_problem:
                raise group_problem.exceptions[0] from None
            finally:
                await reading.keeping.remember()
        documents, unread = reading.results()
        return documents, skipped + unread

    async def picture(
        self,
        document: Document,
        places: Sequence[Path],
        page: int,
        width: int,
        height: int,
        holders: Sequence[Path] = (),
    ) -> Picture:
        """A page of a PDF as pixels; see `Painter.picture`, which it raises as."""
        self._painter = self._painter or Painter(self.allow_unconfined)
        return await self._painter.picture(document, places, self.passwords, page, width, height, holders)

    async def _password(self, name: str, tried: Sequence[str]) -> str | None:
        """The password to try next on a document, after others: those known, then what a person says."""
        known = next((one for one in self.passwords if one not in tried), None)
        if known is not None or self.ask_password is None:
            return known
        given = await self.ask_password(name, any(one in self._asked for one in tried))
        if given is not None:
            self._asked.add(given)
            if given not in self.passwords:
                self.passwords.append(given)  # the next one is often locked with the same
        return given


def none_readable(skipped: Sequence[Skipped]) -> DocumentError:
    """The error for a reading that gave no document, with the first reasons."""
    if not skipped:
        return DocumentError("There are no files there.", "Open a folder with documents in it.")
    first = "; ".join(f"{one.name} {one.reason}" for one in skipped[:3])
    more = f"; and {len(skipped) - 3:,} more" if len(skipped) > 3 else ""
    return DocumentError(f"Nothing could be read: {first}{more}.", "Open documents that have text in them.")


def _ignore(progress: Progress) -> None:
    """Nobody wants to know."""
