"""After a purge no file of the data folder holds a word of what was erased, in any table and file there is."""

import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import pytest

from rlm_desk import kept
from rlm_desk.corpus import Heading
from rlm_desk.errors import UsageError
from rlm_desk.events import NodeFinished, NodeStarted, Recorded
from rlm_desk.store import Store, purge, schema

from .making import digest, document, finished, partial, started

WORD = "Xylographensaal"
"""Stands in everything that a person or a document says here."""


def left(folder: Path) -> list[str]:
    """Files with the word in them, in whatever case and coding the index keeps it."""
    forms = (WORD.encode(), WORD.lower().encode(), WORD.encode("utf-16-le"))
    return [
        path.name for path in folder.rglob("*") if path.is_file() and any(form in path.read_bytes() for form in forms)
    ]


async def filled(folder: Path) -> Store:
    """A store with the word in every place that takes text."""
    store = await Store.open(folder)
    full = replace(
        document("d1", f"{WORD} is due.\fNotice", name=f"{WORD}.pdf"),
        outline=(Heading(WORD, 1, 0),),
        facts=(("title", WORD),),
        notes=(f"{WORD} has no text layer",),
    )
    await store.put_document(full, "pdf/1")
    await store.put_files([(f"/home/{WORD}.pdf", 5, 7, "d1")])
    await store.put_members("d1", "zip/1", [(f"{WORD}.txt", "d2", "text", f"{WORD} is damaged")])
    space = await store.workspaces.create(WORD)
    await store.workspaces.put(space, [("d1", f"{WORD}.pdf")], [f"/home/{WORD}"])
    await store.append([started("a", f"What is {WORD}?", ("d1",)), partial("a", 1, WORD), finished("a", 2, WORD)])
    await store.put_answer("k", f"{WORD}!", "a")
    await store.index.caught_up()
    file = kept.folder(folder) / "model" / "entry.kv"
    file.parent.mkdir(parents=True)
    file.write_bytes(WORD.encode())
    return store


async def test_purging_everything_leaves_no_word_in_any_file(tmp_path: Path) -> None:
    store = await filled(tmp_path)
    assert {"rlm-desk.db-wal", "entry.kv"} <= set(left(tmp_path))
    await store.purge_all()
    assert left(tmp_path) == []
    await store.close()
    assert left(tmp_path) == []
    connection = sqlite3.connect(schema.prepare(tmp_path))
    named = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    plain = [one for one in named if not one.startswith(("pages_text", "runs_text", "sqlite_"))]
    assert set(plain) <= set(purge.TABLES), "a table that no purge knows"
    assert [one for one in plain if connection.execute(f"SELECT count(*) FROM {one}").fetchone()[0]] == []
    connection.close()


