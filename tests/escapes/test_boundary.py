"""No attack gets through the lock; each gets through without it, so that its failure means something."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.escapes.attacks import ATTACKS, names

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the boundary is built for Linux so far")
ROOT = Path(__file__).resolve().parents[2]
USERS = ["root", "nobody"] if os.geteuid() == 0 else ["self"]
BY_NAME = {attack.name: attack for attack in ATTACKS}


@cache
def outcomes(configuration: str, user: str) -> dict[str, str]:
    """Every attack under one configuration, as one user."""
    command = [sys.executable, "-m", "tests.escapes.arena", configuration, user]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    result: dict[str, str] = json.loads(done.stdout)
    assert set(result) == set(names())
    return result


@pytest.mark.parametrize("name", names())
def test_without_the_lock_it_succeeds(name: str) -> None:
    outcome, needs = outcomes("naive", USERS[0])[name], BY_NAME[name].needs
    if outcome != "escaped" and needs and (needs != "root" or os.geteuid() != 0):
        pytest.skip(f"this machine has no {needs}: {outcome}")
    assert outcome == "escaped"


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("name", names())
def test_with_the_lock_it_fails(name: str, user: str) -> None:
    assert outcomes("all", user)[name] != "escaped"


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("name", names())
def test_the_filter_alone_is_enough(name: str, user: str) -> None:
    assert outcomes("hidden", user)[name] != "escaped"


@pytest.mark.parametrize("user", USERS)
def test_without_the_filter_nothing_runs(user: str) -> None:
    assert set(outcomes("boundary hidden", user).values()) == {"refused: no boundary"}


def test_at_least_eighty_attacks_have_a_control_that_succeeds() -> None:
    assert sum(outcome == "escaped" for outcome in outcomes("naive", USERS[0]).values()) >= 80 - 20 * (
        USERS == ["self"]
    )
