"""The database file: its tables, how a connection is opened, and what its errors mean to a person.

Texts are kept as UTF-8 bytes. An event is kept as its JSON; the texts it cites lie in `blobs` and are bound to
the run by `citations`, so that purging a run can erase exactly what nobody else cites.
"""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from rlm_desk.errors import StoreError

FILE = "rlm-desk.db"
OURS = {FILE, f"{FILE}-wal", f"{FILE}-shm"} | set(
    "audit.jsonl bundle-key config.toml demo fit.json kv models owners screen.json".split()
)
"""What rlm-desk makes in a data folder."""
SCHEMA = 2
"""Kept in `PRAGMA user_version`."""
BUSY_SECONDS = 10.0
"""How long a commit waits for another process that is writing."""

_TABLES = """
CREATE TABLE documents (
    version INTEGER PRIMARY KEY,     -- one extraction; a run keeps the one whose offsets its events cite
    id TEXT NOT NULL,                -- sha256 of the file
    reader TEXT NOT NULL,            -- which reader made it, with its version
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    page_kind TEXT NOT NULL,
    chars INTEGER NOT NULL,
    pages TEXT NOT NULL,             -- JSON: [[label, start, end], ...]
    notes TEXT NOT NULL,             -- JSON: [sentence, ...]
    text BLOB NOT NULL,
    UNIQUE (id, reader)
);
CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    started REAL NOT NULL,
    last REAL NOT NULL,              -- time of the newest event
    status TEXT NOT NULL,            -- running, or how it finished
    question TEXT NOT NULL,          -- hash
    answer TEXT,                     -- hash
    error TEXT NOT NULL DEFAULT '',
    model TEXT NOT NULL,
    demonstration INTEGER NOT NULL,
    documents INTEGER NOT NULL,      -- how many
    chars INTEGER NOT NULL,
    seconds REAL,                    -- as run_finished says
    events INTEGER NOT NULL,         -- how many, so also the next seq
    owner TEXT NOT NULL              -- see owner.py
);
CREATE INDEX runs_by_time ON runs (started);
CREATE TABLE run_documents (
    run TEXT NOT NULL,
    position INTEGER NOT NULL,
    document TEXT NOT NULL,
    version INTEGER,                 -- of documents; NULL when it was never stored
    PRIMARY KEY (run, position)
) WITHOUT ROWID;
CREATE INDEX run_documents_by_document ON run_documents (document);
CREATE TABLE events (
    run TEXT NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (run, seq)
) WITHOUT ROWID;
CREATE TABLE blobs (hash TEXT PRIMARY KEY, text BLOB NOT NULL);
CREATE TABLE citations (
    run TEXT NOT NULL,
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (run, seq, hash)
) WITHOUT ROWID;
CREATE INDEX citations_by_hash ON citations (hash);
CREATE TABLE answers (key TEXT PRIMARY KEY, run TEXT NOT NULL, text BLOB NOT NULL);
CREATE INDEX answers_by_run ON answers (run);
"""

_LIBRARY = """
ALTER TABLE documents ADD COLUMN bytes TEXT;            -- JSON: where its pages begin in bytes; NULL: not known
ALTER TABLE documents ADD COLUMN outline TEXT NOT NULL DEFAULT '[]';  -- JSON: [[title, level, start], ...]
ALTER TABLE documents ADD COLUMN facts TEXT NOT NULL DEFAULT '[]';    -- JSON: [[name, value], ...]
ALTER TABLE documents ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;  -- pages that stand in pages_text
ALTER TABLE documents ADD COLUMN waiting INTEGER NOT NULL DEFAULT 1;  -- whether others still must
CREATE INDEX documents_waiting ON documents (version) WHERE waiting = 1;
ALTER TABLE runs ADD COLUMN workspace INTEGER;          -- of workspaces; NULL: asked outside any
CREATE TABLE workspaces (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    made REAL NOT NULL,
    opened REAL NOT NULL             -- the newest is opened again at the next start
);
CREATE TABLE workspace_documents (
    workspace INTEGER NOT NULL,
    document TEXT NOT NULL,          -- id
    name TEXT NOT NULL,              -- as it was found, below what was opened
    position INTEGER NOT NULL,
    PRIMARY KEY (workspace, document, name)
) WITHOUT ROWID;
CREATE INDEX workspace_documents_by_document ON workspace_documents (document);
CREATE TABLE workspace_sources (
    workspace INTEGER NOT NULL,
    path TEXT NOT NULL,              -- file, folder or pattern a person opened
    PRIMARY KEY (workspace, path)
) WITHOUT ROWID;
CREATE TABLE files (                 -- what a file held when it was last read, so that it need not be read again
    path TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    changed INTEGER NOT NULL,        -- nanoseconds
    id TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE members (               -- what lies inside an archive, or is attached to a message
    id TEXT NOT NULL,                -- of the container
    reader TEXT NOT NULL,
    list TEXT NOT NULL,              -- JSON: [[name, id, kind], ...]
    PRIMARY KEY (id, reader)
) WITHOUT ROWID;
-- Words of pages; row: version of the document * 2^24 + index of the page. The text itself is in documents.
CREATE VIRTUAL TABLE pages_text USING fts5(text, content='', tokenize='unicode61 remove_diacritics 2');
-- Words of questions and answers; row: that of runs (nothing here ever renumbers rows, as VACUUM would).
CREATE VIRTUAL TABLE runs_text USING fts5(question, answer, tokenize='unicode61 remove_diacritics 2');
INSERT INTO runs_text (rowid, question, answer)
    SELECT r.rowid, coalesce(CAST(q.text AS TEXT), ''), coalesce(CAST(a.text AS TEXT), '')
    FROM runs r LEFT JOIN blobs q ON q.hash = r.question LEFT JOIN blobs a ON a.hash = r.answer;
"""
_STEPS = (_TABLES, _LIBRARY)
"""What brings a file from each version to the next."""


