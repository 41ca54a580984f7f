"""Full-text search: words of pages, of questions and of answers, by SQLite's FTS5.

The index of pages holds no text of its own; what it needs of it, to show a hit or to forget a page, it reads from
`documents`. Pages enter it in small pieces of work, behind what a person waits for.
"""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rlm_desk.errors import StoreError
from rlm_desk.store import query
from rlm_desk.store.query import Query
from rlm_desk.store.writer import Work

PAGE_BITS = 24
PIECE = 128 * 1024
"""Characters that enter the index in one piece of work: some ten milliseconds."""

RANKED = 5000
"""Pages that are compared for the best. A word that more have says little, and comparing all would take long."""


@dataclass(frozen=True, slots=True)
class PageHit:
    """A page that fits a search."""

    document: str
    """The document's id."""
    name: str
    kind: str
    page_kind: str
    page: int
    """Index of the page in its document."""
    label: str
    start: int
    end: int
    """Characters of the document's text that fitted first."""
    snippet: str
    """Some text of the page, on one line. Hostile text: clean it before it is shown."""
    marks: tuple[tuple[int, int], ...]
    """What fitted, in characters of the snippet."""


@dataclass(frozen=True, slots=True)
class RunHit:
    """A past question that fits a search, by itself or by its answer."""

    run: str
    started: float
    status: str
    question: str
    snippet: str
    """Some text of the answer, or of the question."""
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave, best first."""

    pages: tuple[PageHit, ...]
    runs: tuple[RunHit, ...]
    more: bool
    """Whether other pages fit too."""
    relaxed: bool
    """No page has all the words: these have some of them."""
    waiting: int
    """Documents that are not in the index yet."""


class Index:
    """The index as the house uses it: searched at any time, filled in the background."""

    def __init__(self, write: Callable[[Work], "asyncio.Future[None]"], read: Callable[..., Any]) -> None:
        self._write = write
        self._read = read
        self._task: asyncio.Task[None] | None = None

    async def search(self, typed: str, workspace: int | None = None, limit: int = 20) -> Found:
        """Pages and past questions that fit what a person typed, of a workspace or of all that is kept.

        Raises:
            UsageError: it holds no word.
            StoreError: the store cannot be read.
        """
        asked = query.understand(typed)
        found: Found = await self._read(lambda connection: search(connection, asked, workspace, limit))
        return found

    async def waiting(self) -> int:
        """How many documents are to be indexed yet."""
        count: int = await self._read(waiting)
        return count

    def catch_up(self) -> None:
        """Index what waits, in the background; nothing happens when that is under way."""
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._fill())

    async def caught_up(self) -> None:
        """Wait until everything is indexed."""
        self.catch_up()
        if self._task is not None:
            await asyncio.shield(self._task)

    async def stop(self) -> None:
        """Leave the rest for the next time."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _fill(self) -> None:
        try:
            while await self.waiting():
                await self._write(add_some)  # one at a time: what a person waits for goes in between
        except StoreError:
            return  # a full disk or a closed store: whoever writes documents hears of it, and it goes on next time


def row(version: int, page: int) -> int:
    """The number of a page in the index."""
    return version << PAGE_BITS | page


def waiting(connection: sqlite3.Connection) -> int:
    """How many documents are to be indexed."""
    (count,) = connection.execute("SELECT count(*) FROM documents WHERE waiting = 1").fetchone()
    return int(count)


def add_some(connection: sqlite3.Connection) -> None:
    """Take up to PIECE characters of waiting pages into the index."""
    room = PIECE
    while room > 0:
        next_one = connection.execute(
            "SELECT version, indexed, pages, bytes, (SELECT max(version) FROM documents o WHERE o.id = d.id)"
            " FROM documents d WHERE waiting = 1 ORDER BY version LIMIT 1"
        ).fetchone()
        if next_one is None:
            return
        version, done, pages, starts, newest = next_one
        taken = 0
        if version == newest:  # an older one is kept for a run's offsets, and not searched
            for page, text in _texts(connection, version, json.loads(pages), starts, done):
                connection.execute(
                    "INSERT INTO pages_text (rowid, text) VALUES (?, ?)", (row(version, page), query.folded(text))
                )
                taken += 1
                room -= len(text) + 100
                if room <= 0:
                    break
        left = version == newest and done + taken < len(json.loads(pages))
        connection.execute(
            "UPDATE documents SET indexed = indexed + ?, waiting = ? WHERE version = ?", (taken, left, version)
        )


def drop(connection: sqlite3.Connection, version: int) -> None:
    """Take a document's pages out of the index."""
    found = connection.execute("SELECT indexed, pages, bytes FROM documents WHERE version = ?", (version,)).fetchone()
    if found is None:
        return
    done, pages, starts = found
    for page, text in _texts(connection, version, json.loads(pages)[:done], starts, 0):
        connection.execute(
            "INSERT INTO pages_text (pages_text, rowid, text) VALUES ('delete', ?, ?)",
            (row(version, page), query.folded(text)),
        )
    connection.execute("UPDATE documents SET indexed = 0, waiting = 0 WHERE version = ?", (version,))


def erase_traces(connection: sqlite3.Connection) -> None:
    """Rewrite the index without what was taken out: until then its words stand in older parts of it."""
    connection.execute("INSERT INTO pages_text (pages_text) VALUES ('optimize')")
    connection.execute("INSERT INTO runs_text (runs_text) VALUES ('optimize')")


