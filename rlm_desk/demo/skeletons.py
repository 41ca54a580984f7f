"""Sentence skeletons: `[a|b|c]` is a choice of words, `{S}` a slot; and how one in five is kept for evaluation."""

from __future__ import annotations

import random
import re
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

from rlm_desk.demo.names import Split

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_ARTICLE = re.compile(r"\b([Aa]) (?=[aeiou])")
_WORD = re.compile(r"[a-z]+")


def expand(rng: random.Random, skeleton: str, slots: Mapping[str, str]) -> str:
    """One sentence: choices made, slots filled, `a` turned into `an`, first letter raised."""
    text = _CHOICE.sub(lambda m: rng.choice(m[1].split("|")), skeleton)
    text = _SLOT.sub(lambda m: slots[m[1]], text)
    text = _ARTICLE.sub(r"\1n ", re.sub(r" {2,}", " ", text).strip())
    return text[:1].upper() + text[1:]


def _words(skeleton: str) -> set[str]:
    return set(_WORD.findall(_SLOT.sub(" ", skeleton).lower()))


@cache
def hold_out(
    skeletons: tuple[str, ...], beside: tuple[str, ...] = (), share: float = 0.22
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(train, eval): the held-out ones use only words that training skeletons of the same field use too.

    `beside` holds training skeletons of other pools the same field is written with. The model learns its language from
    this corpus alone: it can meet new sentences, not new words.
    """
    uses = Counter(word for skeleton in (*skeletons, *beside) for word in _words(skeleton))
    held: list[str] = []
    for skeleton in sorted(skeletons, key=lambda s: zlib.crc32(s.encode())):
        if len(held) >= share * len(skeletons):
            break
        if all(uses[word] >= 2 for word in _words(skeleton)):
            uses.subtract(_words(skeleton))
            held.append(skeleton)
    return tuple(s for s in skeletons if s not in held), tuple(held)


def pool(skeletons: Sequence[str], split: Split, beside: tuple[str, ...] = ()) -> tuple[str, ...]:
    train, held = hold_out(tuple(skeletons), beside)
    return held if split == "eval" and held else train
