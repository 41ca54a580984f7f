"""Workspaces: named sets of documents. The one opened last is opened again at the next start."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rlm_desk.errors import UsageError
from rlm_desk.store.writer import Work

MOST = 100
"""Characters of a name."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A named set of documents."""

    id: int
    name: str
    made: float
    opened: float
    """Seconds since the epoch, both."""
    documents: int
    chars: int
    runs: int
    """Questions asked in it."""


class Workspaces:
    """Workspaces as the house uses them. Every method raises StoreError when the file cannot be read or written."""

    def __init__(self, write: Callable[[Work], "asyncio.Future[None]"], read: Callable[..., Any]) -> None:
        self._write = write
        self._read = read

    async def all(self) -> list[Workspace]:
        """All, the one opened last first."""
        found: list[Workspace] = await self._read(listed)
        return found

    async def find(self, name: str) -> Workspace:
        """The one of a name. Raises UsageError."""
        found: Workspace = await self._read(lambda connection: find(connection, name))
        return found

    async def create(self, name: str) -> Workspace:
        """A new one. Raises UsageError when the name is empty, too long or taken."""
        await self._write(lambda connection: create(connection, name))
        return await self.find(name)

    async def rename(self, name: str, new: str) -> Workspace:
        """Raises UsageError when there is none of the name, or the new one is taken."""
        await self._write(lambda connection: rename(connection, name, new))
        return await self.find(new)

    async def delete(self, name: str) -> None:
        """Forget the set; its documents and runs stay until they are purged. Raises UsageError."""
        await self._write(lambda connection: delete(connection, name))

    async def touch(self, workspace: Workspace) -> None:
        """Note that it was opened now: the next start opens it again."""
        await self._write(lambda connection: touch(connection, workspace.id))

    async def put(self, workspace: Workspace, documents: Sequence[tuple[str, str]], paths: Sequence[str]) -> None:
        """Add documents (id, name), and the paths they were opened by."""
        await self._write(lambda connection: put(connection, workspace.id, documents, paths))

    async def replace(self, workspace: Workspace, documents: Sequence[tuple[str, str]]) -> None:
        """Have it hold these documents, in this order, but for those a person took out."""
        await self._write(lambda connection: replace(connection, workspace.id, documents))

    def take_out(self, workspace: Workspace, document: str) -> "asyncio.Future[None]":
        """Remove a document; a look at its folder does not bring it back."""
        return self._write(lambda connection: take_out(connection, workspace.id, document))

    async def documents(self, workspace: Workspace) -> list[tuple[str, str]]:
        """(id, name) of its documents, in order."""
        found: list[tuple[str, str]] = await self._read(lambda connection: documents(connection, workspace.id))
        return found

    async def sources(self, workspace: Workspace) -> list[str]:
        """The files, folders and patterns a person opened."""
        found: list[str] = await self._read(lambda connection: sources(connection, workspace.id))
        return found

    async def earlier(self, workspace: Workspace, most: int) -> list[str]:
        """Ids of the newest questions answered in it, oldest first; purged ones are left out."""
        found: list[str] = await self._read(lambda connection: earlier(connection, workspace.id, most))
        return found


_SELECT = (
    "SELECT w.id, w.name, w.made, w.opened,"
    " (SELECT count(*) FROM workspace_documents d WHERE d.workspace = w.id AND d.position >= 0),"
    " (SELECT coalesce(sum((SELECT chars FROM documents k WHERE k.id = d.document ORDER BY version DESC LIMIT 1)), 0)"
    "  FROM workspace_documents d WHERE d.workspace = w.id AND d.position >= 0),"
    " (SELECT count(*) FROM runs r WHERE r.workspace = w.id)"
    " FROM workspaces w"
)


def listed(connection: sqlite3.Connection) -> list[Workspace]:
    """All, the one opened last first."""
    return [Workspace(*row) for row in connection.execute(f"{_SELECT} ORDER BY w.opened DESC, w.id DESC")]


def find(connection: sqlite3.Connection, name: str) -> Workspace:
    """The one of this name, upper and lower case alike. Raises UsageError."""
    name = " ".join(name.split())
    row = connection.execute(f"{_SELECT} WHERE w.name = ?", (name,)).fetchone()
    if row is None:
        raise UsageError(f"There is no workspace {name}.", "rlm-desk workspace list shows them.")
    return Workspace(*row)


