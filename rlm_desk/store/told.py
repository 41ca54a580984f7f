"""Later runs that were told a run's question and answer, and how its words are taken out of them when it is erased.

A text is replaced by another one without the words, under its own hash, so that what an event cites is still what its
hash says. Which runs were told what stands in `run_started` (`told`); of runs kept by a version that did not write it,
all later ones of the same workspace or session count.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import Any

from rlm_desk.errors import UsageError
from rlm_desk.store import index, query
from rlm_desk.store.owner import Owner
from rlm_desk.store.words import Erased, words

_HASH = re.compile(r"\b[0-9a-f]{64}\b")
_BEGUN = (
    "SELECT r.id, r.started, r.owner, r.workspace, json_extract(e.json, '$.told')"
    " FROM runs r JOIN events e ON e.run = r.id AND e.seq = 0"
)
FREE = ("label", "reason", "error", "variables", "lost")
"""Fields of events that may hold words of a person, a document or a model."""


def of(connection: sqlite3.Connection, first: Iterable[str]) -> list[str]:
    """Ids of the runs that were told of some runs, or of runs that were, oldest first."""
    known = set(first)
    begun = [*_begun(connection, known)]
    if not begun:
        return []
    told, owners, workspaces = [], {one[2] for one in begun}, {one[3] for one in begun} - {None}
    for run, _, owner, workspace, earlier in connection.execute(
        f"{_BEGUN} WHERE r.started >= ? ORDER BY r.started, r.id", (min(one[1] for one in begun),)
    ):
        if run in known:
            continue
        old = earlier is None  # nobody wrote it down then: all of its conversation
        if (owner in owners or workspace in workspaces) if old else not known.isdisjoint(json.loads(earlier)):
            known.add(run)
            told.append(run)
            if old:
                owners.add(owner)
                workspaces |= {workspace} - {None}
    return told


def refuse_running(connection: sqlite3.Connection, runs: Iterable[str], owner: Owner) -> None:
    """Raises UsageError when one of these goes on: it would write on what is to be erased."""
    for run in runs:
        (status, token) = connection.execute("SELECT status, owner FROM runs WHERE id = ?", (run,)).fetchone()
        if status == "running" and owner.alive(token):
            raise UsageError(
                f"Run {run} knows of it and is still going on.",
                "Wait until it is over, or cancel it; then erase again.",
            )


def blank(connection: sqlite3.Connection, run: str, followers: list[str]) -> None:
    """Take the words of a run's question and answer out of later runs. Before its own texts go."""
    question, answer = _said(connection, run)
    if not question and not answer:
        return
    before = {word for text in _opening(connection, run) for word in words(text.replace(question, " "))}
    for one in followers:
        own, _ = _said(connection, one)
        erased = Erased(question, answer, own, _elsewhere(connection, one, before))
        _blank_one(connection, one, erased)


def blank_fields(connection: sqlite3.Connection, run: str) -> None:
    """Empty the free fields of a run's events, but for the root's label, which is its question."""

    def empty(event: dict[str, Any]) -> None:
        for field in FREE:
            if event.get(field) and not (field == "label" and event.get("role") == "root"):
                event[field] = [] if isinstance(event[field], list) else ""

    _rewrite(connection, run, {}, empty)
    connection.execute("UPDATE runs SET error = '' WHERE id = ?", (run,))


def _begun(connection: sqlite3.Connection, runs: Iterable[str]) -> Iterator[tuple[str, float, str, int | None, str]]:
    for run in runs:
        yield from connection.execute(f"{_BEGUN} WHERE r.id = ?", (run,))


