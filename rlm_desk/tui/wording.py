"""Numbers, times and states as the screen writes them. Every state has a shape and a word, never only a colour."""

import re
from datetime import datetime

from rlm_desk.clean import clean
from rlm_desk.clean import plural as plural  # noqa: PLC0414 - found here with its neighbours
from rlm_desk.errors import DeskError
from rlm_desk.rlm.tree import NodeStatus, NodeView

GLYPHS: dict[NodeStatus, str] = {
    "waiting": "·",
    "asking": "◐",
    "running code": "▶",
    "done": "✓",
    "failed": "✗",
    "cancelled": "⊘",
    "interrupted": "!",
}

WORDS: dict[NodeStatus, str] = {
    "waiting": "waiting",
    "asking": "asking",
    "running code": "code",
    "done": "done",
    "failed": "failed",
    "cancelled": "stopped",
    "interrupted": "cut off",
}

RUN_WORDS: dict[str, str] = {
    "waiting": "ready",
    "running": "running",
    "answered": "answered",
    "best_effort": "best effort",
    "failed": "failed",
    "cancelled": "cancelled",
    "interrupted": "interrupted",
}

RUN_MARKS: dict[str, str] = {"answered": "✓", "failed": "✗", "cancelled": "⊘", "running": "▶"}
"""Any other state has a ``!``."""

ROLES = {"root": "root", "child": "child", "batch": "batch", "call": "call"}

STRIP: dict[NodeStatus, str] = {
    "done": "█",
    "asking": "▒",
    "running code": "▒",
    "waiting": "░",
    "failed": "✗",
    "cancelled": "⊘",
    "interrupted": "!",
}
"""Items of a batch by state."""


SCREENS_OF = (
    (re.compile(r"`?rlm-desk models (?:(?:info|import|remove) [^\s),`]+|[a-z]+(?: --[a-z]+)?)`?"), "F11"),
    (re.compile(r"`?rlm-desk runs list`?"), "Ctrl+R"),
    (re.compile(r"`?rlm-desk workspace list`?"), "Ctrl+N"),
)
"""Commands that a way out names, and the key that leads to the same in the desk."""

MUTED = "$text-muted"
"""Quiet text in a `Content`; a colour of its own in each of our themes."""


def count(number: float) -> str:
    """A count in at most five characters: ``999``, ``1.2k``, ``34k``, ``1.2M``."""
    if number < 1000:
        return f"{number:.0f}"
    for unit, size in (("k", 1e3), ("M", 1e6), ("G", 1e9)):
        scaled = number / size
        if scaled < 9.95:
            return f"{scaled:.1f}{unit}"
        if scaled < 999.5 or unit == "G":
            return f"{scaled:.0f}{unit}"
    return ""


def duration(seconds: float) -> str:
    """A time in at most six characters: ``0.4s``, ``12s``, ``3:05``, ``2h04``."""
    if seconds < 9.95:
        return f"{seconds:.1f}s"
    if seconds < 59.5:
        return f"{seconds:.0f}s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02}"
    return f"{whole // 3600}h{whole % 3600 // 60:02}"


def spoken_duration(seconds: float) -> str:
    """A time in a sentence: ``about 40 seconds``, ``about 12 minutes``."""
    if seconds < 90:
        return f"about {max(1, round(seconds))} second{'' if round(seconds) <= 1 else 's'}"
    if seconds < 5400:
        return f"about {round(seconds / 60)} minutes"
    hours = f"{seconds / 3600:.1f}".removesuffix(".0")
    return f"about {hours} hours"


def moment(then: float, now: float) -> str:
    """A time of day as one says it: ``14:05``, ``yesterday 23:32``, ``12 Mar 23:32``, ``2025-03-12``."""
    at, today = datetime.fromtimestamp(then), datetime.fromtimestamp(now)
    days = (today.date() - at.date()).days
    if days == 0:
        return f"{at:%H:%M}"
    if days == 1:
        return f"yesterday {at:%H:%M}"
    return f"{at.day} {at:%b %H:%M}" if at.year == today.year else f"{at:%Y-%m-%d}"


def budget_words(what: str, limit: float) -> str:
    """A limit in words: ``2,000 sub-calls``, ``12 minutes``."""
    if what == "seconds":
        return spoken_duration(limit).removeprefix("about ")
    return f"{limit:,.0f} {'sub-calls' if what == 'subcalls' else what}"


def bar(share: float, width: int) -> str:
    """A bar of `width` cells in halves; `share` from 0 to 1. What is not nothing shows."""
    halves = round(max(0.0, min(1.0, share)) * width * 2)
    whole, half = divmod(max(halves, 1 if share > 0 else 0), 2)
    return ("━" * whole + "╸" * half).ljust(width, "─")


def strip(children: list[NodeView], items: int, width: int) -> list[NodeStatus]:
    """The states of a batch's items in `width` cells, in order; a failure in a cell is never hidden by the rest."""
    total = max(items, len(children))
    width = min(width, total)
    cells: list[NodeStatus] = []
    for cell in range(width):
        first, last = cell * total // width, (cell + 1) * total // width
        part = children[first:last]
        states = {child.status for child in part}
        bad: NodeStatus | None = next((s for s in ("failed", "interrupted", "cancelled") if s in states), None)
        if bad is not None:
            cells.append(bad)
        elif states == {"done"} and len(part) == last - first:
            cells.append("done")
        else:
            cells.append("asking" if states & {"asking", "running code", "done"} else "waiting")
    return cells


def way_out(problem: DeskError) -> str:
    """What a person in the desk can do: a key, where the command line would name a command."""
    step = clean(problem.next_step)
    for command, key in SCREENS_OF:
        step = command.sub(key, step)
    return step


def told(problem: DeskError) -> str:
    """An error in two lines: what happened, and the way out."""
    return f"{clean(problem.sentence)}\n{way_out(problem)}".strip()
