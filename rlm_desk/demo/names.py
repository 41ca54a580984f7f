"""Invented names and numbers, split in two: what the shipped model was trained on, and what it never saw.

A name or a number belongs to `train` or to `eval` by a hash of itself, so the two sets cannot meet whatever the seed.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from typing import Literal, TypeVar

Split = Literal["train", "eval"]
T = TypeVar("T")

HEADS = (
    "al am ar bar bel ber bram bren cal car cas cor cran dal dar del dor dun el em fal fen fer gal gar glen gor "
    "hal har hel her hol jan jas kal kel ken kor lan lar lin lor mal mar mel mer mor nal nor ol or pal pel per "
    "por quel ral ran rel ros sal san sel ser sol sor stan tal tam tar tel thal tor tran tre ul val van ver vol "
    "wal wen wes wil wor yar yel zan zel"
).split()
MIDDLES = (
    "a an ar e el en er i il in ir o ol on or u ul un ber da de der di do la le li lo ma me mi mo na ne ra ri ta te"
).split()
TAILS = (
    "vale moor mere wick ford field gate haven holm hurst land ley mont more nard ness port ridge rock shaw side stead "
    "stone ston ton wade wall well wood worth brook bury by combe cote dale den don dora fell garth grove ham"
).split()
_TRADES = (
    "Logistics Supplies Systems Services Engineering Catering Cleaning Printing Freight Security Energy Software "
    "Packaging Textiles Chemicals Machinery Storage Transport Consulting Instruments Foods Motors Metals Optics "
    "Robotics Timber Glass Paper Tools Plastics"
).split()
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def split_of(thing: object) -> Split:
    """The side a name or number belongs to; about one in four is held out."""
    return "eval" if zlib.crc32(f"desk:{thing}".encode()) % 4 == 0 else "train"


def draw(rng: random.Random, split: Split, make: Callable[[random.Random], T]) -> T:
    """The first thing `make` yields that belongs to `split`."""
    while True:
        thing = make(rng)
        if split_of(thing) == split:
            return thing


def _word(rng: random.Random) -> str:
    middle = rng.choice(MIDDLES) if rng.random() < 0.5 else ""
    return (rng.choice(HEADS) + middle + rng.choice(TAILS)).capitalize()


def word(rng: random.Random, split: Split) -> str:
    """An invented capitalised word: a place, a folder, half of a company."""
    return draw(rng, split, _word)


def company(rng: random.Random, split: Split) -> str:
    return f"{word(rng, split)} {rng.choice(_TRADES)}"


def code(rng: random.Random, split: Split) -> str:
    return draw(rng, split, lambda r: f"{r.choice(_LETTERS)}{r.choice(_LETTERS)}-{r.randint(1000, 9999)}")


def _money(rng: random.Random) -> int:
    step = rng.choice((1, 5, 10, 50))
    top = rng.choice((9_999, 99_999))
    return rng.randint(1_000 // step, top // step) * step


def money(rng: random.Random, split: Split) -> int:
    return draw(rng, split, _money)


def days(rng: random.Random, split: Split) -> int:
    return draw(rng, split, lambda r: r.randint(5, 180))


def months(rng: random.Random, split: Split) -> int:
    return draw(rng, split, lambda r: r.randint(3, 96))


def like(rng: random.Random, split: Split, value: int | str, lowest: int, highest: int) -> int | str | None:
    """A value that is easily taken for another: one digit, letter or syllable differs; None when none was found.

    `lowest` and `highest` bound a number; words and codes have no bounds.
    """
    for _ in range(20):
        made = _altered(rng, value) if isinstance(value, int) or "-" in value else _same_start(rng, value)
        fits = not isinstance(made, int) or lowest <= made <= highest
        if made != value and fits and split_of(made) == split:
            return made
    return None


def _altered(rng: random.Random, value: int | str) -> int | str:
    signs = list(str(value))
    at = rng.choice([i for i, sign in enumerate(signs) if sign != "-"])
    kind = _LETTERS if signs[at].isalpha() else "0123456789"
    step = rng.choice(("other", "other", "more", "fewer")) if isinstance(value, int) else "other"
    if step == "fewer":
        del signs[at]
    else:
        signs[at : at + (step == "other")] = rng.choice(kind)
    text = "".join(signs)
    return int(text or "0") if isinstance(value, int) else text


def _same_start(rng: random.Random, value: str) -> str:
    heads = [head for head in HEADS if value.lower().startswith(head)]
    tails = [tail for tail in TAILS if value.endswith(tail)]
    if heads and (rng.random() < 0.7 or not tails):
        return rng.choice(heads).capitalize() + rng.choice((*MIDDLES, "")) + rng.choice(TAILS)
    return (rng.choice(HEADS) + rng.choice((*MIDDLES, ""))).capitalize() + rng.choice(tails or TAILS)
