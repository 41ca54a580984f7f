"""One file on its way through a reading: on the disk, or inside another."""

from dataclasses import dataclass
from typing import NamedTuple

from rlm_desk.documents.find import Found


class Member(NamedTuple):
    """A file inside another, as it is remembered: to be found again without opening its container."""

    name: str
    """Path inside the container."""
    id: str
    """sha256 of its bytes; empty when it was not read."""
    kind: str
    reason: str = ""
    """Why it was not read."""


@dataclass(frozen=True, slots=True)
class Job:
    """A file to read."""

    order: tuple[int, ...]
    """Its place in the result: that of the file, then that inside it."""
    found: Found
    data: bytes | None = None
    """Its bytes, where it lies inside another; else they are read from the disk."""
    identity: str = ""
    """sha256 of `data`."""
