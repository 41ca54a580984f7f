"""Measure workers: `python -m tests.bench.repl_speed`. Printed, not asserted: a busy machine is no defect."""

import asyncio
import resource
import statistics
import time
from pathlib import Path
from typing import Any

from rlm_desk.corpus import Corpus, Document, Page
from rlm_desk.repl.calls import Call
from rlm_desk.repl.session import ReplSession
from rlm_desk.repl.spares import Spares
from tests.bench import calibration


def corpus(text: str) -> Corpus:
    """A corpus of one document."""
    return Corpus([Document("a", "a.txt", "text", "page", text, (Page("1", 0, len(text)),))])


async def start(spares: Spares | None) -> float:
    """Median milliseconds until a session can run a cell."""
    taken = []
    for _ in range(11):
        if spares is not None:
            spares.prepare()
            await asyncio.sleep(0.3)
        began = time.perf_counter()
        session = await ReplSession.start(corpus("x" * 1000), spares=spares)
        taken.append(time.perf_counter() - began)
        await session.close()
    return statistics.median(taken) * 1e3


async def main() -> None:
    """Print every figure."""
    print(f"ready, cold               {await start(None):8.1f} ms   (bar: 120)")
    spares = Spares()
    print(f"ready, from the spare     {await start(spares):8.1f} ms   (bar: 15)")
    await spares.close()

    async def serve(call: Call) -> list[Any]:
        return ["y" * 8000]

    session = await ReplSession.start(corpus("x"))
    began = time.perf_counter()
    await session.run("p = 'x' * 8000\nfor _ in range(1000): llm_query(p)", serve)
    print(f"sub-call, 8 kB each way   {time.perf_counter() - began:8.3f} ms   (bar: 1)")
    began = time.perf_counter()
    for _ in range(200):
        await session.run("1", serve)
    print(f"cell                      {(time.perf_counter() - began) * 5:8.3f} ms")
    await session.close()
    began = time.perf_counter()
    session = await ReplSession.start(corpus("All work and no play\n" * 4_761_905))
    print(f"100 MB of context         {time.perf_counter() - began:8.3f} s    (bar: 1.5)")
    status = Path(f"/proc/{session.pid}/status").read_text()
    print(f"  its worker's peak       {int(status.split('VmHWM:')[1].split()[0]) / 1024:8.0f} MiB")
    began = time.perf_counter()
    await session.run("search('nothing of it'), split(context, 8000)", serve)
    print(f"  search and split it     {time.perf_counter() - began:8.3f} s")
    await session.close()
    print(f"host's peak               {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MiB")


if __name__ == "__main__":
    print(calibration.line())
    asyncio.run(main())
