"""Forgetting for good: a run, a document and everything derived from it, or all.

Deleted rows are overwritten with zeros (`secure_delete`), and the write-ahead log, which still holds the old
pages, is folded into the file and cut to nothing. What a disk keeps below the file system is out of reach.
"""

import sqlite3

from rlm_desk.errors import StoreError
from rlm_desk.store import index, told
from rlm_desk.store.owner import Owner

TABLES = (
    *("documents", "runs", "run_documents", "events", "blobs", "citations", "answers", "runs_text"),
    *("workspaces", "workspace_documents", "workspace_sources", "files", "members"),
)
_UNCITED = "DELETE FROM blobs WHERE hash IN ({cited}) AND hash NOT IN (SELECT hash FROM citations)"


def run(connection: sqlite3.Connection, identity: str, owner: Owner | None = None) -> None:
    """Delete a run, the texts only it cites, and the cached answers that came from it (or from nobody known).

    Args:
        owner: this process; with it, the words of the run's question and answer are taken out of later runs that were
            told them. Without, later runs keep what they were told.

    Raises:
        UsageError: such a run is going on.
    """
    if owner is not None:
        followers = told.of(connection, [identity])
        told.refuse_running(connection, followers, owner)
        told.blank(connection, identity, followers)
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS gone (hash TEXT PRIMARY KEY)")
    connection.execute("DELETE FROM gone")
    connection.execute("INSERT OR IGNORE INTO gone SELECT hash FROM citations WHERE run = ?", (identity,))
    connection.execute("DELETE FROM citations WHERE run = ?", (identity,))
    connection.execute(_UNCITED.format(cited="SELECT hash FROM gone"))
    connection.execute("DELETE FROM answers WHERE run IN (?, '')", (identity,))
    index.drop_run(connection, identity)
    for table, column in (("events", "run"), ("run_documents", "run"), ("runs", "id")):
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (identity,))
    _sweep_documents(connection)
    connection.execute("DELETE FROM gone")
    index.erase_traces(connection)


def document(connection: sqlite3.Connection, identity: str, owner: Owner | None = None) -> None:
    """Delete a document and every text of the runs that read it, but for their questions.

    Those runs stay in the history with their tree, times and counts; a reply, an output or a cell may hold the
    document's words, so all of them go. A text that a run without this document cites as well did not come from it.

    Args:
        owner: this process; with it, later runs that were told the answers of those are taken with them.

    Raises:
        UsageError: one of those runs is going on.
    """
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS gone (hash TEXT PRIMARY KEY)")
    connection.execute("DELETE FROM gone")
    reading = [
        run for (run,) in connection.execute("SELECT DISTINCT run FROM run_documents WHERE document = ?", (identity,))
    ]
    if owner is not None:
        reading += told.of(connection, reading)
        told.refuse_running(connection, reading, owner)
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS touched (run TEXT PRIMARY KEY)")
    connection.execute("DELETE FROM touched")
    connection.executemany("INSERT OR IGNORE INTO touched VALUES (?)", [(run,) for run in reading])
    touched = "SELECT run FROM touched"
    connection.execute(
        f"INSERT OR IGNORE INTO gone SELECT hash FROM citations WHERE run IN ({touched})"
        " AND hash NOT IN (SELECT question FROM runs)"
    )
    connection.execute(f"DELETE FROM citations WHERE run IN ({touched}) AND hash IN (SELECT hash FROM gone)")
    connection.execute(_UNCITED.format(cited="SELECT hash FROM gone"))
    connection.execute(f"DELETE FROM answers WHERE run = '' OR run IN ({touched})")
    for (version,) in connection.execute("SELECT version FROM documents WHERE id = ?", (identity,)).fetchall():
        index.drop(connection, version)
    for one in reading:
        told.blank_fields(connection, one)
        index.put_run(connection, one)
    for table, column in (
        ("documents", "id"),
        ("workspace_documents", "document"),
        ("files", "id"),
        ("members", "id"),
    ):
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (identity,))
    connection.execute("DELETE FROM gone")
    connection.execute("DELETE FROM touched")
    index.erase_traces(connection)


def everything(connection: sqlite3.Connection) -> None:
    """Empty every table."""
    connection.execute("INSERT INTO pages_text (pages_text) VALUES ('delete-all')")
    for table in TABLES:
        connection.execute(f"DELETE FROM {table}")
    index.erase_traces(connection)


def any_before(connection: sqlite3.Connection, before: float) -> bool:
    """Whether there is a run for `expired`."""
    return connection.execute("SELECT 1 FROM runs WHERE last < ? LIMIT 1", (before,)).fetchone() is not None


def expired(connection: sqlite3.Connection, before: float) -> tuple[list[str], list[str]]:
    """Delete runs whose last event is older than `before`, and the documents that only they have read.

    A document that a workspace holds stays. Returns the ids of the runs and of the documents.
    """
    runs = [row[0] for row in connection.execute("SELECT id FROM runs WHERE last < ?", (before,))]
    read = "SELECT DISTINCT r.document FROM run_documents r JOIN runs u ON u.id = r.run WHERE u.last < ?"
    kept = "SELECT r.document FROM run_documents r JOIN runs u ON u.id = r.run WHERE u.last >= ?"
    documents = [
        row[0]
        for row in connection.execute(
            f"{read} AND r.document NOT IN ({kept}) AND r.document NOT IN (SELECT document FROM workspace_documents)"
            " AND r.document IN (SELECT id FROM documents)",
            (before, before),
        )
    ]
    for one in runs:
        run(connection, one)
    for one in documents:
        document(connection, one)  # age takes nothing that is younger
    return runs, documents


def _sweep_documents(connection: sqlite3.Connection) -> None:
    """Older extractions were kept only for the runs that cite them."""
    connection.execute(  # they are not in the index: it holds the newest only
        "DELETE FROM documents WHERE version NOT IN (SELECT max(version) FROM documents GROUP BY id)"
        " AND version NOT IN (SELECT version FROM run_documents WHERE version IS NOT NULL)"
    )


def truncate_log(connection: sqlite3.Connection) -> None:
    """Fold the write-ahead log into the file and cut it. Outside any transaction.

    Raises:
        StoreError: another process is reading, so that old pages cannot be dropped yet.
    """
    (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StoreError(
            "It is deleted, but another rlm-desk is reading the store, so its traces are still on the disk.",
            "Close the other one and purge again.",
        )
