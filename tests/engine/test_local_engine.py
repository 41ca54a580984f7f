"""The engine as the loop sees it: a worker process, many calls at once, deaths."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from rlm_desk.completion import Completion, Message, Request, Sampling
from rlm_desk.engine.local import LocalEngine
from rlm_desk.errors import EngineError, ModelError, WouldNotFit
from rlm_desk.plan import LoadPlan


def load_plan(model: Path, slots: int = 4, cells: int = 4096) -> LoadPlan:
    return LoadPlan(str(model), 2048, slots, cells, batch=512, threads=1)


def user(text: str, most: int = 16, **more: object) -> Request:
    return Request((Message("user", text),), max_tokens=most, **more)  # type: ignore[arg-type]


@pytest.fixture
async def engine(nano: Path) -> AsyncIterator[LocalEngine]:
    engine = await LocalEngine.start(load_plan(nano))
    yield engine
    await engine.close()


async def test_a_request_comes_back_with_text_and_usage(engine: LocalEngine) -> None:
    pieces: list[str] = []
    reply = await engine.complete(user("What is the notice period?", 30), pieces.append)
    assert "".join(pieces) == reply.text
    assert reply.usage.completion == 30
    assert reply.finish == "length"
    assert reply.usage.prompt == await engine.count((Message("user", "What is the notice period?"),))
    assert 0 < reply.confidence <= 1
    assert engine.window == 2048
    assert engine.facts["architecture"] == "llama"
    assert engine.facts["n_vocab"] == 640


async def test_many_at_once_share_the_machine(engine: LocalEngine) -> None:
    replies = await asyncio.gather(
        *(
            engine.complete(
                user(
                    f"{'Of the agreement between the supplier and the customer, and of the law. ' * 4}{n}?", priority=1
                )
            )
            for n in range(40)
        )
    )
    assert len(replies) == 40
    assert sum(reply.usage.cached > 0 for reply in replies) >= 36
    await asyncio.sleep(0.05)
    stats = engine.stats()
    assert (stats.busy, stats.queued) == (0, 0)
    assert stats.decode_per_second > 0


async def test_what_does_not_fit_is_refused(engine: LocalEngine) -> None:
    with pytest.raises(WouldNotFit) as refused:
        await engine.complete(user("period " * 4000))
    assert refused.value.tokens > refused.value.window == 2048
    assert (await engine.complete(user("still there?"))).text


async def test_cancelling_the_task_frees_the_slot_soon(engine: LocalEngine) -> None:
    running = [asyncio.create_task(engine.complete(user(f"Long {n}", 1900))) for n in range(8)]
    await asyncio.sleep(0.3)
    begun = time.monotonic()
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    await engine.complete(user("Short", 1))
    assert time.monotonic() - begun < 2
    assert all(task.cancelled() for task in running)


async def test_a_killed_worker_is_replaced_and_nothing_is_lost_or_said_twice(nano: Path) -> None:
    told: list[str] = []
    engine = await LocalEngine.start(load_plan(nano, slots=1), on_restart=told.append)
    try:
        prompt = "Tell me everything about the supplier."
        expected = (await engine.complete(user(prompt, 600))).text
        pieces: list[str] = []
        first_piece = asyncio.Event()

        def show(piece: str) -> None:
            pieces.append(piece)
            first_piece.set()

        task = asyncio.create_task(engine.complete(user(prompt, 600), show))
        queued = asyncio.create_task(engine.complete(user("And the customer?")))
        await first_piece.wait()
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGKILL)
        reply = await task
        assert reply.text == expected
        assert "".join(pieces) == expected
        assert (await queued).usage.completion
        assert len(told) == 1
        assert "SIGKILL" in told[0]
    finally:
        await engine.close()


async def test_several_workers_share_the_calls_and_one_may_die(nano: Path) -> None:
    told: list[str] = []
    engine = await LocalEngine.start(replace(load_plan(nano), workers=2), on_restart=told.append)
    try:
        assert len(set(engine.pids)) == 2
        assert engine.window == 2048
        calls = [asyncio.create_task(engine.complete(user(f"Question {n}", 300))) for n in range(12)]
        await asyncio.sleep(0.2)
        os.kill(engine.pids[1], signal.SIGKILL)
        replies = await asyncio.gather(*calls)
        assert len(replies) == 12
        assert len(told) == 1
        stats = engine.stats()
        assert stats.slots == 4
        assert stats.steps > 0
    finally:
        await engine.close()


async def test_three_deaths_in_a_row_end_it_with_a_diagnosis(nano: Path) -> None:
    deaths: list[str] = []
    engine = await LocalEngine.start(load_plan(nano), on_restart=deaths.append)

    async def killer() -> None:
        seen = None
        while len(deaths) < 3:
            if engine.pid and engine.pid != seen:
                seen = engine.pid
                os.kill(seen, signal.SIGKILL)
            await asyncio.sleep(0.01)

    killing = asyncio.create_task(killer())
    try:
        with pytest.raises(EngineError, match="3 times in a row"):
            await engine.complete(user("Endless", 1900))
        with pytest.raises(EngineError, match="gave up"):
            await engine.complete(user("Again"))
    finally:
        killing.cancel()
        await engine.close()


async def test_a_file_that_is_no_model_is_a_model_error(tmp_path: Path) -> None:
    path = tmp_path / "wrong.gguf"
    path.write_text("hello")
    with pytest.raises(ModelError, match="not a GGUF") as problem:
        await LocalEngine.start(load_plan(path))
    assert problem.value.next_step
    with pytest.raises(ModelError, match="cannot be read"):
        await LocalEngine.start(load_plan(tmp_path / "missing.gguf"))


async def test_the_log_is_there_and_never_on_the_terminal(
    engine: LocalEngine, capfd: pytest.CaptureFixture[str]
) -> None:
    assert "llama" in await engine.log()
    assert capfd.readouterr() == ("", "")


async def test_a_closed_engine_says_so(nano: Path) -> None:
    engine = await LocalEngine.start(load_plan(nano))
    task = asyncio.create_task(engine.complete(user("Never ends", 1900)))
    await asyncio.sleep(0.2)
    await engine.close()
    await engine.close()
    with pytest.raises(EngineError, match="closed"):
        await task
    with pytest.raises(EngineError, match="closed"):
        await engine.complete(user("Anyone?"))


async def test_a_mistake_in_on_text_goes_to_its_caller_only(engine: LocalEngine) -> None:
    def broken(_piece: str) -> None:
        raise ZeroDivisionError

    results: list[Completion | BaseException] = await asyncio.gather(
        engine.complete(user("One"), broken), engine.complete(user("Two")), return_exceptions=True
    )
    assert isinstance(results[0], ZeroDivisionError)
    assert isinstance(results[1], Completion)


async def test_sampling_is_passed_on(engine: LocalEngine) -> None:
    drawn = [
        (await engine.complete(user("Draw", 20, sampling=Sampling(temperature=2.0, top_k=100, top_p=1.0, seed=s)))).text
        for s in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]
