"""Measure denial of service: `python -m tests.bench.denial_speed [KIND or NAME...]`. Printed, not asserted.

For each attack of `tests/escapes/denials.py`: seconds from its cell's start until the session is of use again, the cell
being allowed half a second; seconds until control is back when a person cancels it after a third of a second, with the
half minute that cells have in the app; how long the app's loop stood still at most; how much the app's memory grew at
its peak. A harmless cell comes first: on a busy machine its loop stands still too.
"""

import asyncio
import contextlib
import sys
import time
from pathlib import Path

from rlm_desk.repl.session import ReplSession
from tests.bench import calibration
from tests.escapes.denials import KINDS, cell
from tests.repl.making import FakeHost, corpus

LIMIT, IN_APP, AFTER = 0.5, 30.0, 0.3
"""Seconds a cell has when it is stopped by its limit, in the app, and until it is cancelled."""
BACK, MEMORY, STILL = 3.0, 100.0, 0.5
"""The bar: seconds, MiB, seconds."""


def peak() -> float:
    """The app's largest resident memory since the last call, in MiB."""
    status = Path("/proc/self/status").read_text()
    Path("/proc/self/clear_refs").write_text("5")  # begins anew
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


async def heartbeat(longest: list[float]) -> None:
    """Note the longest time the loop stood still."""
    last = time.perf_counter()
    while True:
        await asyncio.sleep(0.01)
        longest[0] = max(longest[0], time.perf_counter() - last - 0.01)
        last = time.perf_counter()


async def measured(kind: str, name: str) -> tuple[float, float, float, float]:
    """Seconds by its limit, seconds by cancelling, seconds of standing still, MiB."""
    peak()
    before, longest = peak(), [0.0]
    beat = asyncio.create_task(heartbeat(longest))
    session = await ReplSession.start(corpus(), cell_seconds=LIMIT, output_chars=2000)
    longest[0], began = 0.0, time.perf_counter()
    await session.run(cell(kind, name, session._cells + 1) if kind else "sum(range(9))", FakeHost())
    limited = time.perf_counter() - began
    await session.close()
    session = await ReplSession.start(corpus(), cell_seconds=IN_APP, output_chars=2000)
    run = asyncio.create_task(session.run(cell(kind, name, session._cells + 1) if kind else "1", FakeHost()))
    await asyncio.sleep(AFTER)
    began = time.perf_counter()
    run.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await run
    cancelled = time.perf_counter() - began
    await session.close()
    beat.cancel()
    return limited, cancelled, longest[0], peak() - before


async def main() -> None:
    """Print a line for each attack, and how many are above the bar."""
    wanted = sys.argv[1:] or list(KINDS)
    attacks = [(kind, name) for kind in KINDS for name in KINDS[kind] if kind in wanted or name in wanted]
    print(f"{'':40} {'limit s':>8} {'cancel s':>9} {'still s':>8} {'MiB':>7}")
    print(f"{'bar':40} {BACK:8.2f} {BACK:9.3f} {STILL:8.3f} {MEMORY:7.1f}")
    peak()
    before = peak()
    bytearray(200 * 2**20)
    print(f"{'control: 200 MiB made in the app':40} {peak() - before:35.1f}")
    above = 0
    for kind, name in [("", "harmless"), *attacks]:
        limited, cancelled, still, grown = await measured(kind, name)
        bad = limited > BACK or cancelled > BACK or still > STILL or grown > MEMORY
        above += bad
        line = f"{f'{kind}: {name}':40} {limited:8.2f} {cancelled:9.3f} {still:8.3f} {grown:7.1f}"
        print(line + ("  above" if bad else ""), flush=True)
    print(f"{above} of {len(attacks)} above the bar")


if __name__ == "__main__":
    print(calibration.line())
    asyncio.run(main())
