"""One call of `Extractor.read`: the files that are left, the long document that all help with, what came of each."""

import asyncio
import contextlib
import hashlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from rlm_desk.corpus import Document
from rlm_desk.documents.answers import Inside, Read
from rlm_desk.documents.extracted import OCR_IS_OFF, TOO_MUCH, scans_left
from rlm_desk.documents.find import Found, Skipped, look_inside
from rlm_desk.documents.formats import BY_KIND
from rlm_desk.documents.job import Job, Member
from rlm_desk.documents.keeping import Keeping
from rlm_desk.documents.paging import Pages
from rlm_desk.documents.progress import OnProgress, Tally
from rlm_desk.documents.reading import Locked, Many, ReadingWorker, Source, most_seconds
from rlm_desk.errors import WorkerDied

if TYPE_CHECKING:
    from rlm_desk.documents.reader import DocumentCache

DEEPEST = 4
"""Archives in archives, messages attached to messages: what lies deeper is not read."""
MOST_INSIDE = 10_000
MOST_INSIDE_BYTES = 1024 * 2**20
"""Files inside one file of the disk, and their bytes, taken together."""
MOST_PASSWORDS = 20
"""Tried on one document."""
WORTH_HELP = 2**18
"""Bytes of a file that is probably long: all workers make ready while one opens it."""

NextPassword = Callable[[str, Sequence[str]], Awaitable[str | None]]