def create(connection: sqlite3.Connection, name: str) -> None:
    """Raises UsageError when the name is empty, too long or taken."""
    now = time.time()
    _free(connection, name)
    connection.execute("INSERT INTO workspaces (name, made, opened) VALUES (?, ?, ?)", (_named(name), now, now))


def rename(connection: sqlite3.Connection, name: str, new: str) -> None:
    """Raises UsageError when there is none of the name, or the new one is taken."""
    one = find(connection, name)
    if new.strip().casefold() != one.name.casefold():
        _free(connection, new)
    connection.execute("UPDATE workspaces SET name = ? WHERE id = ?", (_named(new), one.id))


def delete(connection: sqlite3.Connection, name: str) -> None:
    """Forget the set. Its documents and runs stay in the store until they are purged. Raises UsageError."""
    one = find(connection, name)
    connection.execute("UPDATE runs SET workspace = NULL WHERE workspace = ?", (one.id,))
    for table, column in (
        ("workspace_documents", "workspace"),
        ("workspace_sources", "workspace"),
        ("workspaces", "id"),
    ):
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (one.id,))


def touch(connection: sqlite3.Connection, identity: int) -> None:
    """Note that it was opened now."""
    connection.execute("UPDATE workspaces SET opened = ? WHERE id = ?", (time.time(), identity))


def put(
    connection: sqlite3.Connection, identity: int, documents: Iterable[tuple[str, str]], paths: Iterable[str]
) -> None:
    """Add documents (id, name), behind those it has, and the paths they were opened by."""
    (last,) = connection.execute(
        "SELECT coalesce(max(position), -1) FROM workspace_documents WHERE workspace = ?", (identity,)
    ).fetchone()
    connection.executemany(
        "INSERT INTO workspace_documents (workspace, document, name, position) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET position = excluded.position WHERE position < 0",
        [(identity, id, name, last + 1 + n) for n, (id, name) in enumerate(documents)],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO workspace_sources (workspace, path) VALUES (?, ?)", [(identity, path) for path in paths]
    )


def replace(connection: sqlite3.Connection, identity: int, documents: Iterable[tuple[str, str]]) -> None:
    """Have it hold these documents, in this order, but for those that a person took out."""
    connection.execute("DELETE FROM workspace_documents WHERE workspace = ? AND position >= 0", (identity,))
    connection.executemany(
        "INSERT OR IGNORE INTO workspace_documents (workspace, document, name, position) VALUES (?, ?, ?, ?)",
        [(identity, id, name, position) for position, (id, name) in enumerate(documents)],
    )


def take_out(connection: sqlite3.Connection, identity: int, document: str) -> None:
    """Remove a document from the set, for good: a look at its folder does not bring it back; opening it does."""
    connection.execute(
        "UPDATE workspace_documents SET position = -1 WHERE workspace = ? AND document = ?", (identity, document)
    )


def documents(connection: sqlite3.Connection, identity: int) -> list[tuple[str, str]]:
    """(id, name) of its documents, in order."""
    return connection.execute(
        "SELECT document, name FROM workspace_documents WHERE workspace = ? AND position >= 0 ORDER BY position",
        (identity,),
    ).fetchall()


def sources(connection: sqlite3.Connection, identity: int) -> list[str]:
    """The paths that were opened."""
    return [
        path
        for (path,) in connection.execute(
            "SELECT path FROM workspace_sources WHERE workspace = ? ORDER BY path", (identity,)
        )
    ]


def earlier(connection: sqlite3.Connection, identity: int, most: int) -> list[str]:
    """Ids of the newest questions answered in it, oldest first."""
    found = connection.execute(
        "SELECT r.id FROM runs r JOIN blobs q ON q.hash = r.question JOIN blobs a ON a.hash = r.answer"
        " WHERE r.workspace = ? AND r.status = 'answered' ORDER BY r.started DESC, r.id LIMIT ?",
        (identity, most),
    ).fetchall()
    return [run for (run,) in reversed(found)]


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > MOST:
        raise UsageError("A workspace needs a name.", f"Choose one of at most {MOST} characters.")
    return name


def _free(connection: sqlite3.Connection, name: str) -> None:
    if connection.execute("SELECT 1 FROM workspaces WHERE name = ?", (_named(name),)).fetchone():
        raise UsageError(f"There is a workspace {_named(name)} already.", "Choose another name.")
