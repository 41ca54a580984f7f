"""What a loaded model really holds, beside what was planned.

The meter: anonymous memory of the workers (their own, whatever they share), plus the weights that are mapped from the
file, counted once, plus what the GPUs have less than before. Linux only, except for the GPUs. Weights that llama.cpp
re-packs for this processor are anonymous memory already; the file's own pages behind them can be dropped at any time.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rlm_desk.catalogue.planning import Prepared
from rlm_desk.catalogue.survey import survey
from rlm_desk.completion import Message, Request
from rlm_desk.engine.local import LocalEngine
from rlm_desk.errors import EngineError

Say = Callable[[str], object]
WORDS = "The supplier delivers the goods within thirty days of the order, and the customer pays on receipt. "
_REPACKED = re.compile(r"CPU_REPACK model buffer size\s*=\s*([\d.]+) MiB")


@dataclass(frozen=True, slots=True)
class Holding:
    """Bytes, after a full micro-batch and a few tokens on every slot."""

    planned: int
    measured: int
    private: int
    mapped: int
    devices: int
    seconds: float
    """To load."""

    @property
    def ratio(self) -> float:
        """Planned over measured."""
        return self.planned / max(1, self.measured)

    def describe(self) -> str:
        """Plan beside measurement, in lines."""
        gib = 1024**3
        return (
            f"planned   {self.planned / gib:6.2f} GiB\n"
            f"measured  {self.measured / gib:6.2f} GiB: private {self.private / gib:.2f}, mapped weights counted once "
            f"{self.mapped / gib:.2f}, on devices {self.devices / gib:.2f}\n"
            f"planned / measured {self.ratio:.3f}; loaded in {self.seconds:.1f} s"
        )


async def measure(prepared: Prepared, say: Say = lambda _line: None) -> Holding:
    """Load as planned, compute a full micro-batch and a few tokens on every slot, and look.

    Raises:
        ModelError: it does not load. EngineError: this system does not say what a process holds.
    """
    import asyncio
    import time

    plan = prepared.fit.plan
    before = sum(gpu.free for gpu in prepared.devices.gpus)
    started = time.monotonic()
    engine = await LocalEngine.start(plan)
    seconds = time.monotonic() - started
    try:
        say(f"loaded in {seconds:.1f} s; computing a step of {plan.micro_batch} tokens")
        per_word = await engine.count((Message("user", WORDS),))
        text = WORDS * max(1, min(plan.micro_batch + 64, engine.window * 3 // 4) // per_word)
        asked = [Request((Message("user", f"{text}{n}"),), max_tokens=4, prefix=len(text)) for n in range(plan.slots)]
        await asyncio.gather(*(engine.complete(request) for request in asked))
        found = _REPACKED.findall(await engine.log())
        repacked = int(float(found[-1]) * 1024 * 1024) if found else 0
        weights = max(0, prepared.fit.shares[0].weights - repacked)
        private, mapped = held(engine.pids, weights)
        taken = 0
        if prepared.devices.gpus:
            taken = max(0, before - sum(gpu.free for gpu in (await survey()).gpus))
        return Holding(prepared.fit.total, private + mapped + taken, private, mapped, taken, seconds)
    finally:
        await engine.close()


def held(pids: Sequence[int], weights: int) -> tuple[int, int]:
    """(private bytes of all, mapped weights of one): the workers of a small model share the file's pages."""
    private, files = 0, 0
    for pid in pids:
        try:
            lines = dict(
                line.split(":", 1)
                for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
                if ":" in line
            )
            sizes = {name: int(lines[name].split()[0]) * 1024 for name in ("RssAnon", "RssFile", "RssShmem")}
        except (OSError, ValueError, KeyError, IndexError) as problem:
            raise EngineError(
                "This system does not say what a process holds.", "The comparison works on Linux only."
            ) from problem
        private += sizes["RssAnon"] + sizes["RssShmem"]
        files = max(files, sizes["RssFile"])
    return private, min(files, weights)
