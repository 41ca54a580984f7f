"""The loaded model: by the plan that was made for it, and one step smaller where that plan did not hold."""

import asyncio
import contextlib
import os
import signal
from pathlib import Path

import pytest

from rlm_desk import kept
from rlm_desk.bench.random_gguf import SHAPES, write
from rlm_desk.catalogue.resolve import resolve
from rlm_desk.completion import Message, Request
from rlm_desk.config import Settings
from rlm_desk.desk import machine
from rlm_desk.desk.machine import Machine
from rlm_desk.desk.models import Models
from rlm_desk.engine.local import LocalEngine
from rlm_desk.errors import DoesNotFit, EngineError, UsageError
from rlm_desk.plan import LoadPlan


@pytest.fixture
def nano(tmp_path: Path) -> Path:
    path = tmp_path / "nano.gguf"
    write(path, SHAPES["tiny"], "F16")
    return path


async def test_a_plan_that_does_not_hold_is_remembered_and_the_next_one_is_smaller(
    nano: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[LoadPlan] = []
    start = LocalEngine.start

    async def failing_once(plan: LoadPlan, **how: object) -> LocalEngine:
        tried.append(plan)
        if len(tried) == 1:
            raise DoesNotFit("There is not enough memory for it.", "")
        return await start(plan)

    monkeypatch.setattr(machine.LocalEngine, "start", failing_once)
    settings = Settings(data_dir=tmp_path, slots=4)
    loaded = Machine(settings)
    try:
        engine = await loaded.engine(resolve(str(nano), tmp_path / "models"))
        first, second = tried
        assert (first.kv_type, second.kv_type) == ("f16", "q8_0")
        assert loaded.prepared is not None
        assert engine.plan == loaded.prepared.fit.plan == second
        assert any("failed on this machine before" in line for line in loaded.prepared.fit.tried)
    finally:
        await loaded.close()


async def test_an_engine_that_gave_up_is_loaded_anew_for_who_asks_again(nano: Path, tmp_path: Path) -> None:
    loaded = Machine(Settings(data_dir=tmp_path, slots=1))
    spec = resolve(str(nano), tmp_path / "models")
    asked = Request((Message("user", "Say it."),), max_tokens=2)
    try:
        engine = await loaded.engine(spec)
        async with asyncio.timeout(60):
            while not engine.gave_up:
                for pid in engine.pids:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                await asyncio.sleep(0.02)
        with pytest.raises(EngineError, match="gave up"):
            await engine.complete(asked)
        again = await loaded.engine(spec)
        assert again is not engine
        assert (await again.complete(asked)).usage.completion > 0
    finally:
        await loaded.close()


async def test_the_loaded_engine_is_not_handed_out_as_another_model(nano: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    write(other, SHAPES["nano"], "F16")
    loaded = Machine(Settings(data_dir=tmp_path, slots=1))
    one, two = (resolve(str(path), tmp_path / "models") for path in (nano, other))
    try:
        engine = await loaded.engine(one)
        assert await loaded.engine(one) is engine
        with pytest.raises(UsageError, match="nano is loaded, and not other"):
            await loaded.engine(two)
        await loaded.close()
        assert (await loaded.engine(two)) is not engine and loaded.loaded == two
    finally:
        await loaded.close()


async def test_choosing_another_model_waits_for_the_one_that_is_being_loaded(nano: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    write(other, SHAPES["nano"], "F16")
    settings = Settings(data_dir=tmp_path, slots=1, model=str(nano))
    loaded = Machine(settings)
    models = Models(settings, loaded, lambda: False)
    loading = asyncio.create_task(models.load())
    try:
        await asyncio.sleep(0)  # it has begun, and there is no engine yet
        await models.choose(resolve(str(other), tmp_path / "models"))
        await loading
        await models.load()
        assert models.loaded is not None and models.loaded.path == other
    finally:
        await loaded.close()


async def test_a_run_that_is_over_hears_of_no_restart(tmp_path: Path) -> None:
    loaded = Machine(Settings(data_dir=tmp_path))
    first: list[str] = []
    second: list[str] = []
    with loaded.restarts(first.append):
        with loaded.restarts(second.append):
            loaded._restarted("it died")
        loaded._restarted("it died again")
    loaded._restarted("idle")
    assert (first, second) == (["it died", "it died again"], ["it died"])


async def test_what_was_read_stays_on_disk_only_where_that_is_set(nano: Path, tmp_path: Path) -> None:
    asked = Request((Message("user", "The supplier delivers the goods within thirty days of the order. " * 12),), 4)
    cached = []
    for size in (0.0, 0.1, 0.1):
        loaded = Machine(Settings(data_dir=tmp_path, kv_disk_gb=size, slots=1))
        try:
            engine = await loaded.engine(resolve(str(nano), tmp_path / "models"))
            cached.append((await engine.complete(asked)).usage.cached)
        finally:
            await loaded.close()
        assert bool(list(kept.folder(tmp_path).glob("*/*.kv"))) == bool(size)
    assert cached[:2] == [0, 0]
    assert cached[2] > 100
