"""From a model file to a plan that holds on this machine: read it, ask the devices, fit, confirm by a dry run."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from rlm_desk.catalogue.devices import Devices
from rlm_desk.catalogue.experience import Experience, Failure, build_key, model_key, plan_key
from rlm_desk.catalogue.facts import Facts
from rlm_desk.catalogue.fit import Fit, fit
from rlm_desk.catalogue.inspecting import inspect
from rlm_desk.catalogue.memory import free_bytes, total_bytes
from rlm_desk.catalogue.placing import place, worker_bytes
from rlm_desk.catalogue.processor import SMALL_MODEL
from rlm_desk.catalogue.survey import DryRun, dry_run, survey
from rlm_desk.errors import DoesNotFit, WorkerDied
from rlm_desk.plan import LoadPlan, ModelSpec

ROUNDS = 6
"""Dry runs at most until one confirms its plan."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person set; see `fit.fit`."""

    slots: int = 8
    window: int = 0
    threads: int = 0
    gpu_layers: int = -1
    kv_type: str = "f16"
    allow_unconfined: bool = False
    """Read the file although this machine has no boundary for hostile bytes."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A fit with what it was made from."""

    fit: Fit
    facts: Facts
    devices: Devices


async def prepare(spec: ModelSpec, wishes: Wishes, data_dir: Path, *, confirm: bool = True) -> Prepared:
    """How a model will be loaded here, now.

    Args:
        spec: the model.
        wishes: settings and flags.
        data_dir: where experience is kept.
        confirm: make a dry run of llama.cpp, unless the model is so small that an estimate is good enough.

    Raises:
        ModelError: the file cannot be used. DoesNotFit: this machine cannot hold it.
    """
    facts = await inspect(spec.path, wishes.allow_unconfined)
    known = Experience(data_dir)
    devices = await machine(known)
    path = Path(spec.path)
    failures = known.failures(model_key(path), devices.signature, devices.host_free)
    scale: dict[str, float] = {}
    for _ in range(ROUNDS):
        found = fit(
            spec,
            slots=wishes.slots,
            window=wishes.window,
            threads=wishes.threads,
            gpu_layers=wishes.gpu_layers,
            kv_type=wishes.kv_type,
            facts=facts,
            devices=devices,
            compute=scale,
            failed=_failed(failures),
        )
        if not confirm or facts.bytes <= SMALL_MODEL:
            return Prepared(found, facts, devices)
        try:
            measured = await _dry(path, found.plan, devices, known)
        except DoesNotFit as problem:
            remember_failure(spec, found.plan, devices, data_dir, problem.sentence)
            known = Experience(data_dir)
            failures = known.failures(model_key(path), devices.signature, devices.host_free)
            continue
        scale = _scale(found, facts, devices, measured)
        shares = place(found.plan, facts, devices, worker_bytes(facts), scale)
        if not any(share.lacks for share in shares):
            return Prepared(replace(found, shares=shares, confirmed=True), facts, devices)
    raise DoesNotFit(
        f"No plan for {spec.name} was confirmed by llama.cpp on this machine.",
        "Choose a smaller model: rlm-desk models list --catalogue shows which fit.",
    )


async def machine(known: Experience) -> Devices:
    """This machine's devices; without asking the drivers where the library is known to be built for none."""
    build = build_key()
    if known.offload(build) is False:
        return Devices(free_bytes(), total_bytes())
    try:
        devices = await survey()
    except WorkerDied:
        return Devices(free_bytes(), total_bytes())  # a driver that kills whoever asks is no help: compute without it
    known.learn_build(build, devices.offload)
    return devices


def remember_failure(spec: ModelSpec, plan: LoadPlan, devices: Devices, data_dir: Path, why: str) -> None:
    """Keep that a plan did not load here: the next one asks for less."""
    Experience(data_dir).learn_failure(
        model_key(Path(spec.path)), devices.signature, plan, devices.host_free or free_bytes(), why
    )


def _failed(failures: list[Failure]) -> Callable[[LoadPlan], bool]:
    return lambda plan: any(failure.covers(plan) for failure in failures)


async def _dry(path: Path, plan: LoadPlan, devices: Devices, known: Experience) -> DryRun:
    key = plan_key(path, plan, devices.signature)
    before = known.dry(key)
    if before is not None:
        return DryRun({str(name): int(size) for name, size in before["compute"].items()}, int(before.get("kv", 0)))
    measured = await dry_run(plan)
    known.learn_dry(key, measured.compute, measured.kv)
    return measured


def _scale(found: Fit, facts: Facts, devices: Devices, measured: DryRun) -> dict[str, float]:
    """What the dry run found as multiples of the bare estimates."""
    bare = place(found.plan, facts, devices, worker_bytes(facts))
    scale = {
        share.device: measured.compute[share.device] / share.compute
        for share in bare
        if share.compute and share.device in measured.compute
    }
    kv = sum(share.kv for share in bare)
    if kv and measured.kv:
        scale["kv"] = measured.kv / kv
    return scale
