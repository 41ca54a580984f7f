"""The order in which a plan steps down until it fits. Pure.

What would gain nothing is not given up: fewer slots where the cache is as large as one window anyway, say. Where the
weights alone are too much for the GPUs, layers leave them right after the step to q8_0, since nothing else can help;
from then on every step puts as many layers back as fit.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from rlm_desk.catalogue.devices import Devices
from rlm_desk.catalogue.facts import Facts
from rlm_desk.catalogue.placing import HOST, Share, gpu_count, split
from rlm_desk.plan import LoadPlan

SMALLEST_WINDOW = 4096
EASY_WINDOW = 8192
"""Tokens below which the window is made smaller only when nothing else is left."""
EXPECTED = 4096
"""Tokens a sub-call with its reply is expected to hold at most; longer ones share what the others leave."""
SHORT = 2048
"""The same, where memory is short."""
GAIN = 0.01
"""A step that saves less of the total than this is not taken."""

ORDER = (
    "KV cache in q8_0 instead of f16",
    "fewer slots, down to 2",
    "shorter sub-calls",
    "a smaller window, down to 8,192 tokens",
    "fewer layers on the GPU",
    "one slot",
    "a window down to 4,096 tokens",
)

Placed = Callable[[LoadPlan], tuple[Share, ...]]
What = Callable[[LoadPlan], str]
Change = Callable[[LoadPlan], "LoadPlan | None"]


def candidates(first: LoadPlan, facts: Facts, devices: Devices, placed: Placed) -> Iterator[tuple[LoadPlan, str]]:
    """Plans from what is wished for to the least there is, with what each gives up."""
    yield first, ""
    state = first
    expected = EXPECTED
    weights_fit = fits_on_gpus(replace(state, cells=256), placed)

    def fewer_layers(of: LoadPlan) -> tuple[LoadPlan, str] | None:
        return _fewer_layers(of, facts, devices, placed)

    def gains(to: LoadPlan) -> bool:
        before, after = (sum(share.total for share in placed(p)) for p in (state, to))
        return after < before * (1 - GAIN) or gpu_count(to, facts, devices) > gpu_count(state, facts, devices)

    for number, (what, change) in enumerate(_changes(first, facts, expected)):
        smaller = change(state)
        if smaller is None:
            continue
        if not weights_fit and number and (again := most_layers(smaller, facts, devices, placed)):
            smaller = again
        if gains(smaller):
            state = smaller
            yield state, what(state)
        if not weights_fit and not number and (fewer := fewer_layers(state)):
            state, said = fewer
            yield state, said
    if weights_fit and (fewer := fewer_layers(state)):
        state, said = fewer
        yield state, said
    for what, change in _last_changes(first):
        smaller = change(state)
        if smaller is None:
            continue
        smaller = most_layers(smaller, facts, devices, placed) or smaller
        if gains(smaller):
            state = smaller
            yield state, what(state)


def _changes(first: LoadPlan, facts: Facts, expected: int) -> Iterator[tuple[What, Change]]:
    blocks = facts.key_length % 32 == 0 and facts.value_length % 32 == 0
    if first.kv_type == "f16" and blocks:  # q8_0 stores 32 numbers of a head together
        yield lambda _p: ORDER[0], lambda p: replace(p, kv_type="q8_0", flash_attention=True)
    slots = first.slots // 2
    while slots >= 2:
        yield lambda p: f"{p.slots} slots", _slots(slots, expected)
        slots //= 2
    yield (
        lambda _p: f"sub-calls of {SHORT:,} tokens expected instead of {expected:,}",
        lambda p: replace(p, cells=recount(p, SHORT)),
    )
    yield from _windows(first.window, EASY_WINDOW)


def _last_changes(first: LoadPlan) -> Iterator[tuple[What, Change]]:
    if first.slots > 1:
        yield lambda _p: "one slot", _slots(1, SHORT)
    yield from _windows(min(first.window, EASY_WINDOW), SMALLEST_WINDOW)


def _windows(window: int, smallest: int) -> Iterator[tuple[What, Change]]:
    while window > smallest:
        window = max(smallest, window // 2)
        yield lambda p: f"a window of {p.window:,} tokens", _window(window)


def _slots(slots: int, expected: int) -> Change:
    def change(p: LoadPlan) -> LoadPlan | None:
        if slots >= p.slots:
            return None
        smaller = replace(p, slots=slots, workers=min(p.workers, slots))
        return replace(smaller, cells=recount(smaller, expected))

    return change


def _window(window: int) -> Change:
    def change(p: LoadPlan) -> LoadPlan | None:
        if window >= p.window:
            return None
        smaller = replace(p, window=window)
        return replace(smaller, cells=recount(smaller, SHORT))

    return change


def recount(p: LoadPlan, expected: int) -> int:
    """Cells of a plan. A worker whose sequences wait for one another needs a window and the beginnings that stay."""
    if p.crowd:
        return p.workers * cells(p.window, min(p.slots, 2), expected)
    return cells(p.window, p.slots, expected)


def cells(window: int, slots: int, expected: int) -> int:
    """One whole window and a typical batch of the others, in steps of 256 as llama.cpp counts."""
    wanted = max(window + min(window, expected) // 2, slots * min(window, expected))
    return -(-wanted // 256) * 256


def fits_on_gpus(candidate: LoadPlan, placed: Placed) -> bool:
    """Whether the weights alone fit the GPUs."""
    return not any(share.lacks for share in placed(candidate) if share.device != HOST)


def most_layers(candidate: LoadPlan, facts: Facts, devices: Devices, placed: Placed) -> LoadPlan | None:
    """The same plan with as many layers on the GPUs as fit there; None on a machine without one."""
    if not gpu_count(candidate, facts, devices):
        return None
    for count in range(facts.layers + 1, -1, -1):
        fewer = replace(candidate, gpu_layers=count, tensor_split=())
        fewer = replace(fewer, tensor_split=split(fewer, facts, devices))
        if fits_on_gpus(fewer, placed):
            return fewer
    return None


def _fewer_layers(candidate: LoadPlan, facts: Facts, devices: Devices, placed: Placed) -> tuple[LoadPlan, str] | None:
    fewer = most_layers(candidate, facts, devices, placed)
    before = gpu_count(candidate, facts, devices)
    if fewer is None or fewer.gpu_layers >= before:
        return None
    return fewer, f"{fewer.gpu_layers} of {facts.layers + 1} layers on the GPU"