def _blank_one(connection: sqlite3.Connection, run: str, erased: Erased) -> None:
    new: dict[str, str] = {}
    (own,) = connection.execute("SELECT question FROM runs WHERE id = ?", (run,)).fetchone()
    for key, raw in connection.execute(
        "SELECT hash, text FROM blobs WHERE hash IN (SELECT hash FROM citations WHERE run = ?) AND hash <> ?",
        (run, own),
    ).fetchall():
        text = _text(raw)
        left = erased.blanked(text)
        if left is not text:
            packed = left.encode("utf-8", "surrogatepass")
            new[key] = sha256(packed).hexdigest()
            connection.execute("INSERT OR IGNORE INTO blobs (hash, text) VALUES (?, ?)", (new[key], packed))
    for old, made in new.items():
        connection.execute("UPDATE OR IGNORE citations SET hash = ? WHERE run = ? AND hash = ?", (made, run, old))
        connection.execute("DELETE FROM citations WHERE run = ? AND hash = ?", (run, old))
        connection.execute("DELETE FROM blobs WHERE hash = ? AND hash NOT IN (SELECT hash FROM citations)", (old,))

    def without(event: dict[str, Any]) -> None:
        for field in FREE:
            value = event.get(field)
            if isinstance(value, str):
                event[field] = erased.blanked(value)
            elif isinstance(value, list):
                event[field] = [erased.blanked(str(one)) for one in value]

    _rewrite(connection, run, new, without)
    answer, error = connection.execute("SELECT answer, error FROM runs WHERE id = ?", (run,)).fetchone()
    connection.execute(
        "UPDATE runs SET answer = ?, error = ? WHERE id = ?", (new.get(answer, answer), erased.blanked(error), run)
    )
    for key, raw in connection.execute("SELECT key, text FROM answers WHERE run = ?", (run,)).fetchall():
        text = _text(raw)
        if erased.blanked(text) is not text:
            connection.execute("DELETE FROM answers WHERE key = ?", (key,))
    index.put_run(connection, run)


def _rewrite(
    connection: sqlite3.Connection, run: str, new: dict[str, str], change: Callable[[dict[str, Any]], None]
) -> None:
    """Have a run's events cite other texts, and change their fields."""
    for seq, line in connection.execute("SELECT seq, json FROM events WHERE run = ?", (run,)).fetchall():
        event = json.loads(_HASH.sub(lambda match: new.get(match.group(), match.group()), line))
        change(event)
        after = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        if event != json.loads(line):
            connection.execute("UPDATE events SET json = ? WHERE run = ? AND seq = ?", (after, run, seq))


def _said(connection: sqlite3.Connection, run: str) -> tuple[str, str]:
    row = connection.execute(
        "SELECT q.text, a.text FROM runs r LEFT JOIN blobs q ON q.hash = r.question"
        " LEFT JOIN blobs a ON a.hash = r.answer WHERE r.id = ?",
        (run,),
    ).fetchone()
    question, answer = row or (None, None)
    return _text(question), _text(answer)


def _text(raw: bytes | None) -> str:
    return "" if raw is None else raw.decode("utf-8", "surrogatepass")


def _opening(connection: sqlite3.Connection, run: str) -> list[str]:
    """The texts of a run's first prompt: what stood there before anything was answered."""
    found = connection.execute(
        "SELECT b.text FROM citations c JOIN blobs b ON b.hash = c.hash WHERE c.run = ?"
        " AND c.seq = (SELECT min(seq) FROM events WHERE run = ? AND kind = 'asked')",
        (run, run),
    )
    return [_text(raw) for (raw,) in found]


def _elsewhere(connection: sqlite3.Connection, run: str, before: set[str]) -> Callable[[str], bool]:
    """Whether a run can have a word from its own documents, or from what every prompt says."""
    versions = {
        version
        for (version,) in connection.execute("SELECT version FROM run_documents WHERE run = ?", (run,))
        if version
    }

    def known(word: str) -> bool:
        if word in before:
            return True
        # In small portions: a common word stands on many pages of other documents.
        found = connection.execute(
            "SELECT rowid FROM pages_text WHERE pages_text MATCH ?", (f'"{query.folded(word).strip()}"',)
        )
        return any(number >> index.PAGE_BITS in versions for (number,) in found)

    return known
