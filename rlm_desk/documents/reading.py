"""The host's side of one extraction worker: deadlines, restarts, one question and one answer at a time."""

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rlm_desk.clean import one_line
from rlm_desk.confine.worker import Worker
from rlm_desk.documents import answers
from rlm_desk.documents.answers import Read
from rlm_desk.documents.extracted import OCR_IS_OFF
from rlm_desk.documents.find import Found, Skipped
from rlm_desk.documents.formats import BY_KIND
from rlm_desk.documents.picture import Picture
from rlm_desk.errors import WorkerDied
from rlm_desk.wire import Header

STALL_SECONDS = 60.0
"""A document is given up when no page of it was finished for so long."""
BASE_SECONDS = 20.0
SECONDS_PER_BYTE = 60.0 / 2**20
"""All a document may take: BASE_SECONDS (a small honest one takes less than one), and a minute for each megabyte."""
OCR_SECONDS = 120.0
"""What one scanned page may take, however few bytes it has."""
MIB = 2**20
BASE_MEMORY = 768 * MIB
MEMORY_PER_BYTE = 12
"""Address space: the libraries, and the file, its text and what lies between several times over."""
LEAST_MEMORY, MAX_MEMORY = 1024 * MIB, 4096 * MIB
MOST_PAGES = 24
"""A document with more is read by all workers together."""

