"""The host's side of one extraction worker: deadlines, restarts, and a close look at what it says."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from rlm_desk.clean import one_line
from rlm_desk.confine.worker import Worker
from rlm_desk.corpus import Document, Page
from rlm_desk.documents.find import Found, Skipped
from rlm_desk.documents.formats import BY_KIND, PAGE_KINDS
from rlm_desk.errors import WorkerDied
from rlm_desk.wire import Header

STALL_SECONDS = 60.0
"""A document is given up when no page of it was finished for so long."""
BASE_SECONDS = 120.0
SECONDS_PER_BYTE = 60.0 / 2**20
"""All a document may take: BASE_SECONDS, and a minute for each megabyte."""
MIB = 2**20
BASE_MEMORY = 768 * MIB
MEMORY_PER_BYTE = 12
"""Address space: the libraries, and the file, its text and what lies between several times over."""
LEAST_MEMORY, MAX_MEMORY = 1024 * MIB, 4096 * MIB
MAX_NOTES = 20

OnPage = Callable[[int, int], None]


class ReadingWorker:
    """One worker process, started when a file needs it, started again after one that it did not survive."""

    def __init__(self, allow_unconfined: bool = False) -> None:
        self._allow_unconfined = allow_unconfined
        self._worker: Worker | None = None
        self._memory = 0
        self._kinds: frozenset[str] = frozenset()
        """What the next worker loads."""
        self._loaded: frozenset[str] = frozenset()
        self._ordinal = 0

    async def extract(self, found: Found, identity: str, data: bytes, on_page: OnPage) -> Document | Skipped:
        """Read one file. What the file does to the worker ends as a reason in Skipped.

        Raises:
            ConfinementError: the worker cannot be confined.
            WorkerDied: no worker can be started at all.
        """
        worker = await self._ready(len(data), {found.kind})
        self._ordinal += 1
        try:
            return await self._ask(worker, found, identity, data, on_page)
        except TimeoutError:
            await self.close(grace=0)
            return Skipped(found.name, "took too long to read, and its reader was ended")
        except WorkerDied as problem:
            await self.close(grace=0)
            return Skipped(found.name, f"made its reader stop ({problem.reason})")
        except BaseException:  # cancelled in the middle: the next answer would be for a document nobody waits for
            await self.close(grace=0)
            raise

    async def _ask_other(self, found: Found, identity: str, data: bytes, on_page: OnPage) -> Document | Skipped:
        """Ask a worker that has loaded the reader for what the file turned out to be."""
        return await self._ask(await self._ready(len(data), {found.kind}), found, identity, data, on_page)

    async def close(self, grace: float = 2.0) -> None:
        """End the process, if there is one."""
        worker, self._worker = self._worker, None
        if worker is not None:
            if not grace:
                worker.kill()
            await worker.close(grace)

    def prepare(self, kinds: Iterable[str]) -> None:
        """Load the readers of these kinds with the next worker that is started."""
        self._kinds |= frozenset(kinds)

    async def _ready(self, size: int, kinds: set[str]) -> Worker:
        memory = min(MAX_MEMORY, max(LEAST_MEMORY, BASE_MEMORY + MEMORY_PER_BYTE * size))
        too_small = self._memory < memory or not kinds <= self._loaded
        if self._worker is not None and (not self._worker.alive or too_small):
            await self.close()
        if self._worker is None:
            self._memory = memory
            self._kinds |= kinds
            self._worker = await Worker.spawn(
                "extraction",
                {"kinds": sorted(self._kinds)},
                address_space=memory,
                allow_unconfined=self._allow_unconfined,
            )
            self._loaded = self._kinds
        return self._worker

    async def _ask(
        self, worker: Worker, found: Found, identity: str, data: bytes, on_page: OnPage
    ) -> Document | Skipped:
        # Sending is inside the clock: a worker that stops reading would hold it for ever.
        async with asyncio.timeout(BASE_SECONDS + len(data) * SECONDS_PER_BYTE):
            header: Header = {"type": "extract", "id": self._ordinal, "name": found.name, "kind": found.kind}
            await worker.send(header, data)
            while True:
                header, body = await worker.receive(STALL_SECONDS)
                if header["type"] == "failed":  # its last words: the file did not even fit in
                    memory = header.get("error") == "MemoryError"
                    reason = "it ran out of memory" if memory else one_line(str(header.get("sentence", "")))
                    raise WorkerDied("extraction", reason, worker.stderr_tail())
                if header.get("id") != self._ordinal:
                    raise await worker.violation("an answer to something else")
                if header["type"] == "page":
                    done, total = header.get("done"), header.get("total")
                    if isinstance(done, int) and isinstance(total, int):
                        on_page(done, total)
                elif header["type"] == "other":
                    kind = header.get("kind")
                    if kind not in BY_KIND or kind in self._loaded:
                        raise await worker.violation("another kind that it should know")
                    return await self._ask_other(replace(found, kind=str(kind)), identity, data, on_page)
                elif header["type"] == "skipped":
                    return Skipped(found.name, one_line(str(header.get("reason", "")), 200) or "cannot be read")
                elif header["type"] == "document":
                    try:
                        return _document(header, body, found.name, identity)
                    except (ValueError, TypeError, KeyError) as problem:
                        raise await worker.violation(f"a document that makes no sense: {problem}") from problem
                else:
                    raise await worker.violation(f"{header['type']!r}")


def _document(header: Header, body: bytes, name: str, identity: str) -> Document:
    """Check everything a worker says about a document. Raises ValueError, TypeError or KeyError."""
    text = body.decode("utf-8")
    kind, page_kind, notes = header["kind"], header["page_kind"], header["notes"]
    if kind not in BY_KIND or page_kind not in PAGE_KINDS:
        raise ValueError("unknown kind")
    if not isinstance(notes, list) or len(notes) > MAX_NOTES:
        raise ValueError("notes")
    return Document(
        id=identity,
        name=name,
        kind=kind,
        page_kind=page_kind,
        text=text,
        pages=tuple(_pages(header["pages"], len(text))),
        notes=tuple(one_line(str(note), 300) for note in notes),
    )


def _pages(raw: Any, length: int) -> list[Page]:
    """Pages that tile the text. Raises ValueError or TypeError."""
    pages: list[Page] = []
    offset = 0
    for label, start, end in raw:
        if type(start) is not int or type(end) is not int or start != offset or not start <= end <= length:
            raise ValueError("pages that do not follow each other")
        pages.append(Page(one_line(str(label), 60), start, end))
        offset = end
    if offset != length or not pages:
        raise ValueError("pages that do not cover the text")
    return pages
