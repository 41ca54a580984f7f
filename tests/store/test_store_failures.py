"""What the store does when the machine fails it: kills, full disks, strange files, two processes."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from rlm_desk.errors import StoreError
from rlm_desk.events import NodeFinished, Recorded
from rlm_desk.store import Store
from rlm_desk.store.schema import FILE

from .making import document, finished, nudged, partial, started

ROOT = Path(__file__).parents[2]

WRITER = """
import asyncio, sys
from pathlib import Path
from rlm_desk.store import Store
from tests.store.making import partial, started

async def main():
    store = await Store.open(Path(sys.argv[1]))
    await store.append([started(sys.argv[2])])
    print(0, flush=True)
    for n in range(1, int(sys.argv[3])):
        await store.append([partial(sys.argv[2], n, f"text {n} " * 50)])
        print(n, flush=True)

asyncio.run(main())
"""


def spawn(folder: Path, run: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(folder), run, str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


async def test_every_acknowledged_event_survives_sigkill(tmp_path: Path) -> None:
    child = spawn(tmp_path, "killed", 10**9)
    assert child.stdout is not None
    acknowledged = [int(child.stdout.readline()) for _ in range(200)]
    store = await Store.open(tmp_path)
    (alive,) = await store.runs()
    assert alive.status == "running"  # in another process
    child.send_signal(signal.SIGKILL)
    acknowledged += [int(line) for line in child.stdout.read().split("\n") if line]
    child.wait()
    events = await store.events("killed")
    assert len(events) >= acknowledged[-1] + 1
    assert [r.event.seq for r in events] == list(range(len(events)))
    assert all(recorded.texts for recorded in events)
    (dead,) = await store.runs()
    assert dead.status == "interrupted"
    assert dead.events == len(events)
    await store.close()


async def test_a_process_that_forgets_to_close_still_exits(tmp_path: Path) -> None:
    child = spawn(tmp_path, "short", 3)
    assert await asyncio.to_thread(child.wait, 20) == 0
    store = await Store.open(tmp_path)
    assert [run.status for run in await store.runs()] == ["interrupted"]
    assert len(list((tmp_path / "owners").iterdir())) == 1  # the dead one's lock was swept
    await store.close()


async def test_two_processes_write_at_once(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    children = [spawn(tmp_path, f"run{n}", 150) for n in range(2)]
    await store.append([started("mine")])
    for n in range(1, 150):
        await store.append([nudged("mine", n)])
    for child in children:
        assert child.stdout is not None
        assert len((await asyncio.to_thread(child.stdout.read)).split()) == 150
        assert child.wait() == 0
    assert {(run.id, run.events) for run in await store.runs()} == {("mine", 150), ("run0", 150), ("run1", 150)}
    await store.close()


async def test_a_run_taken_up_again_belongs_to_the_new_process(tmp_path: Path) -> None:
    first = await Store.open(tmp_path)
    await first.append([started("a")])
    await first.close()
    second = await Store.open(tmp_path)
    assert [run.status for run in await second.runs()] == ["interrupted"]
    await second.append([nudged("a", 1)])
    assert [run.status for run in await second.runs()] == ["running"]
    await second.close()


async def test_a_full_database_fails_everyone_in_the_group_and_the_app_lives(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await store.append([started("a")])
    await store._writer.alone(lambda connection: connection.execute("PRAGMA max_page_count = 60").close())
    futures = [store.submit(partial("a", n, f"{n} " * 5000)) for n in range(1, 60)]
    outcomes = await asyncio.gather(*futures, return_exceptions=True)
    errors = [outcome for outcome in outcomes if outcome is not None]
    assert errors
    assert all(isinstance(error, StoreError) and error.next_step for error in errors)
    assert any("full" in str(error) for error in errors)
    kept = await store.events("a")
    assert len(kept) == 1 + outcomes.count(None)
    assert [r.event.seq for r in kept] == list(range(len(kept)))  # no gap, whatever failed
    await store._writer.alone(lambda connection: connection.execute("PRAGMA max_page_count = 100000").close())
    await store.append([finished("a", len(kept))])
    assert (await store.runs())[0].status == "answered"
    assert sqlite3.connect(store.path).execute("PRAGMA integrity_check").fetchone() == ("ok",)
    await store.close()


FULL_DISK = """
import asyncio, resource, sys
from pathlib import Path
from rlm_desk.errors import StoreError
from rlm_desk.store import Store
from tests.store.making import partial, started

async def main():
    store = await Store.open(Path(sys.argv[1]))
    await store.append([started("a")])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
    n = 0
    try:
        while True:
            n += 1
            await store.append([partial("a", n, f"{n} " * 5000)])
    except StoreError as error:
        print(error, "|", error.next_step)
    assert len(await store.events("a")) == n
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    await store.append([partial("a", n, "again")])
    await store.close()
    print("lives", n)

asyncio.run(main())
"""


@pytest.mark.skipif(os.name == "nt", reason="resource limits are POSIX")
async def test_a_write_the_system_refuses_is_a_sentence_and_later_writes_work(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path)]
    done = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    sentence, last = done.stdout.strip().split("\n")
    assert "disk" in sentence
    assert last.startswith("lives")
    store = await Store.open(tmp_path)
    assert len(await store.events("a")) == int(last.split()[1]) + 1
    await store.close()


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be used"):
        await Store.open(tmp_path / "file" / "data")


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database, just words " * 100)
    with pytest.raises(StoreError, match="damaged"):
        await Store.open(tmp_path)
    assert list((tmp_path / "owners").iterdir()) == []


async def test_a_later_version_is_left_alone(tmp_path: Path) -> None:
    await (await Store.open(tmp_path)).close()
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="later version"):
        await Store.open(tmp_path)


async def test_a_defect_in_one_write_fails_that_write_alone(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)

    def broken(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM runs")
        raise ZeroDivisionError

    first, second, third = store.submit(started("a")), store._writer.submit(broken), store.submit(nudged("a", 1))
    await first
    with pytest.raises(ZeroDivisionError):
        await second
    await third
    event = NodeFinished(run="a", seq=2, at=1.0, node=0, status="done")
    await store.append([Recorded(event=event)])
    assert (await store.runs())[0].events == 3
    await store.put_document(document())
    await store.close()


@pytest.mark.parametrize(("other", "mode"), [(None, 0o700), ("notes.txt", 0o755)])
async def test_a_folder_of_ours_that_others_may_look_into_is_closed(
    tmp_path: Path, other: str | None, mode: int
) -> None:
    await (await Store.open(tmp_path / "data")).close()
    if other:
        (tmp_path / "data" / other).touch()
    (tmp_path / "data").chmod(0o755)
    await (await Store.open(tmp_path / "data")).close()
    assert (tmp_path / "data").stat().st_mode & 0o777 == mode
