"""`rlm-desk doctor --acceptance`: the same six checks on every owner's machine and model, in about ten minutes.

Everything asked about is invented, and the report holds no text, path or name of the owner's: it can be sent to others.
What a check found is kept as soon as it is known; an interrupted run goes on behind the last finished check. Not
covered: answers to your own kind of question, which only your own documents can show.
"""

import asyncio
import importlib.metadata
import json
import platform
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rlm_desk.bench.holding import measure
from rlm_desk.catalogue.experience import build_key, model_key
from rlm_desk.catalogue.memory import cores
from rlm_desk.catalogue.planning import Prepared, Wishes, prepare
from rlm_desk.catalogue.survey import survey
from rlm_desk.config import Settings
from rlm_desk.confine.report import report as confinement
from rlm_desk.demo import corpus as demo
from rlm_desk.demo import verdict
from rlm_desk.demo.desk import DemoDesk
from rlm_desk.demo.show import budget
from rlm_desk.desk.service import AsyncDesk
from rlm_desk.errors import DeskError
from rlm_desk.plan import ModelSpec

NEEDLE_TOKENS = 20_000
NEEDLE_SECONDS = 300.0
SEED = 20_260
KEPT_SECONDS = 24 * 3600.0
"""An older unfinished run is begun anew."""
STEPS = {"machine": 5.0, "fit": 10.0, "load": 90.0, "speed": 60.0, "needle": NEEDLE_SECONDS, "confinement": 10.0}
"""The checks in order, and seconds each takes on a slow machine, about."""

Say = Callable[[str], object]
Found = dict[str, Any]