OnPage = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: where it was found, and its bytes."""

    found: Found
    identity: str
    """sha256 of its bytes, hex."""
    data: bytes
    password: str | None = None


@dataclass(frozen=True, slots=True)
class Many:
    """A long document that its worker holds open."""

    source: Source
    total: int
    """Pages."""


@dataclass(frozen=True, slots=True)
class Locked:
    """A password is needed."""

    tried: bool
    """One was given, and is wrong."""


Outcome = Read | Skipped | Many | Locked


def most_seconds(size: int) -> float:
    """What a document of `size` bytes may take: each answer about it, and all its pages together, OCR excepted."""
    return BASE_SECONDS + size * SECONDS_PER_BYTE


class ReadingWorker:
    """One worker process, started when a file needs it, started again after one that it did not survive."""

    def __init__(self, ocr: str = "", allow_unconfined: bool = False) -> None:
        self._allow_unconfined = allow_unconfined
        self._worker: Worker | None = None
        self._memory = 0
        self._kinds: frozenset[str] = frozenset()
        """What the next worker loads."""
        self._loaded: frozenset[str] = frozenset()
        self._ocr, self._recognises, self._ordinal = ocr, False, 0
        self.no_ocr = "" if ocr else OCR_IS_OFF  # why scanned pages are not read, once that is known
        self._held: tuple[Source, int] | None = None

    async def extract(self, source: Source, on_page: OnPage, recognise: bool = False) -> Outcome:
        """Read one file. What the file does to the worker ends as a reason in Skipped.

        Args:
            recognise: give a document with scanned pages back as Many, so that `recognise` can be asked of it.

        Raises:
            ConfinementError: the worker cannot be confined.
            WorkerDied: no worker can be started at all.
        """
        found = source.found
        worker = await self._ready(len(source.data), {found.kind})
        try:
            return await self._extract(worker, source, on_page, recognise)
        except TimeoutError:
            await self.close(grace=0)
            return Skipped(found.name, "took too long to read, and its reader was ended")
        except WorkerDied as problem:
            await self.close(grace=0)
            return Skipped(found.name, f"made its reader stop ({problem.reason})")
        except BaseException:  # cancelled in the middle: the next answer would be for a document nobody waits for
            await self.close(grace=0)
            raise

    async def pages(self, many: Many, first: int, last: int) -> list[Any]:
        """Records of some pages of a long document.

        Raises:
            WorkerDied, TimeoutError: these pages ended the worker; it is started again with the next.
        """
        header, body = await self._of_many(many, {"type": "read", "first": first, "last": last})
        return await self._records(header, body, last - first)

    async def recognise(self, many: Many, page: int) -> Any:
        """The record of a page read by OCR. Raises as `pages` does."""
        header, body = await self._of_many(many, {"type": "recognise", "page": page}, ocr=True)
        return (await self._records(header, body, 1))[0]

    async def hold(self, source: Source) -> Outcome:
        """Open a document of pages without reading them: Many, or why not. Raises as `pages` does."""
        try:
            return await self._hold(await self._ready(len(source.data), {source.found.kind}), source)
        except BaseException:
            await self.close(grace=0)
            raise

    async def picture(self, many: Many, page: int, width: int, height: int) -> Picture | Skipped:
        """A page drawn into a box of pixels, which `fits`. Raises as `pages` does."""
        asked: Header = {"type": "picture", "page": page, "width": width, "height": height}
        header, body = await self._of_many(many, asked)
        if header["type"] == "skipped":
            return Skipped(many.source.found.name, one_line(str(header.get("reason", "")), 200))
        try:
            if header["type"] != "picture":
                raise ValueError(str(header["type"]))
            return answers.picture(header, body, width, height)
        except (ValueError, KeyError) as problem:
            raise await self._violation(f"a picture that makes no sense: {problem}") from problem

    async def finish(self, many: Many, records: Sequence[Any], whole: bool) -> Read | Skipped:
        """The long document, put together. Raises as `pages` does.

        Args:
            whole: look for labels, outline and facts too.
        """
        found = many.source.found
        raw = json.dumps(records).encode()
        asked: Header = {"type": "finish", "whole": whole, "no_ocr": self.no_ocr}
        header, body = await self._of_many(many, asked, body=raw)
        self._held = None
        outcome = await self._outcome(header, body, many.source)
        if isinstance(outcome, Read | Skipped):
            return outcome
        raise await self._violation(f"{header['type']!r} to the end of {found.kind}")

    async def recognises(self) -> str:
        """Languages OCR has on this machine, `eng+deu`; empty without it."""
        if not self._ocr:
            return ""
        worker = await self._ready(0, set(), ocr=True)
        self.no_ocr = one_line(str(worker.ready.get("no_ocr", "")), 100)
        return one_line(str(worker.ready.get("ocr", "")), 100)

    async def close(self, grace: float = 2.0) -> None:
        """End the process, if there is one."""
        worker, self._worker = self._worker, None
        self._held = None
        if worker is not None:
            if not grace:
                worker.kill()
            await worker.close(grace)

    def prepare(self, kinds: Iterable[str]) -> None:
        """Load the readers of these kinds with the next worker that is started."""
        self._kinds |= frozenset(kinds)

    async def warm(self, size: int) -> None:
        """Be ready for a part of a document of `size` bytes, before it is asked for. Raises as `extract` does."""
        await self._ready(size, set())

    async def _ready(self, size: int, kinds: set[str], ocr: bool = False) -> Worker:
        memory = min(MAX_MEMORY, max(LEAST_MEMORY, BASE_MEMORY + MEMORY_PER_BYTE * size))
        lacking = self._memory < memory or not kinds <= self._loaded or (ocr and not self._recognises)
        if self._worker is not None and (not self._worker.alive or lacking):
            await self.close()
        if self._worker is None:
            self._memory = memory
            self._kinds |= kinds
            config: Header = {"kinds": sorted(self._kinds), "ocr": self._ocr if ocr else ""}
            self._worker = await Worker.spawn(
                "extraction", config, address_space=memory, allow_unconfined=self._allow_unconfined
            )
            self._loaded, self._recognises, self._held = self._kinds, ocr, None
        return self._worker

    async def _extract(self, worker: Worker, source: Source, on_page: OnPage, recognise: bool) -> Outcome:
        self._ordinal += 1
        found = source.found
        asked: Header = {"type": "extract", "id": self._ordinal, "name": found.name, "kind": found.kind}
        asked |= {"most": MOST_PAGES, "recognise": recognise, "no_ocr": self.no_ocr}
        if source.password is not None:
            asked["password"] = source.password
        header, body = await self._ask(worker, asked, source.data, len(source.data), on_page)
        if header["type"] == "other":
            kind = header.get("kind")
            if kind not in BY_KIND or kind in self._loaded:
                raise await self._violation("another kind that it should know")
            other = replace(source, found=replace(found, kind=str(kind)))
            return await self._extract(await self._ready(len(source.data), {str(kind)}), other, on_page, recognise)
        return await self._outcome(header, body, source)

    async def _outcome(self, header: Header, body: bytes, source: Source) -> Outcome:
        """An answer to a whole file, checked."""
        found = source.found
        kind, total = header["type"], header.get("total")
        if kind == "skipped":
            pages = header.get("pages", 0)
            reason = one_line(str(header.get("reason", "")), 200) or "cannot be read"
            return Skipped(found.name, reason, pages if type(pages) is int and 0 < pages < answers.MAX_PAGES else 0)
        if kind == "locked":
            return Locked(header.get("tried") is True)
        if kind == "many" and type(total) is int and 0 < total < answers.MAX_PAGES and header.get("kind") in BY_KIND:
            actual = replace(source, found=replace(found, kind=str(header["kind"])))
            self._held = (actual, self._ordinal)
            return Many(actual, total)
        if kind in ("document", "files"):
            try:
                return answers.document(header, body, found.name, source.identity)
            except (ValueError, TypeError, KeyError) as problem:
                raise await self._violation(f"a document that makes no sense: {problem}") from problem
        raise await self._violation(f"{kind!r}")

    async def _of_many(self, many: Many, asked: Header, ocr: bool = False, body: bytes = b"") -> tuple[Header, bytes]:
        """Ask about a long document, handing it over first where this worker does not hold it."""
        source = many.source
        try:
            worker = await self._ready(len(source.data), {source.found.kind}, ocr)
            if self._held is None or self._held[0] is not source:
                again = await self._hold(worker, source)
                if not isinstance(again, Many) or again.total != many.total:
                    raise await self._violation("another document than before")
                self._held = (source, self._ordinal)
            return await self._ask(worker, {**asked, "id": self._held[1]}, body, len(source.data))
        except BaseException:
            await self.close(grace=0)
            raise

    async def _hold(self, worker: Worker, source: Source) -> Outcome:
        self._ordinal += 1
        hold: Header = {"type": "hold", "id": self._ordinal, "name": source.found.name, "kind": source.found.kind}
        hold["password"] = source.password
        header, body = await self._ask(worker, hold, source.data, len(source.data))
        return await self._outcome(header, body, source)

    async def _ask(
        self, worker: Worker, asked: Header, data: bytes, size: int, on_page: OnPage | None = None
    ) -> tuple[Header, bytes]:
        # Sending is inside the clock: a worker that stops reading would hold it for ever.
        async with asyncio.timeout(OCR_SECONDS if asked["type"] == "recognise" else most_seconds(size)):
            worker.resume()
            await worker.send(asked, data)
            while True:
                header, body = await worker.receive(STALL_SECONDS)
                if header["type"] == "failed":  # its last words: the file did not even fit in
                    memory = header.get("error") == "MemoryError"
                    reason = "it ran out of memory" if memory else one_line(str(header.get("sentence", "")))
                    raise WorkerDied("extraction", reason, worker.stderr_tail())
                if header.get("id") != asked["id"]:
                    raise await worker.violation("an answer to something else")
                if header["type"] != "page":
                    worker.pause()  # whatever a document may have made of it computes no further
                    return header, body
                done, total = header.get("done"), header.get("total")
                if isinstance(done, int) and isinstance(total, int) and on_page is not None:
                    on_page(done, total)

    async def _records(self, header: Header, body: bytes, count: int) -> list[Any]:
        if header["type"] == "skipped":
            await self.close(grace=0)
            raise WorkerDied("extraction", one_line(str(header.get("reason", ""))), "")
        try:
            if header["type"] != "pages":
                raise ValueError(str(header["type"]))
            return await asyncio.to_thread(answers.records, body, count)
        except (ValueError, TypeError, RecursionError) as problem:
            raise await self._violation(f"pages that make no sense: {problem}") from problem

    async def _violation(self, what: str) -> WorkerDied:
        if self._worker is None:
            return WorkerDied("extraction", what)
        problem = await self._worker.violation(what)
        await self.close(grace=0)
        return problem
