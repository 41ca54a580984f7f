"""`rlm-desk bench`: how fast this machine answers many related calls, beside the serial `Llama` class and llama.cpp's
own server where one is given. One run.

Not covered: accelerators' own counters.
"""

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rlm_desk.bench.bars import ALIKE
from rlm_desk.bench.endless import endless
from rlm_desk.bench.holding import held
from rlm_desk.bench.processor import cpu_seconds
from rlm_desk.bench.rates import rate
from rlm_desk.bench.rows import AGAIN, Rate, Report, Row
from rlm_desk.bench.serially import serially
from rlm_desk.bench.server import Served, serve
from rlm_desk.bench.workloads import SHORT, Workload, requests
from rlm_desk.catalogue.fit import fit
from rlm_desk.catalogue.inspecting import inspect
from rlm_desk.catalogue.processor import SMALL_MODEL
from rlm_desk.completion import Completion, Request
from rlm_desk.engine.local import LocalEngine
from rlm_desk.errors import EngineError
from rlm_desk.plan import LoadPlan, ModelSpec

Say = Callable[[str], object]


async def run(
    spec: ModelSpec,
    *,
    slots: Sequence[int] = (1, 2, 4, 8, 16),
    repeats: int = 5,
    workload: Workload = SHORT,
    threads: int = 0,
    workers: int = 0,
    serial: bool = True,
    server: Path | None = None,
    say: Say = lambda _line: None,
    allow_unconfined: bool = False,
) -> Report:
    """Measure a workload, its follow-up question and the serial `Llama` class.

    Args:
        spec: the model, e.g. desk-tiny or a file of `random_gguf`.
        slots: numbers of slots to try, an engine each.
        repeats: rounds of each; their median counts. Rounds share no text.
        workload: the calls.
        threads: CPU threads; 0 for one per core.
        workers: processes that share the work; 0 for what the planner chooses.
        serial: compare with `Llama`.
        server: a llama-server program to compare with, at the largest number of slots.
        say: told of progress, in lines.
        allow_unconfined: look at the model file although this machine has no boundary layer.

    Raises:
        UsageError: there is no such server program.
        ModelError, EngineError: the model cannot be loaded, or the comparison's process failed.
    """
    cores = os.cpu_count() or 1
    busy = os.getloadavg()[0] / cores if hasattr(os, "getloadavg") else 0.0
    with tempfile.TemporaryDirectory(prefix="rlm-desk-bench-") as folder:
        measured = replace(spec, path=await endless(spec.path, Path(folder)))
        return await _Bench(measured, workload, repeats, threads, workers, say, allow_unconfined).run(
            slots, serial, server, busy
        )


