"""How a model is loaded so that it fits this machine's memory, as it is free now. Pure: it loads nothing.

It steps down as `stepping` says. It refuses below a window of 4,096
tokens, except that a model trained for less keeps its own window, which is said. Not covered: expert layers kept in
ordinary memory while the rest is on a GPU.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from rlm_desk.catalogue.devices import Devices
from rlm_desk.catalogue.facts import Facts
from rlm_desk.catalogue.memory import cores, free_bytes
from rlm_desk.catalogue.parts import parts_of
from rlm_desk.catalogue.placing import GIB, HOST, MIB, Share, bytes_per_token, gpu_count, place, split, worker_bytes
from rlm_desk.catalogue.processor import MICRO_BATCH, on_processor
from rlm_desk.catalogue.stepping import EXPECTED, SMALLEST_WINDOW, candidates, cells
from rlm_desk.clean import plural
from rlm_desk.errors import DoesNotFit, ModelError, UsageError
from rlm_desk.plan import LoadPlan, ModelSpec

CHUNK = 3500
"""Tokens of a document chunk in the count of chunks that stay resident."""
HOST_CACHE = 768 * MIB
"""Ordinary memory for keys and values that had to leave the cache, at most."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A plan and what it takes, in bytes."""

    plan: LoadPlan
    shares: tuple[Share, ...]
    """The host's first, then each GPU's."""
    steps: tuple[str, ...] = ()
    """What was given up to make it fit, in order."""
    tried: tuple[str, ...] = ()
    """Every plan that did not fit, and what it lacked."""
    notes: tuple[str, ...] = ()
    """What a person should know besides."""
    resident: tuple[int, int] = (0, 0)
    """Chunks of `CHUNK` tokens that stay for a follow-up question: in the cache, and in ordinary memory beside it."""
    chunk: int = CHUNK
    confirmed: bool = False
    """Whether a dry run of llama.cpp gave the same buffers."""

    @property
    def weights(self) -> int:
        return sum(share.weights for share in self.shares)

    @property
    def kv(self) -> int:
        return sum(share.kv for share in self.shares)

    @property
    def compute(self) -> int:
        """Buffers a step computes in, logits included, and the workers themselves."""
        return sum(share.compute + share.process for share in self.shares)

    @property
    def total(self) -> int:
        """Everything on all devices. The host's cache for evicted prefixes fills later: `plan.host_bytes`."""
        return sum(share.total for share in self.shares)

    @property
    def most(self) -> int:
        """The same once the host's cache for evicted prefixes is full."""
        return self.total + (self.plan.host_bytes or 0)

    @property
    def free(self) -> int | None:
        """Ordinary memory that was free; None where the system does not say."""
        return self.shares[0].free


def plan(spec: ModelSpec, **wishes: int | str | Facts | None) -> LoadPlan:
    """How to load a model; `fit` takes the same arguments and says more."""
    return fit(spec, **wishes).plan  # type: ignore[arg-type]


