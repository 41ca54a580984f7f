"""Attacks at the boundary, by family: functions of a `world` (see `arena.stage`) that are true when they got through.

They use what hostile Python can use after the lock: every module that was preloaded, ctypes and raw system calls among
them. One that raises was refused.
"""

from tests.escapes.attacks import clocks, descriptors, kernel, lock, network, processes, python, reading, writing
from tests.escapes.attacks.attack import ATTACKS, Attack

__all__ = ["ATTACKS", "FAMILIES", "Attack", "names"]
FAMILIES = (clocks, descriptors, kernel, lock, network, processes, python, reading, writing)
"""Importing them registers their attacks."""


def names() -> list[str]:
    """All attacks by name, each once."""
    listed = [one.name for one in ATTACKS]
    if len(set(listed)) != len(listed):
        raise ValueError("two attacks of one name")
    return listed
