"""Runs and events, in a real database."""

import asyncio
import os
import stat
from pathlib import Path

import pytest

from rlm_desk.errors import StoreError, UsageError
from rlm_desk.store import Store
from rlm_desk.store.schema import FILE

from .making import finished, nudged, partial, started


async def test_events_come_back_in_order_with_the_texts_they_brought(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    wrote = [started(), partial("run1", 1, "Bren"), nudged("run1", 2), finished("run1", 3)]
    await store.append(wrote[:2])
    for recorded in wrote[2:]:
        await store.submit(recorded)
    assert await store.events("run1") == wrote
    await store.close()
    again = await Store.open(tmp_path)
    assert await again.events("run1") == wrote
    await again.close()


async def test_a_text_cited_twice_is_returned_with_each_run_that_brought_it(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    for run in ("run1", "run2"):
        await store.append([started(run), finished(run, 1)])
    assert [len(r.texts) for r in await store.events("run2")] == [1, 1]
    await store.close()


async def test_a_lone_surrogate_and_a_null_survive(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    wrote = [started(), partial("run1", 1, "a\ud800b\0c"), nudged("run1", 2, "x\udfffy")]
    await store.append(wrote)
    read = await store.events("run1")
    assert read[1] == wrote[1]
    assert read[2].event.kind == "nudged"
    assert read[2].event.reason == "x?y"
    await store.close()


async def test_the_history_is_a_fold_over_the_events(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await store.append([started("old", at=50.0), finished("old", 1)])
    await store.append([started("new", "What is due?", ("d1", "d2")), nudged("new", 1)])
    new, old = await store.runs()
    assert (new.id, new.status, new.question, new.answer) == ("new", "running", "What is due?", None)
    assert (new.documents, new.chars, new.events, new.seconds) == (2, 10, 2, 1.0)
    assert (old.id, old.status, old.answer, old.seconds) == ("old", "answered", "Brenvale", 4.5)
    assert old.model == "desk-tiny"
    assert old.demonstration
    assert await store.runs(1) == [new]
    await store.close()


async def test_find_run_by_prefix(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    for run in ("abc", "abcd", "b_1", "bx1"):
        await store.append([started(run)])
    assert (await store.find_run("abc")).id == "abc"
    assert (await store.find_run("b_")).id == "b_1"
    with pytest.raises(UsageError, match="Several"):
        await store.find_run("ab")
    with pytest.raises(UsageError, match="no run"):
        await store.find_run("z")
    await store.close()


async def test_a_gap_in_a_run_is_refused_and_fails_nobody_else(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    futures = [
        store.submit(started("a")),
        store.submit(nudged("a", 2)),
        store.submit(nudged("a", 1)),
        store.submit(nudged("b", 0)),
        store.submit(nudged("a", 2)),
    ]
    outcomes = await asyncio.gather(*futures, return_exceptions=True)
    assert [isinstance(outcome, StoreError) for outcome in outcomes] == [False, True, False, True, False]
    assert [r.event.seq for r in await store.events("a")] == [0, 1, 2]
    assert [run.id for run in await store.runs()] == ["a"]
    await store.close()


async def test_append_is_all_or_none(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    with pytest.raises(StoreError):
        await store.append([started("a"), nudged("a", 2)])
    assert await store.runs() == []
    await store.close()


async def test_many_submitted_at_once_keep_their_order(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    futures = [store.submit(started("a"))] + [store.submit(partial("a", n, f"text {n}")) for n in range(1, 3000)]
    await asyncio.gather(*futures)
    assert [r.event.seq for r in await store.events("a")] == list(range(3000))
    await store.close()


async def test_what_is_queued_is_committed_by_close(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    futures = [store.submit(started("a"))] + [store.submit(nudged("a", n)) for n in range(1, 500)]
    await store.close()
    await asyncio.gather(*futures)
    with pytest.raises(StoreError, match="closed"):
        await store.runs()
    with pytest.raises(StoreError, match="closed"):
        await store.append([nudged("a", 500)])
    again = await Store.open(tmp_path)
    assert len(await again.events("a")) == 500
    await again.close()


async def test_a_cancelled_waiter_leaves_the_event_committed(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    store.submit(started("a")).cancel()
    await store.append([nudged("a", 1)])
    assert len(await store.events("a")) == 2
    await store.close()


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
async def test_the_folder_and_the_files_are_private(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "here"
    store = await Store.open(folder)
    await store.append([started("a")])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.glob(f"{FILE}*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    await store.close()


async def test_readers_work_while_the_writer_does(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await store.append([started("a")])
    other = await Store.open(tmp_path)
    futures = [store.submit(nudged("a", n)) for n in range(1, 2000)]
    seen = [len(await reader.events("a")) for _ in range(10) for reader in (store, other)]
    assert seen == sorted(seen)
    await asyncio.gather(*futures)
    assert len(await other.events("a")) == 2000
    await other.close()
    await store.close()
