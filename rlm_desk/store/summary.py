"""One row per run, kept in the same transaction as the events it folds."""

import sqlite3
from dataclasses import dataclass
from typing import Any, Literal

from rlm_desk.events import Event, RunFinished, RunStarted
from rlm_desk.store.rows import maybe

Status = Literal["running", "interrupted", "answered", "best_effort", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A line of the history."""

    id: str
    started: float
    """Seconds since the epoch."""
    status: Status
    """`interrupted`: it has no last event and the process that wrote it is gone."""
    question: str | None
    """None when its text was purged."""
    answer: str | None
    """None while there is none, and when its text was purged."""
    error: str
    model: str
    demonstration: bool
    documents: int
    chars: int
    """Characters in its corpus."""
    seconds: float
    """How long it took, or up to its newest event."""
    events: int


def begin(connection: sqlite3.Connection, event: RunStarted, owner: str) -> None:
    """The row of a new run, and which extraction of each document its offsets mean."""
    connection.execute(
        "INSERT INTO runs (id, started, last, status, question, model, demonstration, documents, chars, events, owner,"
        " workspace) VALUES (?, ?, ?, 'running', ?, ?, ?, ?, ?, 0, ?, ?)",
        (
            event.run,
            event.at,
            event.at,
            event.question,
            event.model.name,
            event.model.demonstration,
            len(event.documents),
            event.chars,
            owner,
            event.workspace or None,
        ),
    )
    connection.executemany(
        "INSERT INTO run_documents (run, position, document, version)"
        " VALUES (?, ?, ?, (SELECT max(version) FROM documents WHERE id = ?))",
        [(event.run, position, document.id, document.id) for position, document in enumerate(event.documents)],
    )


def advance(connection: sqlite3.Connection, event: Event) -> None:
    """Fold one more event into its run's row."""
    if isinstance(event, RunFinished):
        connection.execute(
            "UPDATE runs SET events = ?, last = ?, status = ?, answer = ?, error = ?, seconds = ? WHERE id = ?",
            (event.seq + 1, event.at, event.status, event.answer, event.error, event.seconds, event.run),
        )
    else:
        connection.execute("UPDATE runs SET events = ?, last = ? WHERE id = ?", (event.seq + 1, event.at, event.run))


SELECT = (
    "SELECT r.id, r.started, r.status, q.text, a.text, r.error, r.model, r.demonstration, r.documents, r.chars,"
    " coalesce(r.seconds, r.last - r.started), r.events, r.owner"
    " FROM runs r LEFT JOIN blobs q ON q.hash = r.question LEFT JOIN blobs a ON a.hash = r.answer"
)
"""Rows for `read`, and the owner's token last."""


def read(row: tuple[Any, ...]) -> RunSummary:
    """A row of `SELECT`, without the owner."""
    id, started, status, question, answer, error, model, demonstration, *counts = row
    return RunSummary(id, started, status, maybe(question), maybe(answer), error, model, bool(demonstration), *counts)