def fit(
    spec: ModelSpec,
    *,
    slots: int = 8,
    window: int = 0,
    threads: int = 0,
    gpu_layers: int = -1,
    kv_type: str = "f16",
    facts: Facts | None = None,
    free: int | None = None,
    devices: Devices | None = None,
    compute: Mapping[str, float] | None = None,
    failed: Callable[[LoadPlan], bool] = lambda _plan: False,
    size: int = 0,
) -> Fit:
    """Fit a model into the memory that is free now.

    Args:
        spec: the model.
        slots: sequences decoded at once.
        window: tokens one request may hold; 0 for what the model was trained for.
        threads: CPU threads; 0 for one per physical core.
        gpu_layers: layers on a GPU where one is built in, the output matrix counted as one; -1 for all.
        kv_type: f16, q8_0 or q4_0.
        facts: what `inspecting.inspect` read; without it layers are guessed from the file's size.
        free: bytes of ordinary memory to fit into, instead of what is free now.
        devices: the machine; without it one without a GPU.
        compute: by device, a dry run's buffers as a multiple of what is estimated here.
        failed: whether a plan is remembered to have failed on this machine.
        size: bytes of a model whose file is not here yet.

    Raises:
        ModelError: the file is missing.
        DoesNotFit: even the smallest plan does not fit.
        UsageError: a window smaller than what recursion needs.
    """
    size = size or _size(spec)
    machine = devices or Devices(free_bytes())
    if free is not None:
        machine = replace(machine, host_free=free)
    known = facts or _guess(size)
    first, notes = _first(spec, size, known, machine, slots, window, threads, gpu_layers, kv_type)
    process = worker_bytes(known)

    def placed(candidate: LoadPlan) -> tuple[Share, ...]:
        return place(candidate, known, machine, process, compute)

    steps: list[str] = []
    tried: list[str] = []
    best, shares = first, placed(first)
    for candidate, what in candidates(first, known, machine, placed):
        shares, best = placed(candidate), candidate
        if what:
            steps.append(what)
        lacking = [share for share in shares if share.lacks]
        if not lacking and not failed(candidate):
            break
        tried.append(_lack(candidate, known, machine, lacking))
    else:
        raise _refusal(spec, best, shares)
    cached = _host_cache(best, shares[0])
    best = replace(best, host_bytes=cached)
    chunk = min(CHUNK, max(256, best.window // 2))
    resident = _resident(best, known, machine, chunk)
    return Fit(best, shares, tuple(steps), tuple(tried), tuple(notes), resident, chunk)


def _size(spec: ModelSpec) -> int:
    try:
        return sum(part.stat().st_size for part in parts_of(spec.path))
    except OSError as problem:
        raise ModelError(
            f"The model file {spec.path} cannot be read: {problem.strerror or problem}.",
            "See what is installed: rlm-desk models list",
        ) from problem


def _guess(size: int) -> Facts:
    """A dense model of 4 bits: about 74,000 numbers of keys and values a token for 5 GB, in 32 layers."""
    layers = 32
    return Facts(
        bytes=size,
        layers=layers,
        kv_layers=(max(1024, size // 68_000) // layers,) * layers,
        vocabulary=152_000 if size > GIB // 4 else 4096,
        width=4096 if size > GIB else 1024,
        feed_forward=12288 if size > GIB else 4096,
        layer_bytes=(size // layers,) * layers,
    )


def _first(
    spec: ModelSpec,
    size: int,
    facts: Facts,
    devices: Devices,
    slots: int,
    window: int,
    threads: int,
    gpu_layers: int,
    kv_type: str,
) -> tuple[LoadPlan, list[str]]:
    """The plan as it is wished for, and what is to be said about it."""
    notes: list[str] = []
    trained = facts.window or spec.window
    wanted = min(window or spec.window, trained) or spec.window
    if window and wanted < min(SMALLEST_WINDOW, trained):
        raise UsageError(
            f"A window of {window:,} tokens is too small for recursion: at least {SMALLEST_WINDOW:,} are needed.",
            "Leave --window out, or ask for more.",
        )
    if trained < SMALLEST_WINDOW:
        notes.append(
            f"its own window holds {trained:,} tokens, fewer than the {SMALLEST_WINDOW:,} asked of any other model: "
            "it is used as it was trained"
        )
    elif window > trained:
        notes.append(f"it was trained for {trained:,} tokens: a window of {window:,} is not used")
    if facts.recurrent and slots > 1:
        slots = 1  # such a model cannot share beginnings, and its slots would each hold a whole state
        notes.append("one slot: a model with recurrent memory cannot share beginnings")
    first = LoadPlan(
        model=str(spec.path),
        window=wanted,
        slots=slots,
        cells=cells(wanted, slots, EXPECTED),
        micro_batch=MICRO_BATCH,
        threads=threads or cores(),
        gpu_layers=gpu_layers if devices.offload and devices.gpus else 0,
        kv_type=kv_type,
    )
    first = on_processor(first, facts, size)
    return replace(first, tensor_split=split(first, facts, devices)), notes


def _lack(candidate: LoadPlan, facts: Facts, devices: Devices, lacking: list[Share]) -> str:
    on_gpu = gpu_count(candidate, facts, devices)
    layers = f", {on_gpu} layers on the GPU" if devices.gpus and devices.offload else ""
    slots = plural(candidate.slots, "slot")
    what = f"{candidate.kv_type}, {slots}, window {candidate.window:,}{layers}"
    if not lacking:
        return f"{what}: failed on this machine before"
    return what + ": " + "; ".join(f"{gib(share.lacks)} too much for {share.device}" for share in lacking)


def _refusal(spec: ModelSpec, least: LoadPlan, shares: tuple[Share, ...]) -> DoesNotFit:
    short = next((share for share in shares if share.lacks), shares[0])
    where = "memory" if short.device == HOST else f"memory on {short.device}"
    free = gib(short.free) if short.free is not None else "too little"
    return DoesNotFit(
        f"{spec.name} needs {gib(short.total)} even with a window of {least.window:,} tokens, and {free} of {where} is "
        f"free, of which {gib(short.reserve)} is left for other programs.",
        "Close other programs, or choose a smaller model: rlm-desk models list --catalogue shows which fit.",
    )


def _host_cache(best: LoadPlan, host: Share) -> int:
    """What the worker may keep of evicted prefixes: half of what is left over, 768 MiB at most."""
    if host.free is None:
        return HOST_CACHE // 2
    return max(0, min(HOST_CACHE, (host.free - host.reserve - host.total) // 2))


def _resident(best: LoadPlan, facts: Facts, devices: Devices, chunk: int) -> tuple[int, int]:
    """Chunks in the cache's idle cells, and in ordinary memory. As the worker divides them: on a CPU a quarter of the
    cells may stay idle, or none where the host's memory takes everything."""
    if facts.recurrent:
        return 0, 0
    per_token = max(1, bytes_per_token(best, facts))
    beside = (best.host_bytes or 0) // (per_token * chunk)
    if gpu_count(best, facts, devices):
        idle = max(0, best.cells - best.window)
    else:
        idle = 0 if per_token * best.cells <= (best.host_bytes or 0) else best.cells // 4
    return idle // chunk, beside


def gib(count: int) -> str:
    """Bytes for people."""
    return f"{count / GIB:.1f} GiB" if count >= GIB else f"{count / MIB:.0f} MiB"
