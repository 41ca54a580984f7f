"""How a model is loaded so that it fits this machine's memory, as it is free now; and what will be told about it.

It steps down in a stated order: f16 KV, q8_0 KV, fewer slots, a smaller window; and refuses below 4,096 tokens (or
below the model's own window, where that is smaller). Not covered yet: a GPU's own memory, and a dry run.
"""

from dataclasses import dataclass, replace

from rlm_desk.catalogue.inspecting import Facts
from rlm_desk.catalogue.memory import cores, free_bytes
from rlm_desk.errors import ModelError
from rlm_desk.plan import LoadPlan, ModelSpec

SMALLEST_WINDOW = 4096
EXPECTED = 4096
"""Tokens a sub-call with its reply is expected to hold at most; longer ones share what the others leave."""
MICRO_BATCH = 512
SMALL_MODEL = 64 * 1024 * 1024
"""Bytes of a file up to which several workers of one thread each are faster than one of several threads."""
MOST_WORKERS = 8
PROCESS = 48 * 1024 * 1024
"""Bytes a worker takes besides the model: the interpreter and its libraries."""
BYTES = {"f16": 2.0, "q8_0": 34 / 32, "q4_0": 18 / 32}
"""Bytes of one number in the KV cache."""
GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Fit:
    """A plan and what it takes, in bytes."""

    plan: LoadPlan
    weights: int
    kv: int
    compute: int
    """Estimate of the buffers a step computes in, logits included."""
    free: int | None
    """Memory that was free; None where the system does not say."""
    steps: tuple[str, ...] = ()
    """What was given up to make it fit, in order."""

    @property
    def total(self) -> int:
        """Everything the worker will hold."""
        return self.weights + self.kv + self.compute

    def describe(self) -> str:
        """What will happen, in lines."""
        plan = self.plan
        lines = [
            f"window {plan.window:,} tokens, {plan.slots} slots, {plan.cells:,} cells, KV {plan.kv_type}",
            f"{_gib(self.total)}: weights {_gib(self.weights)}, KV {_gib(self.kv)}, compute {_gib(self.compute)}",
        ]
        if self.free is not None:
            lines.append(f"free now {_gib(self.free)}; {_gib(max(0, self.free - self.total))} will be left")
        return "\n".join([*lines, *(f"to make it fit: {step}" for step in self.steps)])


def plan(
    spec: ModelSpec,
    *,
    slots: int = 8,
    window: int = 0,
    threads: int = 0,
    gpu_layers: int = -1,
    kv_type: str = "f16",
    facts: Facts | None = None,
) -> LoadPlan:
    """How to load a model; `fit` says more. See there."""
    return fit(
        spec, slots=slots, window=window, threads=threads, gpu_layers=gpu_layers, kv_type=kv_type, facts=facts
    ).plan


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
) -> Fit:
    """Fit a model into the memory that is free now.

    Args:
        spec: the model.
        slots: sequences decoded at once.
        window: tokens one request may hold; 0 for what the model was trained for.
        threads: CPU threads; 0 for one per physical core.
        gpu_layers: layers on a GPU where one is built in; -1 for all.
        kv_type: f16, q8_0 or q4_0.
        facts: what `inspecting.inspect` read; without it KV and compute are guessed from the file's size.
        free: bytes to fit into, instead of what is free now.

    Raises:
        ModelError: the file is missing, or even the smallest plan does not fit.
    """
    try:
        size = spec.path.stat().st_size
    except OSError as problem:
        raise ModelError(
            f"The model file {spec.path} cannot be read: {problem.strerror or problem}.",
            "See what is installed: rlm-desk models list",
        ) from problem
    available = free_bytes() if free is None else free
    trained = facts.window if facts and facts.window else spec.window
    wanted = min(window or spec.window, trained) or spec.window
    smallest = min(SMALLEST_WINDOW, wanted)
    if facts is not None and facts.recurrent:
        slots = 1  # such a model cannot share beginnings, and its slots would each hold a whole state
    candidate = LoadPlan(
        model=str(spec.path),
        window=wanted,
        slots=slots,
        cells=_cells(wanted, slots),
        micro_batch=MICRO_BATCH,
        threads=threads or cores(),
        gpu_layers=gpu_layers,
        kv_type=kv_type,
    )
    if size <= SMALL_MODEL and (workers := min(candidate.threads, slots, MOST_WORKERS)) > 1:
        cells = workers * max(candidate.cells // workers, _cells(wanted, 1))
        candidate = replace(candidate, workers=workers, cells=cells, gpu_layers=0)
    steps: list[str] = []
    while True:
        found = _measure(candidate, size, facts, available, tuple(steps))
        if available is None or found.total <= available - _reserve(available, found.total):
            return found
        stepped = _step_down(candidate, smallest)
        if stepped is None:
            raise ModelError(
                f"{spec.name} needs {_gib(found.total)} even with a window of {candidate.window:,} tokens, and "
                f"{_gib(available)} of memory is free.",
                "Close other programs, or choose a smaller model: rlm-desk models list",
            )
        candidate, what = stepped
        steps.append(what)


def _cells(window: int, slots: int) -> int:
    """One whole window and a typical batch of the others, in steps of 256 as llama.cpp counts."""
    wanted = max(window + min(window, EXPECTED) // 2, slots * min(window, EXPECTED))
    return -(-wanted // 256) * 256


def _step_down(plan: LoadPlan, smallest: int) -> tuple[LoadPlan, str] | None:
    if plan.kv_type == "f16":
        return replace(plan, kv_type="q8_0", flash_attention=True), "KV cache in q8_0 instead of f16"
    if plan.slots > 1:
        slots = plan.slots // 2
        smaller = replace(plan, slots=slots, cells=_cells(plan.window, slots), workers=min(plan.workers, slots))
        return smaller, f"{slots} slots instead of {plan.slots}"
    if plan.window > smallest:
        window = max(smallest, plan.window // 2)
        return (
            replace(plan, window=window, cells=_cells(window, plan.slots)),
            f"a window of {window:,} tokens instead of {plan.window:,}",
        )
    return None


def _measure(plan: LoadPlan, size: int, facts: Facts | None, free: int | None, steps: tuple[str, ...]) -> Fit:
    if facts is not None and facts.layers and facts.kv_heads:
        per_token = facts.layers * facts.kv_heads * (facts.key_length + facts.value_length)
        vocabulary, width = facts.vocabulary, max(facts.width, facts.feed_forward)
    else:  # a dense model of 4 bits: about 74,000 numbers a token for 5 GB
        per_token = max(1024, size // 68_000)
        vocabulary, width = 152_000 if size > GIB // 4 else 4096, 12288 if size > GIB else 4096
    kv = int(plan.cells * per_token * BYTES[plan.kv_type])
    # Logits of a sequence number each, their copy in the graph, and the activations of one micro-batch.
    rows = plan.slots + max(plan.slots, min(256, 32 * 1024 * 1024 // (4 * max(1, vocabulary)))) + 1
    compute = 2 * rows * vocabulary * 4 + plan.micro_batch * (width * 4 * 6 + plan.cells * 2) + 24 * 1024 * 1024
    return Fit(plan, size, kv, plan.workers * (compute + (PROCESS if plan.workers > 1 else 0)), free, steps)


def _reserve(free: int, needed: int) -> int:
    """What is left alone: a gibibyte or a tenth, but never more than the model itself takes."""
    return min(max(GIB, free // 10), max(256 * 1024 * 1024, needed))


def _gib(count: int) -> str:
    return f"{count / GIB:.1f} GiB" if count >= GIB // 4 else f"{count / 1024**2:.0f} MiB"
