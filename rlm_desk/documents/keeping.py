"""What earlier readings left in the store, asked for in batches, and what this one adds, written while it goes on."""

import asyncio
import time
from collections.abc import Coroutine, Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from rlm_desk.corpus import Document
from rlm_desk.documents.formats import BY_KIND
from rlm_desk.documents.job import Job, Member

if TYPE_CHECKING:
    from rlm_desk.documents.reader import DocumentCache

SETTLED_NS = 2_000_000_000
UNSETTLED = -(2**62)
"""No file's time of change: where these bytes lie is known, but not that they stay."""
AHEAD = 64
"""Documents that are asked for together: each question crosses to another thread and back."""
MOST_WRITING = 64
"""Documents on their way into the store; with more, reading waits for the disk."""


class Kept(NamedTuple):
    """What some bytes gave before."""

    document: Document | None
    """None for an archive."""
    inside: list[tuple[Member, Document | None]]
    """Files that lie inside; without a document where they were not read."""


class Keeping:
    """The store, as one reading uses it. Without one, nothing is known and nothing kept."""

    def __init__(self, cache: "DocumentCache | None") -> None:
        self._cache = cache
        self._known: dict[str, str] = {}
        self._seen: list[tuple[str, int, int, str]] = []
        self._ahead: dict[tuple[str, str], tuple[Document | None, list[tuple[str, str, str, str]] | None]] = {}
        self._asking = asyncio.Lock()
        self._writing: set[asyncio.Future[None]] = set()

    async def recall(self, jobs: Iterable[Job]) -> None:
        """Ask what is known of the files on the disk."""
        files = [(str(job.found.path), job.found.size, job.found.changed) for job in jobs]
        if self._cache is not None and files:
            self._known = await self._cache.get_files(files)

    def known(self, job: Job) -> str:
        """The id of a file's bytes, where it is as it was when it was read; else empty."""
        return self._known.get(str(job.found.path), "") if job.data is None else ""

    async def kept(self, identity: str, tag: str, following: Iterable[Job]) -> Kept | None:
        """What was read of these bytes before; None when they must be read.

        Args:
            following: the jobs that come next: what is known of them is asked for along.
        """
        if self._cache is None:
            return None
        async with self._asking:
            if (identity, tag) not in self._ahead:
                wanted = {(identity, tag): None}
                for job in islice(following, AHEAD):
                    if known := self.known(job):
                        wanted[known, BY_KIND[job.found.kind].tag] = None
                self._ahead |= await self._cache.get_kept(list(wanted))
            document, members = self._ahead.pop((identity, tag))
        if document is None and members is None:
            return None
        inside = [Member(*one) for one in members or ()]
        within = await self._cache.get_kept([(one.id, BY_KIND[one.kind].tag) for one in inside if one.id])
        found = [within[one.id, BY_KIND[one.kind].tag][0] if one.id else None for one in inside]
        if any(one.id and kept is None for one, kept in zip(inside, found, strict=True)):
            return None
        return Kept(document, list(zip(inside, found, strict=True)))

    def note(self, job: Job, identity: str) -> None:
        """Remember what a file of the disk holds, so that it need not even be read the next time."""
        found = job.found
        if job.data is None:
            # One that has just changed may change again within a tick of its clock: it is read the next time too.
            settled = time.time_ns() - found.changed > SETTLED_NS
            self._seen.append((str(found.path), found.size, found.changed if settled else UNSETTLED, identity))

    async def put(self, document: Document | None, members: list[Member] | None, identity: str, tag: str) -> None:
        """Keep what was read. It is on the disk after `settle`, which raises what went wrong."""
        if self._cache is None:
            return
        if document is not None:
            await self._write(self._cache.put_document(document, tag))
        if members is not None:
            await self._write(self._cache.put_members(identity, tag, members))

    async def settle(self) -> None:
        """Wait until all is written. Raises StoreError."""
        while self._writing:
            await self._written()

    async def remember(self) -> None:
        """Keep what the files on the disk hold; whatever became of the reading."""
        await asyncio.gather(*self._writing, return_exceptions=True)
        if self._cache is not None and self._seen:
            await self._cache.put_files(self._seen)

    async def _write(self, work: Coroutine[Any, Any, None]) -> None:
        self._writing.add(asyncio.ensure_future(work))
        if len(self._writing) >= MOST_WRITING:
            await self._written()

    async def _written(self) -> None:
        done, _ = await asyncio.wait(set(self._writing), return_when=asyncio.FIRST_COMPLETED)
        self._writing -= done
        for one in done:
            one.result()
