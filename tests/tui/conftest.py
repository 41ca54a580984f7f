"""Settings that these tests write go to a folder of their own."""

from pathlib import Path

import pytest

from rlm_desk import config


@pytest.fixture(autouse=True)
def toml(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where config.toml is looked for; it is not there yet."""
    file = tmp_path_factory.mktemp("settings") / "config.toml"
    monkeypatch.setattr(config, "config_file", lambda *_: file)
    return file


@pytest.fixture
def office_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder called ``office``, as the fake desk has one: a name that is nowhere is not taken for documents."""
    (tmp_path / "office").mkdir()
    monkeypatch.chdir(tmp_path)
