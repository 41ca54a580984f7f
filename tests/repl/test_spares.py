"""The warm spare, and workers that rest between cells."""

import asyncio
from pathlib import Path

from rlm_desk.repl.session import ReplSession
from rlm_desk.repl.spares import Spares
from tests.confine.test_worker import gone, until_gone
from tests.repl.making import FakeHost, corpus


async def rests(pid: int) -> bool:
    """Whether the process is stopped, soon: a signal takes its time on a busy machine."""
    for _ in range(200):
        if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T":
            return True
        await asyncio.sleep(0.01)
    return False


def children() -> set[int]:
    """Processes that this one has started and not yet buried."""
    return {int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}


async def test_a_session_takes_the_spare_and_another_is_made() -> None:
    spares = Spares()
    spares.prepare()
    assert spares._coming is not None
    waiting = (await asyncio.shield(spares._coming)).pid
    assert await rests(waiting)
    session = await ReplSession.start(corpus(), spares=spares)
    assert session.pid == waiting
    assert (await session.run("len(documents)", FakeHost())).output == "3\n"
    following = (await asyncio.shield(spares._coming)).pid
    assert following != waiting
    assert (await session.run("import os\nos._exit(1)", FakeHost())).failed
    assert session.pid == following  # a restart takes it, too
    await session.close()
    last = (await asyncio.shield(spares._coming)).pid
    await spares.close()
    assert await until_gone(last)
    spares.prepare()
    assert spares._coming is None


async def test_a_spare_that_died_is_replaced() -> None:
    spares = Spares()
    spares.prepare()
    assert spares._coming is not None
    dead = await asyncio.shield(spares._coming)
    dead.kill()
    await dead._reap(2)
    session = await ReplSession.start(corpus(), spares=spares)
    assert session.pid != dead.pid and session.pid is not None and not gone(session.pid)
    await session.close()
    await spares.close()


async def test_closing_before_it_is_ready_leaves_no_process() -> None:
    before = children()
    spares = Spares()
    spares.prepare()
    while not (started := children() - before):  # its process is there, its greeting is not
        await asyncio.sleep(0.001)
    assert spares._coming is not None and not spares._coming.done()
    await spares.close()
    assert all([await until_gone(pid) for pid in started])


async def test_a_worker_rests_between_cells_even_if_its_cell_lied_about_the_end() -> None:
    session = await ReplSession.start(corpus())
    await session.run("1", FakeHost())
    assert session.pid is not None and await rests(session.pid)
    lie = (
        "import json, os, struct\n"
        "raw = json.dumps(dict(type='done', id=2, failed=False, seconds=0, variables=[], output_bytes=0,"
        " final=False, reads=[])).encode()\n"
        "os.write(4, struct.pack('>II', len(raw), 0) + raw)\n"
        "while True: pass"
    )
    assert not (await session.run(lie, FakeHost())).failed
    assert await rests(session.pid)
    await session.close()
