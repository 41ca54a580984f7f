"""What the engine says about itself while it works."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class EngineStats:
    """What the worker said last; speeds are for all slots together and 0 until measured."""

    prefill_per_second: float = 0.0
    decode_per_second: float = 0.0
    slots: int = 0
    busy: int = 0
    queued: int = 0
    idle: int = 0
    """Sequences kept for reuse."""
    cells: int = 0
    free_cells: int = 0
    evictions: int = 0
    preemptions: int = 0
    restored: int = 0
    """Beginnings taken back from the host's memory instead of being computed."""
    host_bytes: int = 0
    steps: int = 0
    overhead: float = 0.0
    """Share of a step spent outside llama.cpp."""


_NAMES = {field.name for field in dataclasses.fields(EngineStats)}


LARGEST = 2.0**60
"""No figure of a worker's is larger; what a screen is to show is checked when it comes in."""


def from_frame(header: dict[str, Any]) -> EngineStats:
    """The stats of one worker's `stats` frame. Raises TypeError for a figure that is none."""
    told = {name: value for name, value in header.items() if name in _NAMES}
    for name, value in told.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LARGEST:
            raise TypeError(f"{name} that is no figure")
    return EngineStats(**told)


def together(parts: Iterable[EngineStats]) -> EngineStats:
    """Several workers as one: counts and speeds add up, the overhead is their mean."""
    every = list(parts)
    if not every:
        return EngineStats()
    sums = {name: sum(getattr(part, name) for part in every) for name in _NAMES}
    return EngineStats(**{**sums, "overhead": sums["overhead"] / len(every)})
