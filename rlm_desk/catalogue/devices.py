"""What there is to compute with: plain data, filled by `survey` on this machine and made up in tests."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["cpu", "gpu", "igpu", "accel"]


@dataclass(frozen=True, slots=True)
class Device:
    """One device as llama.cpp names it."""

    name: str
    """``CUDA0``, ``MTL0``, ``Vulkan0``, ``CPU``."""
    description: str
    kind: Kind
    free: int
    """Bytes free now; 0 where the device does not say."""
    total: int
    backend: str = ""
    """``CUDA``, ``MTL``, ``Vulkan``, ``CPU``."""

    @property
    def shares_host(self) -> bool:
        """Whether its memory is the machine's own: what it takes is gone from the host too."""
        return self.kind == "igpu" or self.backend.upper() in ("MTL", "METAL")


@dataclass(frozen=True, slots=True)
class Devices:
    """A machine."""

    host_free: int | None
    """Bytes of ordinary memory a new process could use now; None where the system does not say."""
    host_total: int | None = None
    found: tuple[Device, ...] = ()
    """Every device llama.cpp was built for and found, in its order."""
    features: tuple[str, ...] = ()
    """Instruction sets and options the library was built with."""
    offload: bool = False
    """Whether the library was built for any GPU."""

    @property
    def gpus(self) -> tuple[Device, ...]:
        """Those layers go to, as llama.cpp chooses: every GPU, or integrated ones where there is no other."""
        real = tuple(device for device in self.found if device.kind == "gpu" and device.total)
        integrated = tuple(device for device in self.found if device.kind == "igpu" and device.total)
        return real or integrated[:1]

    @property
    def signature(self) -> str:
        """What tells this machine's devices from another's, their free memory apart."""
        gpus = ",".join(f"{gpu.name}:{gpu.description}:{gpu.total}" for gpu in self.gpus)
        return f"{self.host_total or 0};{gpus}"
