"""Fuzz targets in the ordinary suite: the seeds, what was found before, and a few hundred mutations of both."""

import random

import pytest

from tests.fuzz.findings import FINDINGS
from tests.fuzz.seeds import SEEDS
from tests.fuzz.targets import TARGETS

MUTATIONS = {"portable": 15, "frames": 40}
"""Where one takes long; 150 elsewhere."""


def test_every_target_has_seeds() -> None:
    assert set(SEEDS) == set(TARGETS) >= set(FINDINGS)


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_and_findings(name: str) -> None:
    for data in (*SEEDS[name](), *FINDINGS.get(name, [])):
        TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_mutations(name: str) -> None:
    rng = random.Random(name)
    seeds = [*SEEDS[name](), *(one[:500] for one in FINDINGS.get(name, []))]
    for _ in range(MUTATIONS.get(name, 150)):
        TARGETS[name](mutated(rng.choice(seeds), rng))


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Some bytes changed, dropped, doubled or put elsewhere."""
    raw = bytearray(data)
    for _ in range(rng.randrange(1, 6)):
        if not raw:
            break
        at = rng.randrange(len(raw))
        length = rng.randrange(1, 9)
        way = rng.randrange(4)
        if way == 0:
            raw[at] = rng.randrange(256)
        elif way == 1:
            del raw[at : at + length]
        elif way == 2:
            raw[at:at] = raw[at : at + length] * rng.randrange(1, 20)
        else:
            raw[at : at + length] = bytes(rng.choice((0, 0x7F, 0xFF, 0x0A)) for _ in range(length))
    return bytes(raw)
