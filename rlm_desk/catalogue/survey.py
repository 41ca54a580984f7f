"""Ask llama.cpp, in an engine worker that then ends: which devices there are, and what a plan would allocate."""

import dataclasses
import re
from typing import Any, cast

from rlm_desk.catalogue.devices import Device, Devices, Kind
from rlm_desk.catalogue.memory import free_bytes, total_bytes
from rlm_desk.clean import one_line
from rlm_desk.confine.worker import Worker
from rlm_desk.errors import WorkerDied
from rlm_desk.plan import LoadPlan

SECONDS = 120.0


@dataclasses.dataclass(frozen=True, slots=True)
class DryRun:
    """What llama.cpp would allocate for a plan. Bytes."""

    compute: dict[str, int]
    """By device, ``memory`` for the host; logits included."""
    kv: int


async def survey() -> Devices:
    """The devices of this machine and their free memory, as they are now.

    Raises:
        WorkerDied: llama.cpp or a driver did not survive being asked.
    """
    answer = await _ask({"task": "devices"})
    found = tuple(_device(item) for item in answer.get("devices", ()) if isinstance(item, dict))
    said = re.findall(r"(\w+) = 1\b", one_line(str(answer.get("features", "")), 2000))
    return Devices(free_bytes(), total_bytes(), found, tuple(said), bool(answer.get("offload")))


async def dry_run(plan: LoadPlan) -> DryRun:
    """Make the plan's context without loading or allocating the model.

    Raises:
        ModelError: llama.cpp refuses the file or the plan.
        WorkerDied: it did not survive the attempt.
    """
    answer = await _ask({**dataclasses.asdict(plan), "task": "dry"})
    compute = answer.get("compute")
    if not isinstance(compute, dict):
        raise WorkerDied("engine", "its dry run said nothing")
    return DryRun({one_line(str(name), 40): int(size) for name, size in compute.items()}, int(answer.get("kv", 0)))


async def _ask(header: dict[str, Any]) -> dict[str, Any]:
    worker = await Worker.spawn("engine", header, ready_seconds=SECONDS, allow_unconfined=True)
    try:
        return dict(worker.ready)
    finally:
        await worker.close()


def _device(item: dict[str, Any]) -> Device:
    kind = str(item.get("kind"))
    return Device(
        name=one_line(str(item.get("name", "")), 40),
        description=one_line(str(item.get("description", "")), 120),
        kind=cast(Kind, kind) if kind in ("cpu", "gpu", "igpu", "accel") else "accel",
        free=max(0, int(item.get("free", 0))),
        total=max(0, int(item.get("total", 0))),
        backend=one_line(str(item.get("backend", "")), 40),
    )