@dataclass
class Acceptance:
    """One run: what was found so far. Each result has `ok` (passed), `says` (a sentence) and figures."""

    settings: Settings
    spec: ModelSpec
    done: dict[str, Found] = field(default_factory=dict)
    begun: float = field(default_factory=time.time)

    @property
    def state(self) -> Path:
        """Where an unfinished run is kept."""
        return self.settings.data_dir / "acceptance.json"

    @property
    def passed(self) -> bool:
        """Whether every check was made and passed."""
        return len(self.done) == len(STEPS) and all(found["ok"] for found in self.done.values())

    def resume(self) -> int:
        """Take up an unfinished run of the same model and build; returns how many checks it had finished."""
        try:
            kept = json.loads(self.state.read_text("utf-8"))
            if kept["key"] != self._key or time.time() - kept["begun"] > KEPT_SECONDS:
                return 0
            self.done = {name: dict(kept["done"][name]) for name in STEPS if name in kept["done"]}
            self.begun = float(kept["begun"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0
        return len(self.done)

    async def run(self, say: Say) -> None:
        """Make the checks that are left. A task that is cancelled keeps what is done."""
        names = list(STEPS)
        for name in names:
            if name in self.done:
                continue
            left = sum(STEPS[other] for other in names[names.index(name) :])
            number = names.index(name) + 1
            say(f"{number} of {len(names)}: {name} (about {left // 60:.0f} min {left % 60:02.0f} s left)")
            started = time.monotonic()
            try:
                async with asyncio.timeout(2 * STEPS[name] + 60):
                    found = await _CHECKS[name](self)
            except DeskError as problem:
                found = {"ok": False, "says": type(problem).__name__ + ": it did not work"}
                say(f"   {problem.sentence} {problem.next_step}")
            except TimeoutError:
                found = {"ok": False, "says": f"not finished after {2 * STEPS[name] + 60:.0f} s"}
            found["seconds"] = round(time.monotonic() - started, 1)
            self.done[name] = found
            self._keep()
            say(f"   {'ok' if found['ok'] else 'NOT ok'}: {found['says']}")
        self.state.unlink(missing_ok=True)

    def report(self) -> str:
        """The one file: figures only, as JSON."""
        return json.dumps(
            {
                "rlm-desk": importlib.metadata.version("rlm-desk"),
                "made": time.strftime("%Y-%m-%d", time.gmtime(self.begun)),
                "passed": self.passed,
                "model": {"sha256": self.spec.sha256, "dialect": self.spec.dialect, "profile": self.spec.profile},
                "checks": self.done,
            },
            indent=1,
        )

    @property
    def _key(self) -> str:
        return f"{model_key(self.spec.path)}|{build_key()}"

    def _keep(self) -> None:
        self.state.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self.state.with_suffix(".part")
        part.write_text(json.dumps({"key": self._key, "begun": self.begun, "done": self.done}), "utf-8")
        part.replace(self.state)


async def _prepared(run: Acceptance) -> Prepared:
    of = run.settings
    wishes = Wishes(of.slots, of.window, of.threads, of.gpu_layers, of.kv_type, of.allow_unconfined)
    return await prepare(run.spec, wishes, of.data_dir)


async def _machine(_run: Acceptance) -> Found:
    devices = await survey()
    found = {
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "llama-cpp-python": importlib.metadata.version("llama-cpp-python"),
        "cores": cores(),
        "memory": devices.host_total,
        "free": devices.host_free,
        "features": list(devices.features),
        "devices": [{"name": d.name, "kind": d.kind, "free": d.free, "total": d.total} for d in devices.found],
    }
    names = ", ".join(gpu.name for gpu in devices.gpus) or "no GPU"
    return {"ok": True, "says": f"{found['system']}, {found['cores']} cores, {names}", **found}


async def _fit(run: Acceptance) -> Found:
    prepared = await _prepared(run)
    fit, facts = prepared.fit, prepared.facts
    shares = [
        {"device": s.device, "weights": s.weights, "kv": s.kv, "compute": s.compute, "free": s.free} for s in fit.shares
    ]
    return {
        "ok": True,
        "says": f"window {fit.plan.window:,}, {fit.plan.slots} slots, KV {fit.plan.kv_type}, "
        f"{fit.total / 2**30:.2f} GiB planned",
        "architecture": facts.architecture,
        "quantisation": facts.quantisation,
        "bytes": facts.bytes,
        "steps": list(fit.steps),
        "confirmed": fit.confirmed,
        "shares": shares,
        "resident": list(fit.resident),
    }


async def _load(run: Acceptance) -> Found:
    prepared = await _prepared(run)
    if platform.system() != "Linux":
        async with _Desk(run) as desk:
            started = time.monotonic()
            await desk.warm()
            seconds = time.monotonic() - started
        return {"ok": True, "says": f"loaded in {seconds:.1f} s; memory is measured on Linux only"}
    held = await measure(prepared)
    # A model of a few megabytes is mostly the process itself: there the ratio says nothing.
    ok = 0.9 <= held.ratio <= 1.1 or held.measured < 512 * 2**20
    return {
        "ok": ok,
        "says": f"loaded in {held.seconds:.1f} s; planned / measured memory {held.ratio:.2f}",
        "planned": held.planned,
        "measured": held.measured,
        "load_seconds": round(held.seconds, 2),
    }


async def _speed(run: Acceptance) -> Found:
    async with _Desk(run) as desk:
        speed = await desk.machine.speed(desk.model)
    return {
        "ok": speed.prefill > 0 and speed.decode > 0,
        "says": f"reads {speed.prefill:,.0f} and writes {speed.decode:,.1f} tokens/s",
        "prefill": round(speed.prefill, 1),
        "decode": round(speed.decode, 2),
    }


async def _needle(run: Acceptance) -> Found:
    """One fact in 20,000 tokens of invented agreements, found by recursion."""
    async with _Desk(run) as desk:
        with tempfile.TemporaryDirectory(prefix="rlm-desk-") as folder:
            made = demo.write(Path(folder), seed=SEED, tokens=NEEDLE_TOKENS)
            question = demo.questions(made, "find", 1)[0]
            await desk.load([folder])
            limits = budget(len(desk.corpus.documents), desk.settings.budget)
            limits = limits.model_copy(update={"seconds": NEEDLE_SECONDS})
            answer = await desk.ask(question.text, budget=limits, route="recursive").result()
    right = answer.complete and verdict.score(answer.text, question.truth, question.family) == 1.0
    used = answer.usage
    return {
        "ok": right,
        "says": f"{'found' if right else 'not found'} with {used.subcalls} sub-calls in {used.seconds:.0f} s"
        + ("" if answer.complete else f"; ended as {answer.status}"),
        "subcalls": used.subcalls,
        "tokens_read": used.tokens_read,
        "answer_seconds": round(used.seconds, 1),
    }


async def _confinement(_run: Acceptance) -> Found:
    workers = await confinement()
    layers = {worker.kind: {layer.name: layer.state for layer in worker.layers} for worker in workers}
    holds = all(worker.holds for worker in workers)
    says = "every worker is confined" if holds else "not every worker is confined: see rlm-desk doctor"
    return {"ok": holds, "says": says, "layers": layers}


class _Desk:
    """A desk on a data folder of its own, so that the owner's history stays as it is."""

    def __init__(self, run: Acceptance) -> None:
        self._run = run
        self._folder = tempfile.TemporaryDirectory(prefix="rlm-desk-acceptance-")

    async def __aenter__(self) -> AsyncDesk:
        of, spec = self._run.settings, self._run.spec
        model = spec.name if spec.demonstration else str(spec.path)
        chosen = of.model_copy(update={"data_dir": Path(self._folder.name), "model": model})
        self._desk = await DemoDesk.open(chosen)
        return self._desk

    async def __aexit__(self, *_: object) -> None:
        await self._desk.close()
        self._folder.cleanup()


_CHECKS: dict[str, Callable[[Acceptance], Awaitable[Found]]] = {
    "machine": _machine,
    "fit": _fit,
    "load": _load,
    "speed": _speed,
    "needle": _needle,
    "confinement": _confinement,
}
