"""Documents and recorded events as rows, and back."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable

from pydantic_core import PydanticSerializationError

from rlm_desk.corpus import Document, Heading, Page
from rlm_desk.events import EVENT, Event, Recorded
from rlm_desk.store import index

COLUMNS = "id, name, kind, page_kind, pages, notes, outline, facts, text"
"""What `document` reads, in order."""


def pack(text: str) -> bytes:
    """A text as it is kept. Lone surrogates, which a file or a model can contain, survive."""
    return text.encode("utf-8", "surrogatepass")


def unpack(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogatepass")


def maybe(raw: bytes | None) -> str | None:
    """The text, or None where it is missing."""
    return None if raw is None else unpack(raw)


def put_document(connection: sqlite3.Connection, document: Document, reader: str) -> None:
    """Insert or replace one extraction, and drop older ones that no run cites.

    Without a reader's tag, a text that is there already, from a known reader, stays that reader's.
    """
    if not reader:
        same = connection.execute(
            "SELECT reader FROM documents WHERE id = ? AND text = ? ORDER BY version DESC LIMIT 1",
            (document.id, pack(document.text)),
        ).fetchone()
        reader = same[0] if same else ""
    pages = json.dumps([[page.label, page.start, page.end, page.state] for page in document.pages])
    text = pack(document.text)
    for version, kept_reader, kept_pages, kept_text in connection.execute(
        "SELECT version, reader, pages, text FROM documents WHERE id = ?", (document.id,)
    ).fetchall():
        if kept_reader != reader or kept_pages != pages or kept_text != text:
            index.drop(connection, version)
    connection.execute(
        "INSERT INTO documents (id, reader, name, kind, page_kind, chars, pages, bytes, notes, outline, facts, text)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id, reader) DO UPDATE SET name = excluded.name, kind = excluded.kind,"
        " page_kind = excluded.page_kind, chars = excluded.chars, pages = excluded.pages, bytes = excluded.bytes,"
        " notes = excluded.notes, outline = excluded.outline, facts = excluded.facts, text = excluded.text,"
        " waiting = max(waiting, indexed = 0)",
        (
            document.id,
            reader,
            document.name,
            document.kind,
            document.page_kind,
            len(document.text),
            pages,
            json.dumps(_byte_starts(document, len(text))),
            json.dumps(document.notes),
            json.dumps([[heading.title, heading.level, heading.start] for heading in document.outline]),
            json.dumps(document.facts),
            text,
        ),
    )
    connection.execute(
        "DELETE FROM documents WHERE id = ? AND reader <> ?"
        " AND version NOT IN (SELECT version FROM run_documents WHERE document = ? AND version IS NOT NULL)",
        (document.id, reader, document.id),
    )


def _byte_starts(document: Document, size: int) -> list[int]:
    """Where each page begins in the packed text; empty when that is where it begins in characters."""
    if size == len(document.text):
        return []
    starts, offset = [], 0
    for page in document.pages:
        starts.append(offset)
        offset += len(pack(document.text[page.start : page.end]))
    return starts


def document(row: tuple[str, str, str, str, str, str, str, str, bytes]) -> Document:
    """A row of `COLUMNS` as a Document."""
    identity, name, kind, page_kind, pages, notes, outline, facts, text = row
    return Document(
        id=identity,
        name=name,
        kind=kind,
        page_kind=page_kind,
        text=unpack(text),
        pages=tuple(Page(*page) for page in json.loads(pages)),
        notes=tuple(json.loads(notes)),
        outline=tuple(Heading(*heading) for heading in json.loads(outline)),
        facts=tuple((fact, value) for fact, value in json.loads(facts)),
    )


def newest(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, Document]:
    """The newest extraction of each document that is kept."""
    found = {}
    for id in ids:
        row = connection.execute(
            f"SELECT {COLUMNS} FROM documents WHERE id = ? ORDER BY version DESC LIMIT 1", (id,)
        ).fetchone()
        if row is not None:
            found[id] = document(row)
    return found


def by_reader(connection: sqlite3.Connection, id: str, reader: str | None) -> Document | None:
    """The newest extraction of a document, or the one by `reader`."""
    row = connection.execute(
        f"SELECT {COLUMNS} FROM documents WHERE id = ? AND (? IS NULL OR reader = ?) ORDER BY version DESC LIMIT 1",
        (id, reader, reader),
    ).fetchone()
    return None if row is None else document(row)


def kept(
    connection: sqlite3.Connection, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], tuple[Document | None, list[tuple[str, str, str, str]] | None]]:
    """Documents, and what lies inside them, by id and reader."""
    return {(id, reader): (by_reader(connection, id, reader), members(connection, id, reader)) for id, reader in wanted}


def members(connection: sqlite3.Connection, id: str, reader: str) -> list[tuple[str, str, str, str]] | None:
    """What lies inside a container; None when it was not opened by this reader."""
    row = connection.execute("SELECT list FROM members WHERE id = ? AND reader = ?", (id, reader)).fetchone()
    return None if row is None else [(name, inner, kind, reason) for name, inner, kind, reason in json.loads(row[0])]


def put_members(
    connection: sqlite3.Connection, id: str, reader: str, members: Iterable[tuple[str, str, str, str]]
) -> None:
    """Insert or replace what lies inside a container."""
    connection.execute(
        "INSERT OR REPLACE INTO members (id, reader, list) VALUES (?, ?, ?)", (id, reader, json.dumps(list(members)))
    )


def files(connection: sqlite3.Connection, files: Iterable[tuple[str, int, int]]) -> dict[str, str]:
    """Ids by path, of files that are as they were."""
    found = {}
    for path, size, changed in files:
        row = connection.execute("SELECT id, size, changed FROM files WHERE path = ?", (_path(path),)).fetchone()
        if row is not None and row[1:] == (size, changed):
            found[path] = row[0]
    return found


def places(connection: sqlite3.Connection, id: str) -> list[str]:
    """Paths of files that held these bytes when they were read."""
    return [path for (path,) in connection.execute("SELECT path FROM files WHERE id = ? ORDER BY path", (id,))]


def holders(connection: sqlite3.Connection, id: str) -> list[str]:
    """Paths of archives and messages in which a file with these bytes lay when they were read."""
    rows = connection.execute(
        "SELECT files.path FROM members JOIN files ON files.id = members.id"
        " WHERE EXISTS (SELECT 1 FROM json_each(members.list) AS one WHERE one.value ->> 1 = ?) ORDER BY files.path",
        (id,),
    )
    return list(dict.fromkeys(path for (path,) in rows))


def put_files(connection: sqlite3.Connection, files: Iterable[tuple[str, int, int, str]]) -> None:
    """Insert or replace what files held."""
    connection.executemany(
        "INSERT OR REPLACE INTO files (path, size, changed, id) VALUES (?, ?, ?, ?)",
        [(_path(path), size, changed, id) for path, size, changed, id in files],
    )


def _path(path: str) -> str:
    """A path as it can be kept: its bytes that are no text, which Python has as lone surrogates, written out."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


