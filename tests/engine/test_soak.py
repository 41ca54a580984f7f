"""Mixed requests, cancels, deadlines, a cache far too small, a worker that is killed: every request ends exactly once.

RLM_DESK_SOAK=1000 runs the long form (1,000 requests, 20 kills).
"""

import asyncio
import os
import random
import signal
from pathlib import Path

import pytest

from rlm_desk.bench.processor import memory_bytes
from rlm_desk.completion import Completion, Message, Request, Sampling
from rlm_desk.engine.local import LocalEngine
from rlm_desk.errors import DeskError
from rlm_desk.plan import LoadPlan

REQUESTS = int(os.environ.get("RLM_DESK_SOAK", "150"))
KILLS = REQUESTS // 50
WORDS = "agreement supplier customer law goods thirty days order delivery late payment party notice period".split()


def mixed(dice: random.Random) -> Request:
    """A request of any kind; some will not fit."""
    preamble = " ".join(random.Random(dice.randint(0, 2)).choices(WORDS, k=80))
    text = f"{preamble} {' '.join(dice.choices(WORDS, k=dice.randint(1, 120)))}"
    return Request(
        (Message("user", text * (20 if dice.random() < 0.03 else 1)),),
        max_tokens=dice.randint(1, 120),
        sampling=Sampling(temperature=dice.choice([0.0, 0.0, 0.8]), seed=dice.randint(0, 99)),
        stop=dice.choice([(), ("the",), (" a", "zz")]),
        priority=dice.randint(0, 2),
        grammar=dice.choice(["", "", "", "root ::= [a-z ]{1,30}"]),
        seconds=dice.choice([0.0, 0.0, 0.0, 0.0, 0.02]),
    )


@pytest.mark.parametrize("crowd", [None, 256])
async def test_every_request_ends_once_whatever_happens(nano: Path, crowd: int | None) -> None:
    dice = random.Random(4)
    restarts: list[str] = []
    # 768 cells for 6 slots of prompts up to 300 tokens: eviction and preemption are the rule.
    plan = LoadPlan(str(nano), 700, 6, 768, batch=256, threads=1, crowd=crowd, flash_attention=crowd is None)
    engine = await LocalEngine.start(plan, on_restart=restarts.append)
    outcomes: dict[int, str] = {}
    ends: list[int] = []
    gate = asyncio.Semaphore(40)

    async def one(number: int) -> None:
        pieces: list[str] = []
        async with gate:
            task = asyncio.create_task(engine.complete(mixed(dice), pieces.append if number % 3 else None))
            if dice.random() < 0.2:
                await asyncio.sleep(dice.random() * 0.2)
                task.cancel()
            try:
                reply = await task
                assert isinstance(reply, Completion)
                if number % 3 and not restarts:
                    assert "".join(pieces) == reply.text
                outcomes[number] = "done"
            except asyncio.CancelledError:
                outcomes[number] = "cancelled"
            except DeskError as problem:
                outcomes[number] = type(problem).__name__
            ends.append(number)

    async def kill() -> None:
        for _ in range(KILLS):
            target = len(ends) + 30
            while len(ends) < min(target, REQUESTS - 5):
                await asyncio.sleep(0.01)
            if engine.pid:
                os.kill(engine.pid, signal.SIGKILL)
            await asyncio.sleep(0.05)

    killing = asyncio.create_task(kill())
    await asyncio.wait_for(asyncio.gather(*(one(number) for number in range(REQUESTS))), 600)
    await killing
    await engine.complete(Request((Message("user", "The last one"),), max_tokens=4))
    held = memory_bytes(engine.pids)
    for _ in range(3):  # the same load again, in the same worker: nothing may grow
        await asyncio.gather(*(engine.complete(mixed(dice)) for _ in range(10)), return_exceptions=True)
    await asyncio.sleep(0.1)
    stats = engine.stats()
    grown = memory_bytes(engine.pids) - held
    await engine.close()
    assert sorted(ends) == list(range(REQUESTS))
    assert set(outcomes.values()) <= {"done", "cancelled", "WouldNotFit", "DeadlinePassed"}
    assert list(outcomes.values()).count("DeadlinePassed") > REQUESTS / 50
    assert outcomes and list(outcomes.values()).count("done") > REQUESTS / 2
    assert len(restarts) >= KILLS / 2
    assert (stats.busy, stats.queued) == (0, 0)
    assert grown < 64 * 2**20
