"""Attacks on time, memory and the protocol, through real sessions: control comes back, and the app's memory is flat."""

import asyncio
import multiprocessing
import resource
from collections.abc import AsyncIterator
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from rlm_desk.errors import BudgetExceeded, EngineError
from rlm_desk.repl import session as sessions
from rlm_desk.repl.calls import Call
from rlm_desk.repl.session import ReplSession
from tests.escapes.denials import DYING, FLOOD, FORGE, FRAMES, MEMORY, TIME, cell
from tests.repl.making import FakeHost, corpus

SECONDS = 0.5
GRACE = 0.3
"""Seconds to heed the interrupt, where the claim is that control comes back whether a cell does or not."""
BACK_SECONDS = 60.0
"""Until control is back on a machine however busy; `tests/bench/denial_speed.py` says what it really takes."""


@pytest.fixture
async def session() -> AsyncIterator[ReplSession]:
    """A session whose cells have half a second."""
    opened = await ReplSession.start(corpus(), cell_seconds=SECONDS, output_chars=2000)
    yield opened
    await opened.close()


async def attacked(session: ReplSession, code: str) -> str:
    """Run a hostile cell and assert that control comes back, the host is no larger, and the session is of use."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with asyncio.timeout(BACK_SECONDS):
        result = await session.run(code, FakeHost())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024  # KiB
    assert len(result.output) < 2200
    assert len(result.variables) <= 500
    assert (await session.run("6 * 7", FakeHost())).output == "42\n"
    return result.output


@pytest.mark.parametrize("name", TIME)
async def test_time(session: ReplSession, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "GRACE", GRACE)
    output = await attacked(session, TIME[name])
    assert "Error: " in output or "Exception ignored in: <function" in output


@pytest.mark.parametrize("name", MEMORY)
async def test_memory(session: ReplSession, name: str) -> None:
    assert "Error: " in await attacked(session, MEMORY[name])


@pytest.mark.parametrize("name", FLOOD)
async def test_floods(session: ReplSession, name: str) -> None:
    assert len(await attacked(session, FLOOD[name])) < 2200  # what is shown of it


@pytest.mark.parametrize("name", FRAMES)
async def test_forged_frames(session: ReplSession, name: str) -> None:
    pid = session.pid
    output = await attacked(session, cell("frames", name, session._cells + 1))
    assert session.pid != pid and "Python was started again" in output


@pytest.mark.parametrize("name", DYING)
async def test_text_of_a_cell_that_dies(session: ReplSession, name: str) -> None:
    await session.run("for i in range(499): globals()[f'v{i}'] = i", FakeHost())
    output = await attacked(session, cell("dying", name, 0))
    assert "Python was started again" in output


async def test_nothing_left_for_the_exit_outlives_the_session(session: ReplSession) -> None:
    await session.run("import atexit\ndef f():\n    while True: pass\natexit.register(f)", FakeHost())
    pid = session.pid
    assert pid is not None and Path(f"/proc/{pid}").exists()
    async with asyncio.timeout(BACK_SECONDS):
        await session.close()
    assert not Path(f"/proc/{pid}").exists()


async def test_calls_that_are_refused_are_not_made_without_end(session: ReplSession) -> None:
    calls = 0

    async def refuse(call: Call) -> list[object]:
        nonlocal calls
        calls += 1
        raise BudgetExceeded("subcalls", 5)

    result = await session.run("while True:\n    try: llm_query('x')\n    except Exception: pass", refuse)
    assert "Error: " in result.output and calls <= 1001


async def test_large_calls_do_not_add_up_in_the_app(session: ReplSession) -> None:
    async def refuse(call: Call) -> list[object]:
        raise EngineError("The prompt is too long.")

    code = "for _ in range(12):\n    try: llm_query('x' * 20_000_000)\n    except QueryError: pass"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await session.run(code, refuse)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 120 * 1024  # KiB; 240 MB were asked


async def test_control_a_legal_frame_from_a_cell_does_arrive(session: ReplSession) -> None:
    """The descriptor is in reach: refusals above are the host's doing, not a closed door."""
    code = FORGE.format(id=session._cells + 1) + "end(variables=['forged'])\nimport time\ntime.sleep(9)"
    result = await session.run(code, FakeHost())
    assert result.variables == ("forged",)
    await session._end()


def _forever(code: str, begun: Event) -> None:
    begun.set()
    exec(code, {"__name__": "__main__"})


@pytest.mark.parametrize(
    "name", ["loop", "loop that swallows", "one operation", "sleep", "generator", "ignored signal"]
)
async def test_control_without_a_session_it_runs_on(name: str) -> None:
    spawning = multiprocessing.get_context("spawn")
    begun = spawning.Event()
    process = spawning.Process(target=_forever, args=(TIME[name], begun))
    process.start()
    came = begun.wait(BACK_SECONDS)
    await asyncio.sleep(SECONDS + GRACE)
    alive = process.is_alive()
    process.kill()
    process.join()
    assert came and alive