def prepare(folder: Path) -> Path:
    """Make the data folder and the database file, private to the user.

    A folder that was there already and holds nothing but what is ours is closed to others as well; any other keeps its
    mode, since others may need it (`/tmp`), and `doctor` says so. The file is 0600 either way, and SQLite gives its
    -wal and -shm files the same mode.

    Raises:
        StoreError: the folder or the file cannot be made.
    """
    path = folder / FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _close_to_others(folder)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600))
        path.chmod(0o600)
    except OSError as problem:
        raise StoreError(
            f"The data folder {folder} cannot be used: {problem.strerror or problem}.",
            "Choose another with RLM_DESK_DATA_DIR, or change its rights.",
        ) from problem
    return path


def _close_to_others(folder: Path) -> None:
    held, stat = {one.name for one in folder.iterdir()}, folder.stat()
    alone = held <= OURS and (not held or FILE in held) and not stat.st_mode & 0o1000
    if stat.st_mode & 0o077 and alone and stat.st_uid == os.geteuid():
        folder.chmod(stat.st_mode & 0o700)


def connect(path: Path, *, readonly: bool = False) -> sqlite3.Connection:
    """A connection for one thread; transactions are begun by hand. Raises sqlite3.Error."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # NORMAL: a commit survives the death of the process at once, and a power cut loses the last ones at
        # most, never the file. FULL would wait for the disk in every group.
        connection.execute("PRAGMA synchronous = NORMAL")
        # Deleted text is overwritten with zeros, in freed pages too.
        connection.execute("PRAGMA secure_delete = ON")
        if readonly:
            connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def migrate(connection: sqlite3.Connection) -> None:
    """Make the tables in a new file, and those an older one lacks.

    Raises:
        StoreError: the file was written by a later version of rlm-desk.
        sqlite3.Error: the database cannot be written.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA:
            raise StoreError(
                "The data folder was written by a later version of rlm-desk.", "Install that version again."
            )
        for step in _STEPS[version:]:
            for statement in _statements(step):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA}")
        connection.execute("COMMIT")
    except BaseException:
        rollback(connection)
        raise


def _statements(script: str) -> Iterator[str]:
    """One statement after the other: `executescript` would commit what went before."""
    lines: list[str] = []
    for line in script.splitlines(keepends=True):
        lines.append(line)
        if sqlite3.complete_statement("".join(lines)):
            yield "".join(lines)
            lines = []


def rollback(connection: sqlite3.Connection) -> None:
    """Give up the transaction, if SQLite has not done so itself (it does on a full disk)."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def explain(problem: sqlite3.Error, path: Path) -> StoreError:
    """What a person reads when SQLite fails."""
    code = getattr(problem, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    folder = path.parent
    if primary == sqlite3.SQLITE_FULL:
        error = StoreError(f"The disk that holds {folder} is full.", "Free some space there and try again.")
    elif primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH):
        error = StoreError(
            f"{path} cannot be opened for writing.",
            "Change its rights, or choose another folder with RLM_DESK_DATA_DIR.",
        )
    elif primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        error = StoreError(
            f"Another rlm-desk has kept {path} busy for {BUSY_SECONDS:g} seconds.", "Close it, or wait, and try again."
        )
    elif primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        error = StoreError(
            f"{path} is damaged or is not a database.", "Move it away, with its -wal and -shm files; a new one is made."
        )
    elif primary == sqlite3.SQLITE_IOERR:
        error = StoreError(
            f"Reading or writing {path} failed ({getattr(problem, 'sqlite_errorname', 'I/O error')}).",
            "Check the disk: it may be full, over its quota, or failing.",
        )
    else:
        error = StoreError(f"The store failed: {problem}.", "Please report this.")
    error.__cause__ = problem
    return error
