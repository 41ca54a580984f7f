"""What lies between and beside the long matches of a prompt: short lines, inserted numbers, words joined or cut."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rlm_desk.evidence.intervals import Range

Hashes = NDArray[np.uint32]

SameLetters = Callable[[Range, Range], bool]
"""Whether some words of the prompt and some of the corpus have the same letters, wherever one ends."""

GAP = 40
"""Words between two matches that may be filled in."""
INSERTED = 2
"""Words a program may have put in, such as the number of a line, before the corpus goes on."""


@dataclass(frozen=True, slots=True)
class Match:
    """Words `first` to `last` (exclusive) of the prompt are the words of the corpus `shift` further on."""

    first: int
    last: int
    shift: int


def resumed(matches: list[Match], prompt: Hashes, corpus: Hashes) -> list[Match]:
    """The matches, and those that go on from their ends after a word or two was put in."""
    found: list[Match] = []
    for index, match in enumerate(matches):
        floor = found[-1].last if found else 0
        following = matches[index + 1] if index + 1 < len(matches) else None
        before: list[Match] = []
        head = None if found and _meet(found[-1], match) else _step_back(match, floor, prompt, corpus)
        while head:
            before.append(head)
            head = _step_back(head, floor, prompt, corpus)
        found += [*reversed(before), match]
        ceiling = following.first if following else len(prompt)
        tail = None if following and _meet(match, following) else _step_on(match, ceiling, prompt, corpus)
        while tail:
            found.append(tail)
            tail = _step_on(tail, ceiling, prompt, corpus)
    return found


def _meet(match: Match, following: Match) -> bool:
    """Whether the corpus has nothing between two matches."""
    return match.last + match.shift == following.first + following.shift


def _step_on(match: Match, ceiling: int, prompt: Hashes, corpus: Hashes) -> Match | None:
    for inserted in range(1, INSERTED + 1):
        first, shift = match.last + inserted, match.shift - inserted
        last = first
        while last < ceiling and last + shift < len(corpus) and prompt[last] == corpus[last + shift]:
            last += 1
        if last - first >= 2:
            return Match(first, last, shift)
    return None


def _step_back(match: Match, floor: int, prompt: Hashes, corpus: Hashes) -> Match | None:
    for inserted in range(1, INSERTED + 1):
        last, shift = match.first - inserted, match.shift + inserted
        first = last
        while first > floor and first + shift > 0 and prompt[first - 1] == corpus[first - 1 + shift]:
            first -= 1
        if last - first >= 2:
            return Match(first, last, shift)
    return None


def filled(matches: list[Match], prompt: Hashes, corpus: Hashes, same: SameLetters) -> list[Range]:
    """Words of the corpus between two matches that lie in the prompt between them too."""
    found: list[Range] = []
    for match, following in itertools.pairwise(matches):
        start, end = match.last + match.shift, following.first + following.shift
        if not 0 < end - start <= GAP or not 0 < following.first - match.last <= 2 * GAP:
            continue
        if same((match.last, following.first), (start, end)):  # words joined or cut, at the end of a line say
            found.append((start, end))
            continue
        there = prompt[match.last : following.first].tolist()
        at, present = 0, []
        for place in range(start, end):
            try:
                at = there.index(int(corpus[place]), at) + 1
            except ValueError:
                continue
            present.append((place, place + 1))
        if 2 * len(present) >= end - start:  # fewer are words that any two texts share
            found += present
    return found


def common(one: str, other: str) -> int:
    """How far two texts agree, leaving out spaces at the end and a last word that goes on differently in `one`."""
    length = 0
    for mine, its in zip(one, other, strict=False):
        if mine != its:
            break
        length += 1
    if length < len(one) and one[length].isalnum():
        while length and one[length - 1].isalnum():
            length -= 1
    while length and one[length - 1].isspace():
        length -= 1
    return length
