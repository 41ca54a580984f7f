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


# A model's native code reads, has threads and timers, and may lock itself further: nothing of that is a way out.
OPEN_TO_MODELS = {"read", "time", "memory", "objects", "lock"}
MODELS_MAY = {
    *("thread", "thread of the fault handler", "leave the process group", "alarm between cells", "session of another"),
    *("look up a name", "second filter"),  # a name of the hosts' file; none of a server's
    *("duplicate", "duplicate by fcntl", "pipe", "memory file", "secret memory file", "event counter", "epoll"),
    *("file watch", "timer", "own channel opened again", "read by another call", "pages lent to the channel"),
    *("splice without copying", "a larger channel", "asynchronous input"),
}
REFUSED_TO_MODELS = [
    one.name
    for one in ATTACKS
    if one.name not in MODELS_MAY
    and (one.family not in OPEN_TO_MODELS or one.name in ("adopt orphans", "segment of its own", "new root"))
]


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("name", REFUSED_TO_MODELS)
def test_a_model_s_native_code_gets_no_further_than_it_must(name: str, user: str) -> None:
    assert outcomes("engine", user)[name] != "escaped"


def test_what_models_may_is_no_longer_than_it_must_be() -> None:
    through = {name for name, outcome in outcomes("engine", USERS[0]).items() if outcome == "escaped"}
    assert through >= {"thread", "pipe", "open a file", "executable map"}, "the lock above is the engine's"
    assert {name for name in MODELS_MAY if outcomes("naive", USERS[0])[name] == "escaped"} <= through
    assert {"slow another down", "pin another", "limit another", "signal by descriptor owner"} <= set(REFUSED_TO_MODELS)


@pytest.mark.parametrize("user", USERS)
def test_without_the_filter_nothing_runs(user: str) -> None:
    assert set(outcomes("boundary hidden", user).values()) == {"refused: no boundary"}


def test_at_least_eighty_attacks_have_a_control_that_succeeds() -> None:
    assert sum(outcome == "escaped" for outcome in outcomes("naive", USERS[0]).values()) >= 80 - 20 * (
        USERS == ["self"]
    )
