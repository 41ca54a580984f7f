"""Models for these tests: real files with random weights, written once a session."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rlm_desk.bench.random_gguf import SHAPES, write
from rlm_desk.engine.core import Core
from tests.engine import making


@pytest.fixture(scope="session")
def nano(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama-shaped model of 80,000 parameters with a byte-level tokenizer and a ChatML template."""
    path = tmp_path_factory.mktemp("models") / "nano.gguf"
    write(path, SHAPES["nano"], "F32")
    return path


@pytest.fixture
def make(nano: Path) -> Iterator[making.Make]:
    """Builds engines in this process, and closes them."""
    made: list[Core] = []

    def build(model: Path = nano, **more: Any) -> Core:
        made.append(making.build(model, **more))
        return made[-1]

    yield build
    for core in made:
        core.close()
