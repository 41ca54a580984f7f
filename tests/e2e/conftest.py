"""The whole way with desk-tiny: real files, real workers, real decoding."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rlm_desk.demo.corpus import DemoCorpus, write

TOKENS = 12_000


@pytest.fixture(scope="session")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> DemoCorpus:
    """A small corpus of agreements, far larger than desk-tiny's window."""
    return write(tmp_path_factory.mktemp("contracts"), seed=90_001, tokens=TOKENS)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A fresh person's environment: nothing configured, a data folder of its own, no size of another terminal."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RLM_DESK_", "COLUMNS", "LINES"))}
    return kept | {
        "RLM_DESK_DATA_DIR": str(tmp_path / "data"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "NO_COLOR": "1",
    }


Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def command(environment: dict[str, str]) -> Command:
    """Run `rlm-desk` with arguments, to its end."""

    def run(*arguments: object, timeout: float = 240, **more: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "rlm_desk", *map(str, arguments)],
            capture_output=True,
            text=True,
            env=environment,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            check=False,
            **more,  # type: ignore[call-overload]
        )

    return run
