"""What this machine has taught: which build of llama.cpp it has, what dry runs found, which plans failed,
and how fast each model was.

One small JSON file in the data folder. Losing it costs a second; a damaged one is begun anew.
"""

import importlib.metadata
import importlib.util
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlm_desk.catalogue.placing import BYTES
from rlm_desk.plan import LoadPlan

FILE = "fit.json"
MOST = 64
"""Entries of each kind that are kept, newest last."""
RECOVERED = 1.25
"""A failure counts no more when so many times the memory is free."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A plan that did not load, although it should have fitted."""

    model: str
    devices: str
    window: int
    slots: int
    cells: int
    kv_type: str
    gpu_layers: int
    free: int
    """Bytes of ordinary memory that were free then; 0 where the system did not say."""
    why: str
    when: float
    """Seconds since 1970."""

    def covers(self, plan: LoadPlan) -> bool:
        """Whether `plan` asks for at least as much."""
        layers = 1 << 30 if plan.gpu_layers < 0 else plan.gpu_layers
        return (
            plan.cells * BYTES[plan.kv_type] >= self.cells * BYTES[self.kv_type]
            and plan.slots >= self.slots
            and layers >= (1 << 30 if self.gpu_layers < 0 else self.gpu_layers)
        )


class Experience:
    """The file, read once and written whole."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._data = self._read()

    def offload(self, build: str) -> bool | None:
        """Whether that build of llama.cpp was made for a GPU; None if it was never asked."""
        known = self._of("builds").get(build)
        return known if isinstance(known, bool) else None

    def learn_build(self, build: str, offload: bool) -> None:
        """Note it, so that a machine without a GPU is not asked at every start."""
        self._put("builds", build, offload)

    def dry(self, key: str) -> dict[str, Any] | None:
        """A dry run's result."""
        found = self._of("dry").get(key)
        return found if isinstance(found, dict) and isinstance(found.get("compute"), dict) else None

    def learn_dry(self, key: str, compute: dict[str, int], kv: int) -> None:
        """Keep a dry run's result."""
        self._put("dry", key, {"compute": compute, "kv": kv})

    def failures(self, model: str, devices: str, free: int | None) -> list[Failure]:
        """What failed with this model on these devices, with about this much memory free."""
        found = []
        for item in self._of("failed").values():
            try:
                failure = Failure(**item)
            except TypeError:
                continue
            if (failure.model, failure.devices) == (model, devices) and (free or 0) <= failure.free * RECOVERED:
                found.append(failure)
        return found

    def learn_failure(self, model: str, devices: str, plan: LoadPlan, free: int | None, why: str) -> None:
        """Note that a plan did not load."""
        self._put(
            "failed",
            f"{model}|{plan.cells}|{plan.slots}|{plan.kv_type}|{plan.gpu_layers}",
            {
                "model": model,
                "devices": devices,
                "window": plan.window,
                "slots": plan.slots,
                "cells": plan.cells,
                "kv_type": plan.kv_type,
                "gpu_layers": plan.gpu_layers,
                "free": free or 0,
                "why": why[:300],
                "when": time.time(),
            },
        )

    def speed(self, model: str) -> tuple[float, float, float] | None:
        """Tokens a second read and written with a model on this machine, and when that was found (since 1970)."""
        found: Any = self._of("speed").get(model)
        try:
            return float(found["prefill"]), float(found["decode"]), float(found["when"])
        except (TypeError, KeyError, ValueError):
            return None

    def learn_speed(self, model: str, prefill: float, decode: float) -> None:
        """Keep what was measured."""
        self._put("speed", model, {"prefill": prefill, "decode": decode, "when": time.time()})

    def _of(self, kind: str) -> dict[str, Any]:
        found = self._data.get(kind)
        return found if isinstance(found, dict) else {}

    def _put(self, kind: str, key: str, value: Any) -> None:
        entries = dict(self._of(kind))
        entries.pop(key, None)
        entries[key] = value
        self._data[kind] = dict(list(entries.items())[-MOST:])
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = self._path.with_suffix(".part")
            part.write_text(json.dumps(self._data, indent=1), "utf-8")
            part.replace(self._path)
        except OSError:
            return  # a folder that cannot be written is told of by the store; this is only worth a second

    def _read(self) -> dict[str, Any]:
        try:
            data = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}


def model_key(path: Path) -> str:
    """What tells a model file from another without reading it."""
    about = path.stat()
    return f"{path.name}:{about.st_size}:{about.st_mtime_ns}"


def build_key() -> str:
    """The installed llama.cpp: its package's version and the time its library was made."""
    version = importlib.metadata.version("llama-cpp-python")
    found = importlib.util.find_spec("llama_cpp")
    folder = Path(found.origin).parent / "lib" if found and found.origin else None
    made = max((f.stat().st_mtime_ns for f in folder.glob("*llama*")), default=0) if folder and folder.is_dir() else 0
    return f"{version}:{made}"


def plan_key(path: Path, plan: LoadPlan, devices: str) -> str:
    """What a dry run's result depends on."""
    parts = (model_key(path), build_key(), plan.cells, plan.slots, plan.kv_type, plan.micro_batch, plan.batch)
    return "|".join(map(str, (*parts, plan.gpu_layers, plan.tensor_split, devices)))
