"""Cells that are stopped, sessions whose worker dies: what ends, what is kept, what comes back."""

import asyncio
import os
import signal

import pytest

from rlm_desk import errors
from rlm_desk.repl.calls import Call
from rlm_desk.repl.past import Recorded
from rlm_desk.repl.session import ReplSession
from tests.repl.making import FakeHost


async def test_a_cancelled_run_ends_the_cell_and_keeps_the_session(session: ReplSession) -> None:
    await session.run("x = 1", FakeHost())
    with pytest.raises(errors.Cancelled):
        await session.run("x = 2\nllm_query('q')", FakeHost(errors.Cancelled()))
    assert (await session.run("x", FakeHost())).output == "1\n"


@pytest.mark.parametrize("code", ["while True: x = 2", "x = 2\nllm_query('never answered')"])
async def test_a_cancelled_task_ends_the_cell_and_keeps_the_session(session: ReplSession, code: str) -> None:
    async def never(call: Call) -> list[str]:
        await asyncio.sleep(60)
        return []

    await session.run("x = 1", FakeHost())
    running = asyncio.create_task(session.run(code, never))
    await asyncio.sleep(0.2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await session.run("x", FakeHost())).output == "1\n"


async def test_a_restoring_that_is_cancelled_midway_is_begun_again(
    session: ReplSession,
) -> None:
    await session.run("x = 1", FakeHost())
    await session.run("y = llm_query('q')", FakeHost())
    began = asyncio.Event()

    async def never(self: Recorded, call: Call) -> list[str]:
        began.set()
        await asyncio.sleep(60)
        return []

    assert session.pid is not None
    os.kill(session.pid, signal.SIGKILL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Recorded, "serve", never)
        for ask in (session.run("z = 1", FakeHost()), session.values()):
            began.clear()
            running = asyncio.create_task(ask)
            await began.wait()
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            assert session.pid is None
    done = await session.run("print(x, y)", FakeHost())
    assert not done.failed and done.lost == () and done.variables == ("x", "y")


async def test_the_clock_stands_while_a_call_is_served(hasty: ReplSession) -> None:
    async def slow(call: Call) -> list[str]:
        await asyncio.sleep(1.3)
        return ["late"]

    result = await hasty.run("llm_query('q')", slow)
    assert result.output == "'late'\n"
    assert result.seconds < 0.5


async def test_a_cell_that_runs_too_long_is_stopped_and_keeps_its_state(hasty: ReplSession) -> None:
    pid = hasty.pid
    result = await hasty.run("n = 0\nwhile True:\n    n += 1", FakeHost())
    assert result.failed and result.output.startswith("Error: TimeoutError: the cell ran longer than 1 seconds.")
    assert 0.9 < result.seconds < 2
    assert (await hasty.run("n > 0", FakeHost())).output == "True\n"
    assert hasty.pid == pid


@pytest.mark.parametrize(
    "code",
    [
        "import time\nwhile True:\n    try: time.sleep(5)\n    except BaseException: pass",
        "max(range(10 ** 12))",
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
    ],
    ids=["swallows everything", "one long operation", "ignores the signal"],
)
async def test_a_cell_that_does_not_stop_is_ended_and_the_state_comes_back(hasty: ReplSession, code: str) -> None:
    await hasty.run("x = 1\ny = [llm_query('q')]", FakeHost(["kept"]))
    pid = hasty.pid
    result = await hasty.run("x = 2\nz = 3\n" + code, FakeHost())
    assert result.failed and hasty.pid != pid
    assert "Python was started again" in result.output
    assert result.variables == ("x", "y")
    assert "z" in result.lost and "Lost: " in result.output and "As before this cell: x." in result.output
    host = FakeHost()
    assert (await hasty.run("x, y", host)).output == "(1, ['kept'])\n"
    assert host.calls == []


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import os\nos._exit(3)", "exit status 3"),
        ("import os\nos.abort()", "SIGABRT"),
        ("import os\n[os.close(fd) for fd in range(3, 8)]", "Error: "),
        ("x = 'a' * 10**10", "MemoryError"),
        ("x = [b'a' * 10**6 for _ in range(10**5)]", "MemoryError"),
    ],
    ids=["exit", "abort", "closes the channel", "one large string", "many strings"],
)
async def test_death_and_exhaustion_are_told_and_survived(session: ReplSession, code: str, says: str) -> None:
    await session.run("x = 1", FakeHost())
    result = await session.run(code, FakeHost())
    assert result.failed and says in result.output
    assert (await session.run("1 + 1", FakeHost())).output == "2\n"


async def test_recursion_without_end_is_told_and_survived(hasty: ReplSession) -> None:
    """It has filled no more than a part of the memory when its time is over, and does not heed that it is."""
    await hasty.run("x = 1", FakeHost())
    result = await hasty.run("def f(): return f()\nimport sys\nsys.setrecursionlimit(10**9)\nf()", FakeHost())
    assert result.failed and "Error: " in result.output
    assert (await hasty.run("x + 1", FakeHost())).output == "2\n"


async def test_what_would_end_every_later_cell_is_not_brought_back(hasty: ReplSession) -> None:
    await hasty.run("import sys\nsys.addaudithook(lambda *a: [None for _ in iter(int, 1)])", FakeHost())
    assert "Python was started again" in (await hasty.run("open('x')", FakeHost())).output
    assert (await hasty.run("6 * 7", FakeHost())).output == "42\n"


@pytest.mark.parametrize(
    "code",
    [
        "import sys\ndef refuse(*_): raise OSError\nsys.addaudithook(refuse)",
        "import builtins\nbuiltins.compile = None",
        "import builtins\nbuiltins.exec = None",
        "import ast\nast.parse = None",
        "import ast\ndel ast.walk",
    ],
)
async def test_a_cell_that_takes_away_what_all_cells_need_costs_one_of_them(session: ReplSession, code: str) -> None:
    await session.run("x = 1", FakeHost())
    await session.run(code, FakeHost())
    told = await session.run("6 * 7", FakeHost())
    assert "Python was started again" in told.output and "x" in told.lost
    assert (await session.run("6 * 7", FakeHost())).output == "42\n"


@pytest.mark.parametrize("code", ["f = None\nf()", "missing", "(1).x", "class A:\n    __repr__ = None\nA()"])
async def test_an_error_of_the_cell_s_own_costs_nothing(session: ReplSession, code: str) -> None:
    pid = session.pid
    assert (await session.run(code, FakeHost())).output.startswith("Error: ")
    assert session.pid == pid


async def test_a_worker_killed_between_cells_comes_back(session: ReplSession) -> None:
    await session.run("x = 1", FakeHost())
    assert session._worker is not None
    session._worker.kill()
    await session._worker._reap(2)
    assert (await session.run("x", FakeHost())).output == "1\n"
    session._worker.kill()
    await session._worker._reap(2)
    assert await session.values() == (("x", "1"),)


async def test_what_cannot_come_back_is_reported(session: ReplSession) -> None:
    await session.run("import time, os\nborn = os.getpid()\nassert not globals().get('twice')", FakeHost())
    await session.run("import os\nif os.getpid() != born: os._exit(1)\nkeep = 1", FakeHost())
    result = await session.run("import os\nos._exit(1)", FakeHost())
    assert result.failed  # the second cell runs otherwise in another process only if `born` differed: it does not
    assert set(result.variables) | set(result.lost) >= {"born", "keep"}
