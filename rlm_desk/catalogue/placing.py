"""Where a plan's bytes go: weights, keys and values, and buffers for each device. Pure functions.

llama.cpp keeps the token embeddings in ordinary memory, puts the last `gpu_layers` layers on the GPUs (the output
matrix counts as one behind the last), and a layer's keys and values lie with its weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from rlm_desk.catalogue.devices import Devices
from rlm_desk.catalogue.facts import Facts
from rlm_desk.plan import LoadPlan

HOST = "memory"
GIB = 1024**3
MIB = 1024**2
BYTES = {"f16": 2.0, "q8_0": 34 / 32, "q4_0": 18 / 32}
"""Bytes of one number in the KV cache."""
IDLE_BYTES = 32 * MIB
SEQUENCES = 256
"""As in `engine.model`: each sequence number costs a row of logits."""


PROCESS = 24 * MIB
TOKEN = 256
"""Private bytes of a worker besides the model: interpreter and libraries, and its tables for each token of the
vocabulary. Measured on Linux with vocabularies of 2,048 and 151,936 tokens."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one device holds. Bytes."""

    device: str
    """``memory`` for the host."""
    weights: int
    kv: int
    compute: int
    """Buffers a step computes in, logits included."""
    process: int = 0
    """The worker itself: interpreter and libraries."""
    free: int | None = None
    """Free now; None where nobody says."""
    layers: int = 0
    """Layers it holds, the output matrix counted as one."""

    @property
    def total(self) -> int:
        """Everything together."""
        return self.weights + self.kv + self.compute + self.process

    @property
    def reserve(self) -> int:
        """What is left alone: a gibibyte or a tenth of what is free, but never more than the model itself takes."""
        return min(max(GIB, (self.free or 0) // 10), max(256 * MIB, self.total))

    @property
    def lacks(self) -> int:
        """Bytes missing; 0 where it fits."""
        return 0 if self.free is None else max(0, self.total - max(0, self.free - self.reserve))


def gpu_count(plan: LoadPlan, facts: Facts, devices: Devices) -> int:
    """Layers that really go to GPUs, the output matrix counted as one."""
    if not devices.gpus or not devices.offload:
        return 0
    most = facts.layers + 1
    return most if plan.gpu_layers < 0 else min(plan.gpu_layers, most)


def place(
    plan: LoadPlan, facts: Facts, devices: Devices, process: int, compute: Mapping[str, float] | None = None
) -> tuple[Share, ...]:
    """The host's share first, then each GPU's.

    Args:
        plan: `tensor_split` says how many layers each of several GPUs takes.
        facts: the file's own account of its layers.
        devices: the machine.
        process: bytes of one worker besides the model.
        compute: by device (and ``kv``), what a dry run found, as a multiple of the estimate.
    """
    layers = _layers(facts)
    offloaded = gpu_count(plan, facts, devices)
    begin = len(layers) + 1 - offloaded
    scale = compute or {}
    per_cell = BYTES[plan.kv_type] * plan.cells * scale.get("kv", 1.0)
    kv = [int(numbers * per_cell) for numbers in _numbers(facts, len(layers))]
    output = facts.output_bytes + (facts.input_bytes if facts.tied and offloaded else 0)
    held = [*zip(layers, kv, strict=True), (output, 0)]
    host_compute = int(_host_compute(plan, facts, offloaded) * scale.get(HOST, 1.0))
    host = Share(
        HOST,
        facts.input_bytes + sum(weights for weights, _ in held[:begin]),
        sum(k for _, k in held[:begin]),
        plan.workers * host_compute,
        plan.workers * process,
        devices.host_free,
        begin,
    )
    if not offloaded:
        return (host,)
    shares = [host]
    at = begin
    for gpu, count in zip(devices.gpus, _counts(plan, offloaded, len(devices.gpus)), strict=True):
        mine = held[at : at + count]
        at += count
        buffers = int(_gpu_compute(plan, facts, at == len(held)) * scale.get(gpu.name, 1.0)) if mine else 0
        weights, keys = sum(w for w, _ in mine), sum(k for _, k in mine)
        shares.append(Share(gpu.name, weights, keys, buffers, 0, gpu.free, count))
    if any(gpu.shares_host for gpu in devices.gpus):
        shares = _joined(shares, devices)
    return tuple(shares)


def split(plan: LoadPlan, facts: Facts, devices: Devices) -> tuple[float, ...]:
    """Layers for each of several GPUs, by what each has free; empty for one GPU or none."""
    offloaded = gpu_count(plan, facts, devices)
    gpus = devices.gpus
    if len(gpus) < 2 or not offloaded:
        return ()
    layers = _layers(facts)
    per_cell = BYTES[plan.kv_type] * plan.cells
    sizes = [
        weights + int(numbers * per_cell) for weights, numbers in zip(layers, _numbers(facts, len(layers)), strict=True)
    ]
    sizes.append(facts.output_bytes + (facts.input_bytes if facts.tied else 0))
    wanted = sizes[len(sizes) - offloaded :]
    room = [max(0, gpu.free - max(GIB, gpu.free // 10)) for gpu in gpus]
    every = sum(room) or 1
    counts = [0] * len(gpus)
    taken, edge, gpu = 0.0, sum(wanted) * room[0] / every, 0
    for size in wanted:
        while gpu < len(gpus) - 1 and taken + size / 2 > edge:
            gpu += 1
            edge += sum(wanted) * room[gpu] / every
        counts[gpu] += 1
        taken += size
    return tuple(float(count) for count in counts)


def sequences(plan: LoadPlan, vocabulary: int) -> int:
    """Sequence numbers a worker makes: for slots, for idle sequences, one for scratch."""
    slots = -(-plan.slots // plan.workers)
    return min(SEQUENCES, slots + max(slots, min(SEQUENCES, IDLE_BYTES // (4 * max(1, vocabulary)))) + 1)


def worker_bytes(facts: Facts) -> int:
    """What one worker takes besides the model."""
    return PROCESS + TOKEN * facts.vocabulary


def bytes_per_token(plan: LoadPlan, facts: Facts) -> int:
    """What one token's keys and values take, on all devices together."""
    return int(sum(_numbers(facts, len(_layers(facts)))) * BYTES[plan.kv_type])


def _layers(facts: Facts) -> tuple[int, ...]:
    return facts.layer_bytes or (facts.bytes // max(1, facts.layers),) * facts.layers


def _numbers(facts: Facts, layers: int) -> tuple[int, ...]:
    if len(facts.kv_layers) == layers:
        return facts.kv_layers
    return (facts.kv_heads * (facts.key_length + facts.value_length),) * layers


def _counts(plan: LoadPlan, offloaded: int, gpus: int) -> list[int]:
    if gpus == 1 or len(plan.tensor_split) != gpus:
        return [offloaded, *[0] * (gpus - 1)]
    return [int(count) for count in plan.tensor_split]


def _joined(shares: list[Share], devices: Devices) -> list[Share]:
    """GPUs that live in the host's memory: each also sees what all the others take of it."""
    if devices.host_free is None:
        return shares
    every = sum(share.total for share in shares)
    return [
        Share(
            share.device,
            share.weights,
            share.kv,
            share.compute,
            share.process,
            min(share.free if share.free is not None else every, devices.host_free - (every - share.total)),
            share.layers,
        )
        for share in shares
    ]


def _host_compute(plan: LoadPlan, facts: Facts, offloaded: int) -> int:
    output = sequences(plan, facts.vocabulary) * facts.vocabulary * 4
    if offloaded > facts.layers:  # only the embeddings of a micro-batch and the mask lie here
        return output + plan.micro_batch * facts.width * 4 + _mask(plan) + 4 * MIB
    return output + max(output, _mask(plan) + _activations(plan, facts))


def _gpu_compute(plan: LoadPlan, facts: Facts, output: bool) -> int:
    logits = sequences(plan, facts.vocabulary) * facts.vocabulary * 4 if output else 0
    return max(logits, _mask(plan) + _activations(plan, facts))


def _mask(plan: LoadPlan) -> int:
    """Which cells each token of a micro-batch may look at: in f16 for flash attention, else twice in
    f32."""
    return plan.micro_batch * (plan.cells // plan.workers) * (2 if plan.flash_attention else 8)


def _activations(plan: LoadPlan, facts: Facts) -> int:
    """A step's results in flight at the widest moment, as dry runs of 0.6B, 4B and 8B shapes have them within 4%."""
    scores = 0 if plan.flash_attention else 2 * facts.heads * (plan.cells // plan.workers)  # before and after softmax
    return plan.micro_batch * 4 * int(1.04 * (4 * facts.width + 3 * facts.feed_forward) + scores)