def put_run(connection: sqlite3.Connection, run: str) -> None:
    """Index a run's question and answer anew, as far as their texts are there."""
    found = connection.execute(
        "SELECT r.rowid, q.text, a.text FROM runs r LEFT JOIN blobs q ON q.hash = r.question"
        " LEFT JOIN blobs a ON a.hash = r.answer WHERE r.id = ?",
        (run,),
    ).fetchone()
    if found is not None:
        number, question, answer = found
        connection.execute("DELETE FROM runs_text WHERE rowid = ?", (number,))
        connection.execute(
            "INSERT INTO runs_text (rowid, question, answer) VALUES (?, ?, ?)", (number, _said(question), _said(answer))
        )


def drop_run(connection: sqlite3.Connection, run: str) -> None:
    """Take a run out of the index; before its row goes."""
    connection.execute("DELETE FROM runs_text WHERE rowid = (SELECT rowid FROM runs WHERE id = ?)", (run,))


def search(connection: sqlite3.Connection, asked: Query, workspace: int | None, limit: int) -> Found:
    """Pages and runs that fit, of one workspace or of all that is kept."""
    pages = list(_pages(connection, asked.all_of, workspace, limit + 1))
    relaxed = False
    if not pages and asked.some_of != asked.all_of:
        pages = list(_pages(connection, asked.some_of, workspace, limit + 1))
        relaxed = bool(pages)
    hits = tuple(_page_hit(connection, asked, *one) for one in pages[:limit])
    runs = tuple(_runs(connection, asked, workspace, limit))
    return Found(hits, runs, len(pages) > limit, relaxed, waiting(connection))


def page_text(connection: sqlite3.Connection, version: int, page: int) -> str:
    """One page's text, without reading the document's other pages."""
    pages, starts = connection.execute("SELECT pages, bytes FROM documents WHERE version = ?", (version,)).fetchone()
    return next(_texts(connection, version, json.loads(pages)[: page + 1], starts, page))[1]


def _texts(
    connection: sqlite3.Connection, version: int, pages: list[list[object]], starts: str | None, first: int
) -> Iterator[tuple[int, str]]:
    """Texts of pages from `first` on."""
    if not pages[first:]:
        return
    if starts is None:  # kept by an older version
        (raw,) = connection.execute("SELECT text FROM documents WHERE version = ?", (version,)).fetchone()
        whole = raw.decode("utf-8", "surrogatepass")
        for index, (_, start, end, *_) in enumerate(pages[first:], first):
            yield index, whole[start:end]
        return
    begins = json.loads(starts)
    with connection.blobopen("documents", "text", version, readonly=True) as blob:
        size = len(blob)
        for index, (_, start, end, *_) in enumerate(pages[first:], first):
            low, high = start, end
            if begins:
                low, high = begins[index], begins[index + 1] if index + 1 < len(begins) else size
            blob.seek(int(str(low)))
            yield index, blob.read(int(str(high)) - int(str(low))).decode("utf-8", "surrogatepass")


def _pages(
    connection: sqlite3.Connection, expression: str, workspace: int | None, limit: int
) -> Iterator[tuple[int, int]]:
    inside = (
        ""
        if workspace is None
        else f" AND rowid >> {PAGE_BITS} IN (SELECT d.version FROM workspace_documents w JOIN documents d"
        " ON d.id = w.document WHERE w.workspace = ?)"
    )
    values = (expression, limit) if workspace is None else (expression, workspace, limit)
    for (number,) in connection.execute(
        f"SELECT rowid FROM (SELECT rowid, rank FROM pages_text WHERE pages_text MATCH ?{inside} LIMIT {RANKED})"
        " ORDER BY rank LIMIT ?",
        values,
    ).fetchall():
        yield number >> PAGE_BITS, number & ((1 << PAGE_BITS) - 1)


def _page_hit(connection: sqlite3.Connection, asked: Query, version: int, page: int) -> PageHit:
    identity, name, kind, page_kind, pages = connection.execute(
        "SELECT id, name, kind, page_kind, pages FROM documents WHERE version = ?", (version,)
    ).fetchone()
    label, begin, *_ = json.loads(pages)[page]
    text = page_text(connection, version, page)
    shown = query.snippet(text, asked)
    return PageHit(
        document=identity,
        name=name,
        kind=kind,
        page_kind=page_kind,
        page=page,
        label=label,
        start=begin + shown.start,
        end=begin + shown.end,
        snippet=shown.text,
        marks=shown.marks,
    )


def _runs(connection: sqlite3.Connection, asked: Query, workspace: int | None, limit: int) -> Iterator[RunHit]:
    inside = "" if workspace is None else " AND r.workspace = ?"
    values = (asked.all_of, limit) if workspace is None else (asked.all_of, workspace, limit)
    for run, started, status, question, answer in connection.execute(
        "SELECT r.id, r.started, r.status, t.question, t.answer FROM runs_text t JOIN runs r ON r.rowid = t.rowid"
        f" WHERE runs_text MATCH ?{inside} ORDER BY t.rank LIMIT ?",
        values,
    ).fetchall():
        shown = query.snippet(answer, asked)
        if not shown.marks:
            in_question = query.snippet(question, asked)
            shown = in_question if in_question.marks else shown
        yield RunHit(run, started, status, question, shown.text, shown.marks)


def _said(raw: bytes | None) -> str:
    return "" if raw is None else raw.decode("utf-8", "replace")
