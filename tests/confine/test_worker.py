"""Workers for real: spawned, spoken to, killed, orphaned."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rlm_desk import errors, wire
from rlm_desk.confine.worker import Worker

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    """A locked worker that sends back what it gets."""
    spawned = await Worker.spawn("probe")
    yield spawned
    await spawned.close(grace=0)


def gone(pid: int) -> bool:
    """Whether no process, or only a dead one nobody has waited for, has this pid."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


async def until_gone(pid: int, seconds: float = 3.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if gone(pid):
            return True
        await asyncio.sleep(0.01)
    return False


async def test_frames_come_back_as_they_went(worker: Worker) -> None:
    for body in (b"", b"x", bytes(range(256)) * 5000):
        await worker.send({"type": "echo", "é": [1, None]}, body)
        assert await worker.receive(10) == ({"type": "echo", "é": [1, None]}, body)


async def test_a_receive_that_times_out_or_is_cancelled_loses_no_byte(worker: Worker) -> None:
    with pytest.raises(TimeoutError):
        await worker.receive(0.01)
    body = os.urandom(3_000_000)
    await worker.send({"type": "echo"}, body)
    for _ in range(20):
        waiting = asyncio.create_task(worker.receive())
        await asyncio.sleep(0)
        waiting.cancel()
    assert (await worker.receive(10))[1] == body


async def test_sends_from_several_tasks_do_not_mix(worker: Worker) -> None:
    bodies = [bytes([i]) * 200_000 for i in range(8)]
    sending = asyncio.gather(*(worker.send({"type": "echo", "i": i}, body) for i, body in enumerate(bodies)))
    received = [await worker.receive(10) for _ in bodies]
    await sending
    assert sorted(header["i"] for header, _ in received) == list(range(8))
    assert all(body == bodies[header["i"]] for header, body in received)


async def test_all_layers_are_reported_and_the_boundary_is_up(worker: Worker) -> None:
    states = {layer.name: layer.state for layer in worker.layers}
    assert states["syscalls"] == "on"
    assert states["self-test"] == "on"
    assert states["limits"] == "on"


async def test_a_killed_worker_is_a_worker_that_died(worker: Worker) -> None:
    worker.kill()
    with pytest.raises(errors.WorkerDied, match="SIGKILL"):
        await worker.receive(5)
    assert not worker.alive
    with pytest.raises(errors.WorkerDied):
        await worker.send({"type": "echo"}, b"x" * 100_000)


async def test_sigint_outside_a_cell_is_ignored(worker: Worker) -> None:
    worker.interrupt()
    await worker.send({"type": "echo"})
    assert (await worker.receive(5))[0] == {"type": "echo"}


async def test_close_ends_the_process_and_may_be_called_twice(worker: Worker) -> None:
    await worker.close()
    assert not worker.alive
    await worker.close()


async def test_a_length_over_the_cap_ends_the_worker(worker: Worker) -> None:
    worker._channel._max_body = 10
    await worker.send({"type": "echo"}, b"x" * 11)
    with pytest.raises(errors.WorkerDied, match="broke the protocol"):
        await worker.receive(5)
    assert not worker.alive


@pytest.mark.parametrize(
    "raw",
    [
        wire.PREFIX.pack(0xFFFFFFFF, 0),
        wire.PREFIX.pack(0, 0),
        wire.PREFIX.pack(20, 0xFFFFFFFF) + b"{" * 20,
        wire.PREFIX.pack(4, 0) + b"nope",
        wire.PREFIX.pack(4, 0) + b"[{}]",
        wire.PREFIX.pack(10, 0) + b'{"type":1}',
        wire.PREFIX.pack(1_000_000, 0) + b"[" * 1_000_000,
    ],
    ids=["huge header", "no header", "huge body", "not JSON", "no object", "type is no string", "deep JSON"],
)
async def test_bytes_that_are_no_frame_end_the_worker(worker: Worker, raw: bytes) -> None:
    worker._channel._inbox += raw  # as if the worker had sent them
    with pytest.raises(errors.WorkerDied, match="broke the protocol"):
        await worker.receive(5)
    assert not worker.alive


async def test_what_is_inherited_is_nothing(worker: Worker) -> None:
    environment = Path(f"/proc/{worker.pid}/environ").read_bytes().split(b"\0")
    assert {line.split(b"=")[0] for line in environment if line} == {b"LANG", b"PATH"}
    assert Path(f"/proc/{worker.pid}/cwd").resolve() == Path("/")
    assert len(list(Path(f"/proc/{worker.pid}/fd").iterdir())) == 5
    assert os.getsid(worker.pid) == worker.pid


async def test_an_unconfined_machine_is_refused_unless_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rlm_desk.confine.worker.BOUNDARY", "a layer nobody has")
    with pytest.raises(errors.ConfinementError, match="cannot confine"):
        await Worker.spawn("probe")
    allowed = await Worker.spawn("probe", allow_unconfined=True)
    await allowed.close(grace=0)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
async def test_no_worker_outlives_a_parent_that_is_killed() -> None:
    code = textwrap.dedent(
        """
        import asyncio, time
        from rlm_desk.confine.worker import Worker
        from rlm_desk.repl.session import ReplSession
        from rlm_desk.corpus import Corpus

        async def main():
            idle = await Worker.spawn("probe")
            looping = await ReplSession.start(Corpus([]), cell_seconds=600)
            print(idle.pid, looping.pid, flush=True)
            await looping.run("while True: pass", None)

        asyncio.run(main())
        """
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert parent.stdout is not None
    line = await asyncio.to_thread(parent.stdout.readline)
    pids = [int(word) for word in line.split()]
    assert len(pids) == 2 and not any(gone(pid) for pid in pids)
    await asyncio.sleep(0.2)  # the cell loops by now
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert [await until_gone(pid) for pid in pids] == [True, True]


async def test_a_worker_that_fails_before_it_is_ready_says_why() -> None:
    with pytest.raises(errors.WorkerDied, match=r"TypeError at rlm_desk/confine/lockdown\.py"):
        await Worker.spawn("probe", {"address_space": "much"})
    with pytest.raises(errors.WorkerDied, match="not ready after 0 s"):
        await Worker.spawn("probe", ready_seconds=0)