async def test_everything_in_the_data_folder_is_for_its_user_only(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    store = await filled(folder)
    store.audit.note("ask", [{"run": "a"}])
    modes = {
        path.name: path.stat().st_mode & 0o777 for path in [folder, *folder.rglob("*.db*"), *folder.rglob("*.jsonl")]
    }
    modes |= {path.name: path.stat().st_mode & 0o777 for path in (folder / "owners").rglob("*")}
    await store.close()
    assert modes.pop("data") == 0o700
    assert set(modes.values()) == {0o600} and len(modes) >= 5


async def test_erasing_a_run_takes_its_words_out_of_later_ones_that_were_told_them(tmp_path: Path) -> None:
    """In every prompt, half-written reply, label, answer and cached sub-answer; the rest of each text stays."""
    store = await Store.open(tmp_path)
    await store.put_document(document("d2", "The supplier keeps forty cranes in the harbour.\fNotice"))
    await store.index.caught_up()
    asked = f"Who is the {WORD} of the harbour?"
    answer = f"It is the {WORD}, who owes 48.117,50 euros to the other side"
    await store.append([started("a", asked, ("d1",), at=100.0), finished("a", 1, answer)])
    opening = partial("b", 1, f"answers[0]: {asked}\n  -> {answer}\n\nNow: Which cranes?")
    steps = [
        started("b", "Which cranes?", ("d2",), at=200.0, told=("a",)),
        opening,
        partial("b", 2, f"debt = ask({WORD.lower()}_fee)  # owes 48.117,50 for forty cranes; {WORD[:9]}"),
        node("b", 3, f"{WORD} of cranes"),
        finished("b", 4, f"Forty cranes; {WORD}s none, as 48.117,50 euros to the harbour."),
    ]
    await store.append(steps)
    await store.append([started("c", "And boats?", ("d2",), at=300.0, told=("b",)), finished("c", 1, f"Two {WORD}")])
    await store.append([started("d", "Alone?", ("d2",), at=400.0), finished("d", 1, "It is the one who owes.")])
    await store.put_answer("k", f"{WORD}!", "b")
    await store.put_answer("l", "Forty cranes", "b")
    assert await store.told_of("a") == ["b", "c"]
    await store.purge_run("a")
    assert left(tmp_path) == []
    assert not any(b"48.117,50" in path.read_bytes() for path in tmp_path.rglob("rlm-desk.db*"))
    runs = {run.id: run.answer for run in await store.runs()}
    assert runs == {
        "b": "Forty cranes; [erased] none, as [erased] harbour.",
        "c": "Two [erased]",
        "d": "It is the one who owes.",  # it was told nothing
    }
    events = await store.events("b")
    assert [key for one in events for key, text in one.texts.items() if key != digest(text)] == []
    said = [text for one in events for text in one.texts.values()]
    assert "answers[0]: [erased]\n\nNow: Which cranes?" in said
    assert "debt = ask([erased] for forty cranes; [erased]" in said
    assert {getattr(one.event, "text", None) for one in events} & set(events[1].texts)  # cited by its new hash
    assert await store.get_answer("k") is None and await store.get_answer("l") == "Forty cranes"
    assert (await store.index.search(WORD)).runs == () and len((await store.index.search("forty")).runs) == 1
    await store.close()


async def test_what_a_person_typed_again_stays_theirs(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await store.append([started("a", "Who pays the rent of the mill?", at=100.0), finished("a", 1, "Brenvale does")])
    told = partial("b", 1, "Who pays the rent of the mill? -> Brenvale does. Who pays the rent of the mill?")
    await store.append([started("b", "Who pays the rent of the mill?", at=200.0, told=("a",)), told])
    await store.append([finished("b", 2, "Nobody")])
    await store.purge_run("a")
    (kept,) = await store.runs()
    assert (kept.question, kept.answer) == ("Who pays the rent of the mill?", "Nobody")
    said = [text for one in await store.events("b") for text in one.texts.values()]
    assert all("Brenvale" not in text for text in said) and len(said) == 3
    await store.close()


async def test_nothing_is_erased_while_a_question_that_knows_of_it_goes_on(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await store.put_document(document("d1", f"{WORD} one"))
    await store.append([started("a", "Q1", ("d1",), at=100.0), finished("a", 1, WORD)])
    await store.append([started("b", "Q2", ("d2",), at=200.0, told=("a",))])
    with pytest.raises(UsageError, match="Run b knows of it"):
        await store.purge_run("a")
    with pytest.raises(UsageError, match="Run b knows of it"):
        await store.purge_document("d1")
    assert len(await store.runs()) == 2
    await store.append([finished("b", 1, "Done")])
    await store.purge_run("a")
    assert left(tmp_path) == ["rlm-desk.db"]  # the document itself
    await store.purge_document("d1")
    assert left(tmp_path) == []
    await store.close()


async def test_of_runs_kept_by_an_older_version_all_later_ones_of_the_conversation_count(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await store.append([started("a", "Q1", at=100.0), finished("a", 1, WORD)])
    await store.append([started("b", "Q2", at=200.0), finished("b", 1, f"As {WORD} says")])
    await store.append([started("c", "Q3", at=50.0), finished("c", 1, "Before")])
    await store._writer.submit(lambda db: db.execute("UPDATE events SET json = json_remove(json, '$.told')") and None)
    assert await store.told_of("a") == ["b"]
    await store.purge_run("a")
    assert left(tmp_path) == []
    await store.close()


async def test_names_that_code_gave_go_with_a_document(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await store.put_document(document("d1", f"{WORD} one"))
    failed = NodeFinished(run="a", seq=2, at=1.0, node=1, status="failed", error=f"no {WORD}")
    await store.append(
        [started("a", "Q1", ("d1",)), node("a", 1, WORD), Recorded(event=failed), finished("a", 3, WORD)]
    )
    await store.purge_document("d1")
    assert left(tmp_path) == []
    assert [one.event.kind for one in await store.events("a")][1] == "node_started"
    await store.close()


def node(run: str, seq: int, label: str) -> Recorded:
    event = NodeStarted(run=run, seq=seq, at=1.0, node=1, parent=0, role="child", depth=1, label=label)
    return Recorded(event=event)


async def test_a_document_s_words_go_from_later_questions_of_its_conversation_too(tmp_path: Path) -> None:
    """A follow-up is told the answers before it, and may read other documents only."""
    store = await Store.open(tmp_path)
    await store.put_document(document("d1", f"{WORD} one"))
    await store.put_document(document("d2", "other words"))
    await store.append([started("before", "Q0", ("d2",), at=50.0), finished("before", 1, "An answer before it.")])
    await store.append([started("a", "Q1", ("d1",), at=100.0), finished("a", 1, f"{WORD} answer")])
    told = partial("b", 1, f"Earlier: Q1 {WORD} answer. Now: Q2")
    await store.append([started("b", "Q2", ("d2",), at=200.0, told=("a",)), told, finished("b", 2, f"More of {WORD}")])
    await store.index.caught_up()
    await store.purge_document("d1")
    assert left(tmp_path) == []
    runs = {run.id: run for run in await store.runs()}
    assert set(runs) == {"before", "a", "b"} and runs["b"].question == "Q2" and runs["b"].answer is None
    assert runs["before"].answer == "An answer before it."
    await store.close()


async def test_another_conversation_keeps_its_own(tmp_path: Path) -> None:
    first = await Store.open(tmp_path)
    await first.put_document(document("d1", f"{WORD} one"))
    await first.append([started("a", "Q1", ("d1",), at=100.0), finished("a", 1, WORD)])
    await first.close()
    second = await Store.open(tmp_path)  # another start, no workspace
    await second.append([started("b", "Q2", ("d2",), at=200.0), finished("b", 1, "Unconcerned.")])
    await second.purge_document("d1")
    assert left(tmp_path) == []
    assert {run.id: run.answer for run in await second.runs()} == {"a": None, "b": "Unconcerned."}
    await second.close()


async def test_age_takes_nothing_that_is_younger(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await store.put_document(document("d1", f"{WORD} one"))
    await store.append([started("a", "Q1", ("d1",), at=100.0), finished("a", 1, WORD)])
    now = time.time()
    begun = started("b", "Q2", ("d2",), at=now)
    ended = finished("b", 1, "Young.")
    await store.append([begun, Recorded(event=ended.event.model_copy(update={"at": now}), texts=ended.texts)])
    assert await store.expire(30) == 1
    assert {run.id: run.answer for run in await store.runs()} == {"b": "Young."}
    assert left(tmp_path) == []
    await store.close()
