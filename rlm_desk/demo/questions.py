"""What can be asked of a whole corpus: five families of questions, their wordings, and what each one means."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

from rlm_desk.demo import asking, woven
from rlm_desk.demo import asking_more as more
from rlm_desk.demo.fields import BY_KEY, Field
from rlm_desk.demo.names import Split
from rlm_desk.demo.skeletons import expand, pool

Family = Literal["find", "count", "extreme", "list", "compare"]
FAMILIES: tuple[Family, ...] = ("find", "count", "extreme", "list", "compare")
Truth = str | int | tuple[str, ...]
WOVEN = 0.6  # of the comparisons of training, those that are woven and not taken from the pools


@dataclass(frozen=True)
class Meaning:
    """A question without its words. `value` is a threshold or a place; `largest` also says `more` in a comparison."""

    family: Family
    field: str
    vendor: str = ""
    operator: str = ""
    value: int | str = ""
    largest: bool = True
    folders: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Question:
    """A question, its one right answer, and the names of the documents that decide it."""

    text: str
    meaning: Meaning
    truth: Truth
    evidence: tuple[str, ...]

    @property
    def family(self) -> Family:
        return self.meaning.family

    @property
    def field(self) -> str:
        return self.meaning.field


def holds(operator: str, value: int | str | None, threshold: int | str) -> bool:
    """Whether a stated value meets the condition; an absent one never does."""
    if value is None:
        return False
    if isinstance(value, str) or isinstance(threshold, str):
        return value == threshold
    return {
        ">": value > threshold,
        "<": value < threshold,
        ">=": value >= threshold,
        "<=": value <= threshold,
        "==": value == threshold,
    }[operator]


def wording(rng: random.Random, meaning: Meaning, split: Split) -> str:
    """One way to ask it."""
    field = BY_KEY[meaning.field]
    if meaning.family == "find":
        return asking.vendor(rng, field, split, meaning.vendor)
    slots = {"S": rng.choice(field.subjects), "F": meaning.folders[0], "G": meaning.folders[1], "P": str(meaning.value)}
    if meaning.family == "extreme":
        words = asking.HIGH if meaning.largest else asking.LOW
        fitting = [
            w for w in words if w not in (("highest", "lowest") if field.kind != "money" else ("longest", "shortest"))
        ]
        return expand(
            rng, rng.choice(pool(asking.EXTREME, split, (), more.EXTREME)), slots | {"E": rng.choice(fitting)}
        )
    if field.kind == "place":
        return expand(rng, rng.choice(pool(*_law_pools(meaning.family, split))), slots)
    assert isinstance(meaning.value, int)
    slots["O"] = asking.comparison(rng, field, meaning.operator, meaning.value)
    if meaning.family == "compare":
        slots["M"] = rng.choice(asking.MORE if meaning.largest else asking.FEWER)
        own = split == "train" and rng.random() < WOVEN
        return expand(
            rng, woven.compared(rng) if own else rng.choice(pool(asking.COMPARE, split, (), more.COMPARE)), slots
        )
    if meaning.family == "count" and rng.random() < 0.2:
        return asking.canonical_count(field, meaning.operator, meaning.value)
    old, new = (asking.COUNT, more.COUNT) if meaning.family == "count" else (asking.LIST, more.LIST)
    return expand(rng, rng.choice(pool(old, split, (), new)), slots)


def _law_pools(family: Family, split: Split) -> tuple[tuple[str, ...], Split, tuple[str, ...], tuple[str, ...]]:
    old, new = (asking.LAW_COUNT, more.LAW_COUNT) if family == "count" else (asking.LAW_LIST, more.LAW_LIST)
    return old, split, (), new


def askable(family: Family, field: Field) -> bool:
    """Whether the family makes sense for the field: order needs numbers, conditions need numbers or the law."""
    return {
        "find": True,
        "count": field.numeric or field.kind == "place",
        "list": field.numeric or field.kind == "place",
        "extreme": field.numeric,
        "compare": field.numeric,
    }[family]