class Reading:
    """Shared by the workers of one reading."""

    def __init__(
        self,
        found: list[Found],
        on_progress: OnProgress,
        cache: "DocumentCache | None",
        password: NextPassword,
        ocr: str,
    ) -> None:
        self._jobs = deque(Job((index,), one) for index, one in enumerate(found))
        self._results: dict[tuple[int, ...], Document | Skipped] = {}
        self._long: list[Pages] = []
        self._tally = Tally(len(found), sum(one.size for one in found), on_progress)
        self.keeping = Keeping(cache)
        self._password = password
        self._asking = asyncio.Lock()
        self._ocr = ocr
        self._languages: str | None = "" if not ocr else None
        """What OCR has on this machine; None until it was needed."""
        self._no_ocr = "" if ocr else OCR_IS_OFF
        """Why scanned pages are not read, once that is known."""
        self._busy = 0
        self._changed = asyncio.Event()
        self._inside: dict[int, tuple[int, int]] = {}
        """By file of the disk: files inside it, and their bytes."""
        self._largest = max((one.size for one in found), default=0)

    async def recall(self) -> None:
        """Ask what is known of the files on the disk."""
        await self.keeping.recall(self._jobs)

    def results(self) -> tuple[list[Document], list[Skipped]]:
        """What came of it, in the order found."""
        ordered = [self._results[order] for order in sorted(self._results)]
        return [one for one in ordered if isinstance(one, Document)], [
            one for one in ordered if isinstance(one, Skipped)
        ]

    async def run(self, worker: ReadingWorker) -> None:
        """Take files, and pages of long documents, until nothing is left for anybody."""
        while True:
            long = next((one for one in self._long if one.left), None)
            if long is not None:
                with self._at_work():
                    await self._help(long, worker)
            elif self._jobs:
                with self._at_work():
                    await self._take(self._jobs.popleft(), worker)
            elif self._busy:  # another worker may yet open an archive or a long document
                if self._largest > WORTH_HELP:
                    await worker.warm(self._largest)
                    if self._jobs or any(one.left for one in self._long) or not self._busy:
                        continue
                self._changed.clear()
                await self._changed.wait()
            else:
                return

    @contextlib.contextmanager
    def _at_work(self) -> Iterator[None]:
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1
            self._changed.set()

    # one file

    async def _take(self, job: Job, worker: ReadingWorker) -> None:
        result = await self._one(job, worker)
        if result is not None:
            self._results[job.order] = result
        self._tally.finished(job.found.name, job.found.size, result if isinstance(result, Document) else None)

    async def _one(self, job: Job, worker: ReadingWorker) -> Document | Skipped | None:
        """What came of a file; None for an archive, of which only its contents are documents."""
        found, tag = job.found, BY_KIND[job.found.kind].tag
        if known := self.keeping.known(job):
            kept = await self._kept(known, tag, job)
            if kept is not None:
                return kept[0]
        try:
            data, identity = await self._bytes(job)
        except OSError as problem:
            return Skipped(found.name, f"cannot be opened: {problem.strerror}")
        kept = await self._kept(identity, tag, job)
        if kept is not None:
            self.keeping.note(job, identity)
            return kept[0]
        result = await self._read(Source(found, identity, data), worker)
        if isinstance(result, Skipped):
            return result
        await self._keep(result, identity, tag, job)
        return result.document

    async def _bytes(self, job: Job) -> tuple[bytes, str]:
        if job.data is not None:
            return job.data, job.identity

        def load() -> tuple[bytes, str]:
            data = job.found.path.read_bytes()
            return data, hashlib.sha256(data).hexdigest()

        return await asyncio.to_thread(load)

    async def _kept(self, identity: str, tag: str, job: Job) -> tuple[Document | None] | None:
        """What was read of these bytes before, and what lies inside them put in line; None when it must be read."""
        kept = await self.keeping.kept(identity, tag, self._jobs)
        if kept is None or (kept.document is not None and kept.document.unread and await self._stale(kept.document)):
            return None
        for index, (member, document) in enumerate(kept.inside):
            name, order = f"{job.found.name}/{member.name}", (*job.order, index)
            self._results[order] = replace(document, name=name) if document else Skipped(name, member.reason)
        return (None if kept.document is None else replace(kept.document, name=job.found.name),)

    async def _stale(self, document: Document) -> bool:
        """Whether OCR could now read pages that it could not when this was kept, or why it cannot has changed."""
        if not any(page.state == "no text layer" for page in document.pages):
            return False
        if self._languages is None or self._languages:
            return dict(document.facts).get("ocr") != self._ocr
        return not any(scans_left(self._no_ocr) in note for note in document.notes)

    async def _keep(self, read: Read, identity: str, tag: str, job: Job) -> None:
        members = self._open(read.inside, job)
        nested = any(BY_KIND[member.kind].holds_files for member in members if member.id)
        # Nested ones are opened again: what lies inside them is not known here.
        list_them = (members or read.document is None) and not nested
        await self.keeping.put(read.document, members if list_them else None, identity, tag)
        if not nested:
            self.keeping.note(job, identity)

    def _open(self, inside: tuple[Inside, ...], job: Job) -> list[Member]:
        """Put the files inside a file in line, within limits."""
        members: list[Member] = []
        count, size = self._inside.get(job.order[0], (0, 0))
        for index, one in enumerate(inside):
            name, order = f"{job.found.name}/{one.name}", (*job.order, index)
            looked = look_inside(job.found.path, name, len(one.data))
            count, size = count + 1, size + len(one.data)
            if isinstance(looked, Found) and len(job.order) > DEEPEST:
                looked = Skipped(name, f"lies more than {DEEPEST} files deep")
            elif isinstance(looked, Found) and (count > MOST_INSIDE or size > MOST_INSIDE_BYTES):
                looked = Skipped(name, f"is not read: {job.found.name} holds too much")
            if isinstance(looked, Skipped):
                self._results[order] = looked
                members.append(Member(one.name, "", "text", looked.reason))
                continue
            identity = hashlib.sha256(one.data).hexdigest()
            self._jobs.append(Job(order, looked, one.data, identity))
            self._tally.more(looked.size)
            members.append(Member(one.name, identity, looked.kind))
        self._inside[job.order[0]] = (count, size)
        return members

    # reading

    async def _read(self, source: Source, worker: ReadingWorker) -> Read | Skipped:
        tried: list[str] = []
        while True:
            name = source.found.name
            recognise = self._languages is None or bool(self._languages)
            worker.no_ocr = self._no_ocr
            outcome = await worker.extract(source, partial(self._tally.tell, name, size=source.found.size), recognise)
            if isinstance(outcome, Many):
                return await self._read_many(outcome, worker)
            if not isinstance(outcome, Locked):
                return outcome
            async with self._asking:  # one question at a time
                password = await self._password(name, tried) if len(tried) < MOST_PASSWORDS else None
            if password is None:
                wrong = " (those given are wrong)" if tried else ""
                return Skipped(name, f"is encrypted: give its password{wrong}, with --password on the command line")
            tried.append(password)
            source = replace(source, password=password)

    async def _read_many(self, many: Many, worker: ReadingWorker) -> Read | Skipped:
        """A long document: the other workers help with its pages, this one puts them together."""
        pages = Pages(many, deadline=time.monotonic() + most_seconds(len(many.source.data)))
        self._long.append(pages)
        self._changed.set()
        try:
            await self._finish_pages(pages, worker)
            if pages.abandoned:
                await worker.close()  # it holds the document open
                so_far = f"{pages.done:,} of {many.total:,} pages were read"
                return Skipped(many.source.found.name, f"took too long to read: {so_far} in its time", many.total)
            if pages.too_much:
                await worker.close()
                return Skipped(many.source.found.name, TOO_MUCH, many.total)
            if any(record is not None and record[3] == "no text layer" for record in pages.records):
                if self._languages is None:
                    self._languages = await worker.recognises()
                    self._no_ocr = worker.no_ocr
                if self._languages:
                    pages.recognise()
                    await self._finish_pages(pages, worker)
        finally:
            self._long.remove(pages)
        worker.no_ocr = self._no_ocr
        records = [record if record is not None else [[], [], [], "damaged"] for record in pages.records]
        for whole in (True, False):  # its outline may be what kills
            try:
                read = await worker.finish(many, records, whole)
                return self._marked(read, pages)
            except (WorkerDied, TimeoutError):
                continue
        return Skipped(many.source.found.name, "made its reader stop when its pages were put together", many.total)

    def _marked(self, read: Read | Skipped, pages: Pages) -> Read | Skipped:
        """With what is known here only: that OCR was tried."""
        if isinstance(read, Skipped) or read.document is None or not pages.to_recognise:
            return read
        return replace(read, document=replace(read.document, facts=(*read.document.facts, ("ocr", self._ocr))))

    async def _finish_pages(self, pages: Pages, worker: ReadingWorker) -> None:
        while not pages.over:
            if pages.left:
                await self._help(pages, worker)
            else:
                self._changed.clear()
                await self._changed.wait()

    async def _help(self, pages: Pages, worker: ReadingWorker) -> None:
        """Read one range of a long document."""
        taken = pages.take()
        if taken is None:
            return
        many = pages.many
        try:
            if taken.ocr:
                pages.put(taken, [await worker.recognise(many, taken.first)])
            else:
                pages.put(taken, await worker.pages(many, taken.first, taken.last))
        except (WorkerDied, TimeoutError):
            pages.failed(taken)
        except BaseException:
            pages.under_way -= 1
            raise
        finally:
            self._changed.set()
        name, size = many.source.found.name, many.source.found.size
        if taken.ocr:
            self._tally.tell(name, pages.recognised, pages.to_recognise, ocr=True, size=size)
        elif taken.first == 0 and pages.front:
            texts = tuple("\n".join(record[0]) for record in pages.records[: pages.front] if record is not None)
            self._tally.tell(name, pages.done, many.total, first_pages=texts, size=size)
        else:
            self._tally.tell(name, pages.done, many.total, size=size)