class _Bench:
    """One run. `asked` and `again` hold the first and the second question of every round."""

    def __init__(
        self,
        spec: ModelSpec,
        workload: Workload,
        repeats: int,
        threads: int,
        workers: int,
        say: Say,
        allow_unconfined: bool,
    ) -> None:
        self.spec, self.workload, self.repeats, self.say = spec, workload, repeats, say
        self.threads, self.workers, self.allow_unconfined = threads, workers, allow_unconfined
        self.small = spec.path.stat().st_size <= SMALL_MODEL
        self.rows: list[Row] = []
        self.rates: list[Rate] = []
        self.asked: list[list[Request]] = []
        self.again: list[list[Request]] = []
        self.prefill_share = 0.0
        self.memory = self.kept = 0

    async def run(self, slots: Sequence[int], serial: bool, server: Path | None, busy: float) -> Report:
        """Everything, in the order of the table."""
        facts = await inspect(self.spec.path, self.allow_unconfined)
        for count in sorted(slots):
            planned = fit(self.spec, slots=count, threads=self.threads, facts=facts)
            load = replace(planned.plan, workers=self.workers) if self.workers else planned.plan
            await self._engine(load, count, last=count == max(slots))
        if serial:
            self.rows.append(await serially(load, self.asked))
            self.say(f"serial Llama: {self.rows[-1].seconds:.2f} s")
        if server is not None:
            await self._server(server, load, max(slots))
        notes = []
        if busy > 0.2:
            notes.append("This machine was busy with other things: go by the cpu column.")
        if any(row.completion < ALIKE * self.workload.calls * self.workload.answer for row in self.rows):
            notes.append("Replies ended before their length in rows with fewer tokens written: these are not compared.")
        return Report(
            self.spec.name,
            self.workload.name,
            self.workload.calls,
            self.workload.answer,
            load.threads,
            self.repeats,
            busy,
            self.memory,
            planned.total,
            self.kept,
            planned.plan.host_bytes or 0,
            tuple(self.rows),
            tuple(self.rates),
            self.prefill_share,
            self.small,
            tuple(notes),
        )

    async def _engine(self, load: LoadPlan, count: int, *, last: bool) -> None:
        engine = await LocalEngine.start(load)
        try:
            # A different preamble and other chunks each round: only what a round shares within itself is reused.
            self.asked = [await self._requests(engine, seed) for seed in range(self.repeats)]
            warm = replace(self.workload, calls=1, answer=2)
            await engine.complete((await requests(engine, warm, self.repeats))[0])
            again = [await self._requests(engine, seed, question=1) for seed in range(self.repeats)] if last else []
            first, second = [], []
            for number, batch in enumerate(self.asked):
                first.append(await _round(engine, batch))
                second += [await _round(engine, batch) for batch in again[number : number + 1]]  # it follows at once
            self.rows.append(_row(f"engine, {load.workers} x {load.threads // load.workers} threads", count, first))
            self.say(f"{count} slots: {self.rows[-1].seconds:.2f} s")
            if last:
                self.again = again
                self.rows.append(_row(f"engine, {AGAIN}", count, second))
                self.say(f"{AGAIN}: {self.rows[-1].seconds:.2f} s")
                await self._prefill_share(engine, self.rows[-2].seconds)
            self.rates.append(await rate(engine, count, min(self.repeats, 5 if self.small else 1), self.small))
            self.kept = engine.stats().host_bytes
            self.memory = self._held(engine)
        finally:
            await engine.close()

    def _held(self, engine: LocalEngine) -> int:
        try:
            return sum(held(engine.pids, self.spec.path.stat().st_size))
        except EngineError:
            return 0  # this system does not say

    async def _prefill_share(self, engine: LocalEngine, seconds: float) -> None:
        """The same workload over fresh texts with replies of one token, beside `seconds`."""
        bare = replace(self.workload, answer=1)
        seeds = range(self.repeats + 1, self.repeats + 1 + min(self.repeats, 3))
        rounds = [await _round(engine, await requests(engine, bare, seed)) for seed in seeds]
        self.prefill_share = min(1.0, statistics.median(r.seconds for r in rounds) / seconds)

    async def _server(self, server: Path, load: LoadPlan, slots: int) -> None:
        async with serve(server, load, slots, self.workload.calls) as running:
            one = self.asked[0][0]
            await running.round([replace(one, messages=(replace(one.messages[0], content="Begin."),), max_tokens=2)])
            pairs = zip(self.asked, self.again, strict=True)
            both = [(await running.round(batch), await running.round(again)) for batch, again in pairs]
            for at, what in enumerate(("llama-server", f"llama-server, {AGAIN}")):
                self.rows.append(_served(what, slots, [pair[at] for pair in both]))
                self.say(f"{what}: {self.rows[-1].seconds:.2f} s")

    async def _requests(self, engine: LocalEngine, seed: int, question: int = 0) -> list[Request]:
        return await requests(engine, self.workload, seed, question)


@dataclass(frozen=True, slots=True)
class _Round:
    seconds: float
    cpu: float
    replies: list[Completion]
    overhead: float


async def _round(engine: LocalEngine, batch: list[Request]) -> _Round:
    begun, computed = time.perf_counter(), cpu_seconds(engine.pids)
    replies = await asyncio.gather(*(engine.complete(request) for request in batch))
    seconds = time.perf_counter() - begun
    return _Round(seconds, cpu_seconds(engine.pids) - computed, replies, engine.stats().overhead)


def _row(what: str, slots: int, rounds: list[_Round]) -> Row:
    median = sorted(rounds, key=lambda r: r.seconds)[len(rounds) // 2]
    usage = [reply.usage for reply in median.replies]
    cached = sum(u.cached for u in usage)
    return Row(
        what,
        slots,
        statistics.median(r.seconds for r in rounds),
        statistics.median(r.cpu for r in rounds),
        sum(u.prompt for u in usage) - cached,
        cached,
        sum(u.completion for u in usage),
        statistics.median(r.overhead for r in rounds),
    )


def _served(what: str, slots: int, rounds: list[Served]) -> Row:
    median = sorted(rounds, key=lambda r: r.seconds)[len(rounds) // 2]
    return Row(
        what,
        slots,
        statistics.median(r.seconds for r in rounds),
        statistics.median(r.cpu for r in rounds),
        median.computed,
        median.cached,
        median.completion,
    )
