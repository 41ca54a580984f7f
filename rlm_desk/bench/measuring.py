"""`rlm-desk bench`: how fast this machine answers many related calls, beside the serial `Llama` class and llama.cpp's
own server where one is given. One run.

Not covered: accelerators' own counters.
"""

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from rlm_desk.bench.processor import cpu_seconds, memory_bytes
from rlm_desk.bench.server import Served, raw_prompt, serve
from rlm_desk.bench.workloads import SHORT, Workload, requests
from rlm_desk.catalogue.fit import plan
from rlm_desk.catalogue.inspecting import inspect
from rlm_desk.completion import Completion, Request
from rlm_desk.engine.local import LocalEngine
from rlm_desk.errors import EngineError
from rlm_desk.plan import LoadPlan, ModelSpec

Say = Callable[[str], object]
AGAIN = "a second question"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: medians over the repeats."""

    what: str
    slots: int
    seconds: float
    cpu: float
    """Processor seconds; 0 where the system does not say."""
    computed: int
    """Prompt tokens that were computed, not reused."""
    cached: int
    completion: int
    overhead: float = 0.0
    """Share of a step outside llama.cpp."""

    @property
    def tokens_per_second(self) -> float:
        """Prompt and reply tokens delivered a second, reused ones included: the work as the caller sees it."""
        return (self.computed + self.cached + self.completion) / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """What one run measured."""

    model: str
    threads: int
    repeats: int
    busy: float
    """Load average when it began, per core: above about 0.2 the clock says little."""
    memory: int
    """Bytes the engine's worker held at the end."""
    planned: int
    """Bytes the planner had foreseen."""
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def table(self) -> str:
        """For people."""
        lines = [
            f"{self.model}, {self.threads} threads, medians of {self.repeats}",
            f"{'':<34}{'slots':>6}{'seconds':>9}{'cpu':>8}{'tok/s':>9}{'reused':>8}{'overhead':>9}{'x serial':>9}"
            f"{'x server':>9}",
        ]
        serial = next((row for row in self.rows if row.what.startswith("serial")), None)
        servers = {row.what.partition(", ")[2]: row for row in self.rows if row.what.startswith("llama-server")}
        for row in self.rows:
            ratio = f"{serial.seconds / row.seconds:.2f}" if serial and row.seconds else ""
            server = servers.get(AGAIN if row.what.endswith(AGAIN) else "")
            beside = f"{server.seconds / row.seconds:.2f}" if server and server.slots == row.slots else ""
            reused = row.cached / max(1, row.cached + row.computed)
            lines.append(
                f"{row.what:<34}{row.slots:>6}{row.seconds:>9.2f}{row.cpu:>8.2f}{row.tokens_per_second:>9.0f}"
                f"{reused:>8.0%}{row.overhead:>9.1%}{ratio:>9}{beside:>9}"
            )
        lines.append(f"worker {self.memory / 2**20:.0f} MiB, planned {self.planned / 2**20:.0f} MiB")
        return "\n".join([*lines, *self.notes])

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


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

    Raises:
        UsageError: there is no such server program.
        ModelError, EngineError: the model cannot be loaded, or the comparison's process failed.
    """
    facts = await inspect(spec.path)
    cores = os.cpu_count() or 1
    busy = os.getloadavg()[0] / cores if hasattr(os, "getloadavg") else 0.0
    rows: list[Row] = []
    memory = planned = 0
    asked: list[list[Request]] = []
    again: list[list[Request]] = []
    load: LoadPlan | None = None
    for count in slots:
        load = plan(spec, slots=count, threads=threads, facts=facts)
        load = replace(load, workers=workers) if workers else load
        engine = await LocalEngine.start(load)
        try:
            # A different preamble and other chunks each round: only what a round shares within itself is reused.
            asked = [await requests(engine, workload, seed) for seed in range(repeats)]
            await engine.complete((await requests(engine, replace(workload, calls=1, answer=2), repeats))[0])
            first = [await _round(engine, batch) for batch in asked]
            rows.append(_row(f"engine, {load.workers} x {load.threads // load.workers} threads", count, first))
            if count == max(slots):
                again = [await requests(engine, workload, seed, question=1) for seed in range(repeats)]
                rows.append(_row(f"engine, {AGAIN}", count, [await _round(engine, b) for b in again]))
            memory = memory_bytes(engine.pids)
            say(f"{count} slots: {rows[-1].seconds:.2f} s")
        finally:
            await engine.close()
    if serial and load is not None:
        rows.append(await _serial(load, asked))
        say(f"serial Llama: {rows[-1].seconds:.2f} s")
    if server is not None and load is not None:
        async with serve(server, load, max(slots), workload.calls) as running:
            warm = replace(asked[0][0], messages=(replace(asked[0][0].messages[0], content="Begin."),), max_tokens=2)
            await running.round([warm])
            first_served = [await running.round(batch) for batch in asked]
            rows.append(_served("llama-server", max(slots), first_served))
            rows.append(_served(f"llama-server, {AGAIN}", max(slots), [await running.round(b) for b in again]))
        say(f"llama-server: {rows[-2].seconds:.2f} s")
    from rlm_desk.catalogue.fit import fit

    planned = fit(spec, slots=max(slots), threads=threads, facts=facts).total
    notes = ("This machine is busy with other things: go by the cpu column.",) if busy > 0.2 else ()
    return Report(spec.name, load.threads if load else 0, repeats, busy, memory, planned, tuple(rows), notes)


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


async def _serial(load: LoadPlan, asked: list[list[Request]]) -> Row:
    """The same rounds through `Llama` in a process of its own."""
    rounds = [
        [{"prompt": raw_prompt(request), "max_tokens": request.max_tokens} for request in batch] for batch in asked
    ]
    job = {
        "model": load.model,
        "window": load.window,
        "threads": load.threads,
        "micro_batch": load.micro_batch,
        "gpu_layers": load.gpu_layers,
        "rounds": rounds,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "rlm_desk.bench.serial",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
    )
    out, err = await process.communicate(json.dumps(job).encode())
    if process.returncode:
        raise EngineError(
            f"The serial comparison failed: {err.decode('utf-8', 'replace').strip()[-300:]}", "Leave it out."
        )
    found = json.loads(out)
    return Row(
        "serial Llama",
        1,
        statistics.median(r["seconds"] for r in found),
        statistics.median(r["cpu"] for r in found),
        0,
        0,
        int(statistics.median(r["completion"] for r in found)),
    )
