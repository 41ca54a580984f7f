"""What a process did during a slow moment, so that a worst figure says where it comes from."""

import gc
import sys
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Moment:
    """A piece of work and what went on while it was done; seconds."""

    wall: float
    cpu: float
    gc: float
    """In looks for garbage; part of `cpu`."""
    imported: tuple[str, ...]
    """Modules that were imported, the first five."""
    doing: str
    """What the benchmark did."""

    def __str__(self) -> str:
        parts = [f"{1000 * self.wall:.0f} ms wall, {1000 * self.cpu:.0f} CPU"]
        parts += [f"{1000 * self.gc:.0f} of it garbage"] if self.gc > 0.0005 else []
        parts += ["importing " + ", ".join(self.imported)] if self.imported else []
        return "; ".join([*parts, self.doing])


class GoingOn:
    """Begins and ends moments. As a context it listens to the garbage collector."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []
        self._collecting = self._collected = 0.0

    def __enter__(self) -> Self:
        gc.callbacks.append(self._heard)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        gc.callbacks.remove(self._heard)

    def _heard(self, phase: str, _info: Any) -> None:
        if phase == "start":
            self._collecting = time.thread_time()
        else:
            self._collected += time.thread_time() - self._collecting

    def begin(self) -> None:
        """A moment begins."""
        self._modules = set(sys.modules)
        self._garbage = self._collected
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def end(self, doing: str) -> None:
        """It ends, and this is what was done."""
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        new = tuple(sorted(set(sys.modules) - self._modules))[:5]
        self.moments.append(Moment(wall, cpu, self._collected - self._garbage, new, doing))

    def told(self, by: str = "cpu") -> str:
        """Median and worst by `cpu` or `wall`, and what went on in the worst two."""
        found = sorted(self.moments, key=lambda one: getattr(one, by))
        middle = getattr(found[len(found) // 2], by)
        return f"median {1000 * middle:.1f} ms {by}, worst:\n    {found[-1]}\n    {found[-2]}"
