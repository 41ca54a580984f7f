"""Why a worker died, of memory or of something else, and what follows. A smaller plan helps against the first only."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from rlm_desk.clean import plural
from rlm_desk.errors import WorkerDied
from rlm_desk.plan import LoadPlan

Smaller = Callable[[LoadPlan], Awaitable[LoadPlan | None]]
"""Told of a plan that ran out of memory; gives the next smaller one, or None where nothing smaller fits."""

_VMSTAT = Path("/proc/vmstat")
_MARKS = (
    "out of memory",
    "bad_alloc",
    "memoryerror",
    "failed to allocate",
    "insufficient memory",
    "cannot allocate memory",
    "unable to allocate",
    "not enough memory",
)
"""What libraries say on their way out when an allocation failed, in small letters."""


def oom_kills(vmstat: Path = _VMSTAT) -> int | None:
    """How many processes this system has killed for want of memory since it started; None where it does not say."""
    try:
        lines = vmstat.read_text("ascii").splitlines()
    except (OSError, ValueError):
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), None)


def ran_out_of_memory(death: WorkerDied, before: int | None, after: int | None) -> bool:
    """Whether memory is what a worker died of.

    Args:
        death: its exit status and last words.
        before: `oom_kills` while it lived.
        after: `oom_kills` now. Where the system does not count, a SIGKILL is taken for want of memory: hardly
            anything else sends one.
    """
    if any(mark in death.stderr.lower() for mark in _MARKS):
        return True
    return "SIGKILL" in death.reason and (before is None or after is None or after > before)


def half(plan: LoadPlan) -> LoadPlan:
    """The next smaller plan where no planner is at hand: half the slots and cells, the same window."""
    return replace(plan, slots=max(1, plan.slots // 2), cells=max(plan.window, plan.cells // 2))


def started_again(reason: str, smaller: LoadPlan | None) -> str:
    """The sentence about a worker that was replaced; `smaller` is what it got where that is less than before."""
    how = ""
    if smaller is not None:
        slots = plural(smaller.slots, "slot")
        how = f" with {slots}, a window of {smaller.window:,} tokens and {smaller.kv_type} KV"
    return f"The model's worker stopped ({reason}) and was started again{how}."
