"""Runs in the file: events are appended without gaps, and the history is read from one row a run."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from rlm_desk.corpus import Document
from rlm_desk.errors import StoreError, UsageError
from rlm_desk.events import Recorded, RunFinished, RunStarted
from rlm_desk.store import index, rows, summary
from rlm_desk.store.owner import Owner
from rlm_desk.store.summary import RunSummary

NEWEST_FIRST = "ORDER BY r.started DESC, r.id LIMIT ?"


class Said(NamedTuple):
    """A question and its answer, as they are kept now."""

    run: str
    question: str
    answer: str


def append(connection: sqlite3.Connection, recorded: Sequence[Recorded], owner: Owner) -> None:
    """Insert events and fold each into its run's row. Raises StoreError where one before it is missing."""
    for one in recorded:
        event = one.event
        expected = _expected(connection, event.run, owner)
        if event.seq != expected or (event.seq == 0) != isinstance(event, RunStarted):
            raise StoreError(
                f"Event {event.seq} of run {event.run} cannot be kept: event {expected} was not.",
                "Free some space where the data folder lies, and ask again.",
            )
        if isinstance(event, RunStarted):
            summary.begin(connection, event, owner.token)
        rows.put_event(connection, one)
        summary.advance(connection, event)
        if isinstance(event, RunStarted | RunFinished):
            index.put_run(connection, event.run)


def newest(connection: sqlite3.Connection, owner: Owner, limit: int) -> list[RunSummary]:
    """The history, newest first."""
    return _summaries(connection, owner, NEWEST_FIRST, limit)


def newest_of(connection: sqlite3.Connection, owner: Owner, workspace: int, limit: int) -> list[RunSummary]:
    """The newest runs of a workspace, newest first."""
    return _summaries(connection, owner, f"WHERE r.workspace = ? {NEWEST_FIRST}", workspace, limit)


def find(connection: sqlite3.Connection, owner: Owner, prefix: str) -> RunSummary:
    """The run whose id starts with `prefix`; `last` is the newest. Raises UsageError: none does, or several do."""
    if prefix == "last":
        found = newest(connection, owner, 1)
    else:
        found = _summaries(connection, owner, f"WHERE substr(r.id, 1, ?) = ? {NEWEST_FIRST}", len(prefix), prefix, 3)
        found = [run for run in found if run.id == prefix] or found
    if len(found) == 1:
        return found[0]
    problem = f"Several runs start with {prefix}." if found else f"There is no run {prefix}."
    raise UsageError(problem, "rlm-desk runs list shows them.")


def said(connection: sqlite3.Connection, ids: Sequence[str]) -> list[Said]:
    """What was asked and answered in runs, in the order named, as far as both texts are there."""
    found = []
    for id in ids:
        row = connection.execute(
            "SELECT q.text, a.text FROM runs r JOIN blobs q ON q.hash = r.question JOIN blobs a ON a.hash = r.answer"
            " WHERE r.id = ?",
            (id,),
        ).fetchone()
        if row is not None:
            found.append(Said(id, rows.unpack(row[0]), rows.unpack(row[1])))
    return found


def documents(connection: sqlite3.Connection, run: str) -> list[Document | None]:
    """The documents of a run in corpus order, as the extraction it read; None where purged."""
    columns = ", ".join(f"d.{column}" for column in rows.COLUMNS.split(", "))
    found = connection.execute(
        f"SELECT {columns} FROM run_documents r LEFT JOIN documents d ON d.version = r.version"
        " WHERE r.run = ? ORDER BY r.position",
        (run,),
    )
    return [None if row[0] is None else rows.document(row) for row in found]


def _expected(connection: sqlite3.Connection, run: str, owner: Owner) -> int:
    row = connection.execute("SELECT events, owner FROM runs WHERE id = ?", (run,)).fetchone()
    if row is None:
        return 0
    if row[1] != owner.token:  # a run that is taken up again
        connection.execute("UPDATE runs SET owner = ? WHERE id = ?", (owner.token, run))
    return int(row[0])


def _summaries(connection: sqlite3.Connection, owner: Owner, clause: str, *values: object) -> list[RunSummary]:
    found = []
    for row in connection.execute(f"{summary.SELECT} {clause}", values):
        one = summary.read(row[:-1])
        if one.status == "running" and not owner.alive(row[-1]):
            one = replace(one, status="interrupted")
        found.append(one)
    return found
