"""What a worker died of, and what the engine does about it."""

import asyncio
import os
import resource
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from rlm_desk.completion import Message, Request
from rlm_desk.engine import shard
from rlm_desk.engine.deaths import oom_kills, ran_out_of_memory
from rlm_desk.engine.local import LocalEngine
from rlm_desk.errors import EngineError, WorkerDied, WouldNotFit
from rlm_desk.plan import LoadPlan

KILLED = WorkerDied("engine", "ended by SIGKILL")


def test_the_systems_own_count_tells_a_kill_for_memory(tmp_path: Path) -> None:
    counts = tmp_path / "vmstat"
    counts.write_text("nr_free_pages 5\noom_kill 7\npgfault 9\n")
    assert oom_kills(counts) == 7
    assert oom_kills(tmp_path / "none") is None
    assert ran_out_of_memory(KILLED, 7, 8)
    assert not ran_out_of_memory(KILLED, 7, 7)  # somebody else sent it
    assert ran_out_of_memory(KILLED, None, None)


def test_last_words_tell_a_failed_allocation() -> None:
    said = "terminate called after throwing an instance of 'std::bad_alloc'"
    assert ran_out_of_memory(WorkerDied("engine", "ended by SIGABRT", said), 1, 1)
    assert not ran_out_of_memory(WorkerDied("engine", "ended by SIGABRT", "GGML_ASSERT(n > 0) failed"), 1, 1)


async def test_a_death_for_memory_goes_on_with_the_planners_next_plan(
    nano: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kills = iter(range(100))
    monkeypatch.setattr(shard, "oom_kills", lambda: next(kills))  # every death is one of memory
    failed: list[LoadPlan] = []

    async def smaller(plan: LoadPlan) -> LoadPlan | None:
        failed.append(plan)
        return replace(plan, slots=1, kv_type="f16", cells=1024)

    first = LoadPlan(str(nano), 1024, 4, 4096, batch=512, threads=1)
    told: list[str] = []
    engine = await LocalEngine.start(first, on_restart=told.append, smaller=smaller)
    try:
        asking = asyncio.create_task(engine.complete(Request((Message("user", "Why?"),), max_tokens=400)))
        await asyncio.sleep(0.05)
        pid = engine.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert (await asking).usage.completion > 0
        assert failed == [first]
        assert engine.plan.slots == 1
        assert "ran out of memory" in told[0]
        assert "1 slot, a window of 1,024 tokens" in told[0]
    finally:
        await engine.close()


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
async def test_a_worker_whose_allocation_fails_is_replaced_by_a_smaller_one(nano: Path) -> None:
    told: list[str] = []
    engine = await LocalEngine.start(LoadPlan(str(nano), 1024, 4, 4096, batch=512, threads=1), on_restart=told.append)
    try:
        asking = asyncio.create_task(engine.complete(Request((Message("user", "Why?"),), max_tokens=900)))
        await asyncio.sleep(0.05)
        pid = engine.pid
        assert pid is not None
        resource.prlimit(pid, resource.RLIMIT_AS, (_address_space(pid), resource.RLIM_INFINITY))
        with pytest.raises(WouldNotFit):  # its 48 MB are more than the first worker can hold; the second says so
            await engine.complete(Request((Message("user", "word " * 9_600_000),), max_tokens=4))
        assert (await asking).usage.completion > 0
        assert engine.pid != pid
        assert (engine.plan.slots, engine.plan.cells) == (2, 2048)
        assert len(told) == 1
        assert "ran out of memory" in told[0]
        assert "2 slots, a window of 1,024 tokens" in told[0]
    finally:
        await engine.close()


def _address_space(pid: int) -> int:
    """Bytes a process has mapped."""
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[0]) * resource.getpagesize()


async def test_nothing_smaller_ends_it_with_a_sentence(nano: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kills = iter(range(100))
    monkeypatch.setattr(shard, "oom_kills", lambda: next(kills))

    async def nothing(_plan: LoadPlan) -> None:
        return None

    engine = await LocalEngine.start(LoadPlan(str(nano), 1024, 1, 1024, batch=512, threads=1), smaller=nothing)
    try:
        pid = engine.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(EngineError, match="ran out of memory, and nothing smaller fits"):
            await engine.complete(Request((Message("user", "Why?"),), max_tokens=4))
    finally:
        await engine.close()