def put_event(connection: sqlite3.Connection, recorded: Recorded) -> None:
    """Insert an event, the texts it brings, and that its run cites them."""
    event = recorded.event
    connection.execute(
        "INSERT INTO events (run, seq, kind, json) VALUES (?, ?, ?, ?)",
        (event.run, event.seq, event.kind, _line(event)),
    )
    if recorded.texts:
        connection.executemany(
            "INSERT OR IGNORE INTO blobs (hash, text) VALUES (?, ?)",
            [(key, pack(text)) for key, text in recorded.texts.items()],
        )
        connection.executemany(
            "INSERT INTO citations (run, seq, hash) VALUES (?, ?, ?)",
            [(event.run, event.seq, key) for key in recorded.texts],
        )


def _line(event: Event) -> str:
    try:
        return event.model_dump_json()
    except PydanticSerializationError:  # a lone surrogate, say in an error's sentence: JSON has no room for it
        return json.dumps(event.model_dump(), ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")


def events(connection: sqlite3.Connection, run: str) -> list[Recorded]:
    """A run's events in order, each with the texts it brought that have not been purged."""
    connection.execute("BEGIN")  # events and texts as of one moment
    try:
        lines: Iterable[tuple[int, str]] = connection.execute(
            "SELECT seq, json FROM events WHERE run = ? ORDER BY seq", (run,)
        ).fetchall()
        texts: defaultdict[int, dict[str, str]] = defaultdict(dict)
        for seq, key, raw in connection.execute(
            "SELECT c.seq, c.hash, b.text FROM citations c JOIN blobs b ON b.hash = c.hash WHERE c.run = ?", (run,)
        ):
            texts[seq][key] = unpack(raw)
    finally:
        connection.execute("COMMIT")
    return [Recorded(event=EVENT.validate_json(line), texts=texts.get(seq, {})) for seq, line in lines]
