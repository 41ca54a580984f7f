"""One layer of confinement, as a worker or the app reports it: plain data."""

from dataclasses import dataclass
from typing import Literal

State = Literal["on", "partial", "off"]

BOUNDARY = "syscalls"
"""The layer that keeps hostile code in; the others stand behind it."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of confinement, as it is on this machine."""

    name: str
    state: State
    reason: str = ""
    """Why it is not fully on, or what it does; a sentence without its full stop."""
