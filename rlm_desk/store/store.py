"""What the house keeps: one SQLite file in the data folder, written by one thread, read by another."""

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rlm_desk import kept
from rlm_desk.corpus import Document
from rlm_desk.errors import StoreError
from rlm_desk.events import Recorded
from rlm_desk.store import purge, rows, runs, schema, told
from rlm_desk.store.audit import Audit, Entry, What
from rlm_desk.store.index import Index
from rlm_desk.store.owner import Owner
from rlm_desk.store.reader import Reader
from rlm_desk.store.runs import Said
from rlm_desk.store.summary import RunSummary
from rlm_desk.store.workspaces import Workspaces
from rlm_desk.store.writer import Work, Writer

BATCH = 100
"""Documents read at once."""


class Store:
    """Documents, runs with their events and texts, and the sub-answer cache.

    Belongs to the event loop it was opened on. Every method raises StoreError when the file cannot be read or
    written; nothing is half written then, and later calls try again.
    """

    def __init__(self, path: Path, owner: Owner, writer: Writer) -> None:
        self.path = path
        """The database file."""
        self.audit = Audit(path.parent)
        """What was done, by id and hash."""
        self._owner = owner
        self._writer = writer
        self._reader = Reader(path)
        self._read = self._reader.read
        self._closed = False
        self.workspaces = Workspaces(writer.submit, self._read)
        """Named sets of documents."""
        self.index = Index(writer.submit, self._read)
        """Full-text search."""

    @classmethod
    async def open(cls, data_dir: Path) -> "Store":
        """Open the store in a folder, making both if need be.

        Raises:
            StoreError: the folder cannot be written, or the file in it is not ours.
        """

        def prepare() -> tuple[Path, Owner]:
            path = schema.prepare(data_dir)
            try:
                return path, Owner(data_dir)
            except OSError as problem:
                raise StoreError(
                    f"The data folder {data_dir} cannot be written: {problem.strerror or problem}.",
                    "Free some space there, or choose another folder with RLM_DESK_DATA_DIR.",
                ) from problem

        path, owner = await asyncio.to_thread(prepare)
        writer = Writer(path)
        try:
            await writer.open()
        except BaseException:
            await writer.close()
            owner.close()
            raise
        return cls(path, owner, writer)

    async def close(self) -> None:
        """Commit what is queued, stop both threads, let go of the runs. May be called twice."""
        if self._closed:
            return
        self._closed = True
        await self.index.stop()
        await self._writer.close()
        await self._reader.close()
        self._owner.close()

    # runs

    async def append(self, recorded: Sequence[Recorded]) -> None:
        """Commit events, all or none. Returns after the commit that holds them."""
        if recorded:
            await self._writer.submit(partial(runs.append, recorded=tuple(recorded), owner=self._owner))

    def submit(self, recorded: Recorded) -> "asyncio.Future[None]":
        """Queue one event; the future is done after the commit that holds it.

        Order is kept. When an event of a run could not be committed, the later ones fail too until that seq
        comes again: a run in the store has no gaps.
        """
        return self._writer.submit(partial(runs.append, recorded=(recorded,), owner=self._owner))

    async def runs(self, limit: int = 100) -> list[RunSummary]:
        """The history, newest first."""
        return await self._read(partial(runs.newest, owner=self._owner, limit=limit))

    async def runs_of(self, workspace: int, limit: int) -> list[RunSummary]:
        """The newest runs of a workspace, newest first."""
        return await self._read(partial(runs.newest_of, owner=self._owner, workspace=workspace, limit=limit))

    async def find_run(self, prefix: str) -> RunSummary:
        """The run whose id starts with `prefix`; `last` is the newest.

        Raises:
            UsageError: no run does, or several do.
        """
        return await self._read(partial(runs.find, owner=self._owner, prefix=prefix))

    async def events(self, run: str) -> list[Recorded]:
        """A run's events in order, each with the texts it was the first to cite; purged texts are left out."""
        return await self._read(partial(rows.events, run=run))

    async def run_documents(self, run: str) -> list[Document | None]:
        """The documents of a run in corpus order, with the very texts its offsets mean; None where purged.

        Names are those of the stored documents: take them from the run's `run_started` event when rebuilding
        its corpus.
        """
        return await self._read(partial(runs.documents, run=run))

    # documents

    async def put_document(self, document: Document, reader: str = "") -> None:
        """Keep a document; `reader` names what extracted it, with a version."""
        await self._writer.submit(lambda connection: rows.put_document(connection, document, reader))
        self.index.catch_up()

    async def get_document(self, id: str, reader: str | None = None) -> Document | None:
        """The newest extraction of a document, or the one by `reader`."""
        return await self._read(partial(rows.by_reader, id=id, reader=reader))

    async def get_documents(self, ids: Sequence[str]) -> dict[str, Document]:
        """The newest extractions of several documents, by id; those that are not kept are left out."""

        kept: dict[str, Document] = {}
        for first in range(0, len(ids), BATCH):  # others get their turn in between
            some = tuple(ids[first : first + BATCH])
            kept |= await self._read(partial(rows.newest, ids=some))
        return kept

    async def get_kept(
        self, wanted: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], tuple[Document | None, list[tuple[str, str, str, str]] | None]]:
        """What readers made of some bytes, by (id, reader): the document, and what `put_members` kept."""
        return await self._read(partial(rows.kept, wanted=tuple(wanted)))

    async def put_members(self, id: str, reader: str, members: Sequence[tuple[str, str, str, str]]) -> None:
        """Keep what lies inside an archive or a message: path, id, kind and why it was not read, of each."""
        await self._writer.submit(partial(rows.put_members, id=id, reader=reader, members=tuple(members)))

    async def get_files(self, files: Sequence[tuple[str, int, int]]) -> dict[str, str]:
        """Ids by path, of those files (path, size, time of change) that are as they were when they were read."""
        return await self._read(partial(rows.files, files=tuple(files)))

    async def get_places(self, id: str) -> list[str]:
        """Paths of files that held these bytes when they were read; they may have changed or gone."""
        return await self._read(partial(rows.places, id=id))

    async def get_holders(self, id: str) -> list[str]:
        """Paths of archives and messages that held a file with these bytes; they may have changed or gone."""
        return await self._read(partial(rows.holders, id=id))

    async def put_files(self, files: Sequence[tuple[str, int, int, str]]) -> None:
        """Keep what files held: path, size, time of change, id."""
        await self._writer.submit(partial(rows.put_files, files=tuple(files)))

    async def document_ids(self) -> list[str]:
        """Ids of all documents, in the order they were first kept."""
        return await self._read(
            lambda connection: [
                id for (id,) in connection.execute("SELECT id FROM documents GROUP BY id ORDER BY min(version)")
            ]
        )

    # sub-answer cache

    async def get_answer(self, key: str) -> str | None:
        """A cached reply, or None."""

        def read(connection: sqlite3.Connection) -> str | None:
            row = connection.execute("SELECT text FROM answers WHERE key = ?", (key,)).fetchone()
            return None if row is None else rows.unpack(row[0])

        return await self._read(read)

    async def put_answer(self, key: str, text: str, run: str = "") -> None:
        """Keep a reply. `run` says where it came from; without it, it is dropped by any purge."""

        def write(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT OR REPLACE INTO answers (key, run, text) VALUES (?, ?, ?)", (key, run, rows.pack(text))
            )

        await self._writer.submit(write)

    async def said(self, ids: Sequence[str]) -> list[Said]:
        """What was asked and answered in runs, as it is kept now; those that were erased are left out."""
        return await self._read(partial(runs.said, ids=tuple(ids)))

    # purging

    async def told_of(self, run: str) -> list[str]:
        """Ids of the later runs that were told a run's question and answer, by those between too."""
        return await self._read(partial(told.of, first=(run,)))

    async def purge_run(self, run: str) -> None:
        """Erase a run, the texts that only it cites, and its words in later runs that were told them.

        Raises:
            UsageError: one of those is going on.
        """
        await self._purge(lambda connection: purge.run(connection, run, self._owner))
        await self.note("purge", {"run": run})

    async def purge_document(self, id: str) -> None:
        """Erase a document, and all text of the runs that read it, or were told of them, but their questions.

        Raises:
            UsageError: one of those is going on.
        """
        await self._purge(lambda connection: purge.document(connection, id, self._owner))
        await self.note("purge", {"document": id})

    async def purge_all(self) -> None:
        """Erase everything but the audit log, which holds no text."""
        await self._purge(purge.everything)
        await self.note("purge", {"all": 1})

    async def expire(self, days: int) -> int:
        """Erase runs whose last event is more than `days` days old, and what only they have read. Returns how many."""
        gone: list[tuple[list[str], list[str]]] = []
        before = time.time() - days * 86_400
        if not await self._read(lambda connection: purge.any_before(connection, before)):
            return 0
        await self._purge(lambda connection: gone.append(purge.expired(connection, before)))
        runs, documents = gone[0]
        await self.note("expire", *({"run": run} for run in runs), *({"document": one} for one in documents))
        return len(runs)

    # the account of what was done

    async def note(self, what: What, *entries: Entry) -> None:
        """Append to the audit log: ids, hashes and numbers. Raises StoreError."""
        await asyncio.to_thread(self.audit.note, what, entries)

    async def _purge(self, work: Work) -> None:
        await self.index.stop()
        await self._writer.submit(work)
        await self._writer.alone(purge.truncate_log)
        try:  # what a model computed from the text goes with it, whichever text it was
            await asyncio.to_thread(kept.erase, self.path.parent)
        except OSError as problem:
            raise StoreError(
                f"The text is erased, but not what a model kept of it in {kept.folder(self.path.parent)}: "
                f"{problem.strerror or problem}.",
                "Remove that folder by hand.",
            ) from problem
        self.index.catch_up()
