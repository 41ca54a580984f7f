"""Models and how one is loaded: plain data shared by the catalogue, the engine and its worker."""

from dataclasses import dataclass, field
from pathlib import Path

from rlm_desk.address import Address


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model that can be asked, as the catalogue knows it."""

    name: str
    """Short name, e.g. ``desk-tiny``."""
    path: Path
    sha256: str
    """Hex digest of the file; empty until it was verified."""
    dialect: str
    """``desk`` or ``rlm-v1``."""
    profile: str
    """Prompt profile inside the dialect: ``full`` or ``small``."""
    window: int
    """Tokens the model was trained to hold."""
    demonstration: bool = False
    """True for desk-tiny: labelled as a demonstration model wherever it shows."""
    server: str = ""
    """Where it runs, if not here: text is sent there. It has no path then."""


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """Everything the engine's worker needs to load a model. Counts are tokens unless said."""

    model: str
    """Path of the GGUF file."""
    window: int
    """Tokens one request may hold."""
    slots: int
    """Sequences decoded at once."""
    cells: int
    """KV cells in all, shared by the slots (unified cache)."""
    batch: int = 2048
    """Tokens per `llama_decode` call at most."""
    micro_batch: int = 512
    threads: int = 2
    gpu_layers: int = 0
    """Layers offloaded; -1 for all."""
    kv_type: str = "f16"
    """``f16``, ``q8_0`` or ``q4_0``; quantised types want flash attention."""
    flash_attention: bool = True
    workers: int = 1
    """Processes that share slots, cells and threads: for models so small that threads would wait for one another."""
    crowd: int = 0
    """Cells that the sequences of one worker may hold together before the next sub-call waits; 0 for any number. For
    models so small that attention over one another's cells costs more than reading the weights."""
    tensor_split: tuple[float, ...] = ()
    """Layers each GPU holds, in llama.cpp's order of devices; empty for one GPU or none."""
    host_bytes: int | None = None
    """Bytes of ordinary memory for keys and values that had to leave the cache; None for the worker's default."""


@dataclass(frozen=True, slots=True)
class ServerPlan:
    """How a model server is spoken to."""

    address: Address
    model: str = ""
    """What the server calls it; empty where it has one only."""
    window: int = 0
    """Tokens one request may hold; 0: as the server says. The smaller of both where both are known."""
    slots: int = 8
    """Requests at the server at once."""
    seconds: float = 300.0
    """Without a sign of life for so long, an answer is given up and asked for again."""
    pause: float = 0.5
    """Seconds before a request is tried a second time, about."""
    key: str = field(default="", repr=False)
    authorities: str = field(default="", repr=False)
    """Certificates, as PEM, that are believed instead of the system's."""
