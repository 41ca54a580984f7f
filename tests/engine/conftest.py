"""Models for these tests: real files with random weights, written once a session."""

from pathlib import Path

import pytest

from rlm_desk.bench.random_gguf import SHAPES, write


@pytest.fixture(scope="session")
def nano(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama-shaped model of 80,000 parameters with a byte-level tokenizer and a ChatML template."""
    path = tmp_path_factory.mktemp("models") / "nano.gguf"
    write(path, SHAPES["nano"], "F32")
    return path
