"""Text as arrays of words: where each begins and ends, and a number that stands for it, whatever its case.

All of it in numpy, a few nanoseconds a character: prompts are looked at while the model waits.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]
Offsets = NDArray[np.int64]

CHUNK = 1 << 16
"""Characters hashed at once."""
_BASE = 0x9E3779B97F4A7C15 | 1
_BMP = 0x10000


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, in order."""

    hashes: Numbers
    starts: Offsets
    ends: Offsets

    def __len__(self) -> int:
        return len(self.hashes)


def words(text: str) -> Words:
    """Runs of letters and digits; a character of a script without spaces is a word of its own."""
    parts: list[tuple[Numbers, Offsets, Offsets]] = []
    offset = 0
    while offset < len(text):
        end = min(offset + CHUNK, len(text))
        while end < len(text) and end - offset < 2 * CHUNK - 1 and text[end - 1].isalnum():
            end += 1
        parts.append(_chunk(text[offset:end], offset))
        offset = end
    if not parts:
        empty = np.empty(0, np.int64)
        return Words(np.empty(0, np.uint64), empty, empty)
    hashes, starts, ends = (np.concatenate([part[n] for part in parts]) for n in range(3))
    return Words(hashes, starts, ends)


def shingles(hashes: Numbers, count: int) -> Numbers:
    """One number for every `count` consecutive words."""
    if len(hashes) < count:
        return np.empty(0, np.uint64)
    length = len(hashes) - count + 1
    mixed = np.zeros(length, np.uint64)
    with np.errstate(over="ignore"):
        for n in range(count):
            mixed = mixed * np.uint64(_BASE) + hashes[n : n + length]
    return _mix(mixed)


def folded_codes(text: str) -> NDArray[np.uint32]:
    """A text's code points, capital letters as small ones where that keeps the length."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    folded = _tables()[1]
    return np.where(codes < _BMP, folded[np.minimum(codes, _BMP - 1)], codes).astype(np.uint32)


def _chunk(text: str, offset: int) -> tuple[Numbers, Offsets, Offsets]:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds, folded, powers, inverse = _tables()
    small = np.minimum(codes, _BMP - 1)
    kind = kinds[small]
    kind[codes >= _BMP] = 1
    values = np.where(codes < _BMP, folded[small], codes).astype(np.uint64)
    padded = np.zeros(len(kind) + 2, np.uint8)
    padded[1:-1] = kind
    before, here = padded[:-1], padded[1:]
    change = (before != here) | (here == 2)
    starts = np.flatnonzero(change[:-1] & (kind > 0))
    # A word ends where the kind changes, and right after every character that is a word by itself.
    ends = np.flatnonzero(change[1:] & (kind > 0)) + 1
    with np.errstate(over="ignore"):
        sums = np.zeros(len(values) + 1, np.uint64)
        np.cumsum((values + np.uint64(1)) * powers[: len(values)], out=sums[1:])
        hashes = _mix((sums[ends] - sums[starts]) * inverse[starts])
    return hashes, starts.astype(np.int64) + offset, ends.astype(np.int64) + offset


def _mix(numbers: Numbers) -> Numbers:
    with np.errstate(over="ignore"):
        numbers = numbers ^ (numbers >> np.uint64(31))
        numbers = numbers * np.uint64(0xBF58476D1CE4E5B9)
        return numbers ^ (numbers >> np.uint64(29))


@cache
def _tables() -> tuple[NDArray[np.uint8], NDArray[np.uint32], Numbers, Numbers]:
    """Kind of each character (0 between words, 1 in a word, 2 a word), its lower case, and powers of the base."""
    kinds = np.zeros(_BMP, np.uint8)
    folded = np.arange(_BMP, dtype=np.uint32)
    for code in range(_BMP):
        character = chr(code)
        if character.isalnum():
            kinds[code] = 2 if _alone(code) else 1
            lower = character.lower()
            if len(lower) == 1 and ord(lower) < _BMP:
                folded[code] = ord(lower)
    base: Any = np.full(2 * CHUNK, _BASE, np.uint64)
    base[0] = 1
    inverse: Any = np.full(2 * CHUNK, pow(_BASE, -1, 1 << 64), np.uint64)
    inverse[0] = 1
    with np.errstate(over="ignore"):
        return kinds, folded, np.multiply.accumulate(base), np.multiply.accumulate(inverse)


def _alone(code: int) -> bool:
    """Kana, Han, Hangul, Thai: scripts that put no spaces between words."""
    return (
        0x3040 <= code <= 0x30FF
        or 0x3400 <= code <= 0x9FFF
        or 0xAC00 <= code <= 0xD7AF
        or 0xF900 <= code <= 0xFAFF
        or 0x0E00 <= code <= 0x0E7F
    )
