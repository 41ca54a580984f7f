from pathlib import Path

import pytest

from rlm_desk.bench.random_gguf import SHAPES, write


@pytest.fixture(scope="session")
def nano(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small real GGUF with random weights."""
    path = tmp_path_factory.mktemp("models") / "nano.gguf"
    write(path, SHAPES["nano"], "F16")
    return path
