"""What confines each kind of worker on this machine: found out by starting one and letting it attack itself."""

from dataclasses import dataclass

from rlm_desk import errors
from rlm_desk.confine.layers import BOUNDARY, Layer
from rlm_desk.confine.policies import POLICIES
from rlm_desk.confine.worker import Worker

# An engine is ready only with its model loaded, and the two that speak to a server only where there is one: their
# policies are tried on a worker that does nothing else.
STAND_INS = {"engine": "probe", "egress": "probe", "connector": "probe"}


@dataclass(frozen=True, slots=True)
class WorkerReport:
    """The layers around one kind of worker."""

    kind: str
    layers: tuple[Layer, ...]
    holds: bool
    """Whether it may be used for strangers' documents without an exception made for it."""
    summary: str
    """One line."""


async def missing_boundary() -> str:
    """Why hostile code cannot be kept in on this machine; empty where it can."""
    worker = await Worker.spawn("probe", allow_unconfined=True)
    await worker.close(grace=0)
    boundary = next((layer for layer in worker.layers if layer.name == BOUNDARY), None)
    if boundary is None:
        return "the workers report no boundary"
    return boundary.reason if boundary.state == "off" else ""


async def report() -> tuple[WorkerReport, ...]:
    """Start one worker of each kind, unconfined where there is no other way, and say what its self-test found."""
    return tuple([await _of(kind) for kind in POLICIES if kind != "probe"])


async def _of(kind: str) -> WorkerReport:
    policy = POLICIES[kind]
    try:
        worker = await Worker.spawn(STAND_INS.get(kind, kind), {"policy": kind}, allow_unconfined=True)
    except errors.DeskError as problem:
        return WorkerReport(kind, (), False, f"does not start: {problem.sentence}")
    layers = worker.layers
    await worker.close(grace=0.2)
    states = {layer.name: layer.state for layer in layers}
    boundary = states.get(BOUNDARY, "off")
    holds = boundary != "off" or not policy.required
    missing = [layer.name for layer in layers if layer.state == "off" and layer.name != BOUNDARY and layer.reason]
    if boundary == "off":
        summary = "NOT confined here" + ("; refused unless allowed" if policy.required else "")
    elif boundary == "partial":
        summary = "confined in part: what it must never do is refused"
    else:
        summary = "confined" + (f", reduced: without {', '.join(missing)}" if missing else "")
    return WorkerReport(kind, layers, holds, summary)
