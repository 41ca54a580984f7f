"""What an attack is, and how one is registered."""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

World = Any  # SimpleNamespace; attributes as `arena.stage` and `arena.run` set them


@dataclass(frozen=True)
class Attack:
    """One way to try."""

    name: str
    family: str
    run: Callable[[World], object]
    needs: str = ""
    """Why its control may fail on some machines: "root", or a kernel feature."""


ATTACKS: list[Attack] = []


def attack(family: str, needs: str = "") -> Callable[[Callable[[World], object]], Callable[[World], object]]:
    """Register a function under its name."""

    def register(function: Callable[[World], object]) -> Callable[[World], object]:
        ATTACKS.append(Attack(function.__name__.replace("_", " "), family, function, needs))
        return function

    return register


def buffer(raw: bytes) -> "ctypes.Array[ctypes.c_char]":
    return ctypes.create_string_buffer(raw)
