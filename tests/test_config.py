"""Settings: flags over environment over config.toml over defaults."""

from pathlib import Path

import pytest

from rlm_desk import config
from rlm_desk.errors import UsageError


@pytest.fixture
def toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "config.toml"
    monkeypatch.setattr(config, "config_file", lambda: file)
    return file


def test_weight_of_sources(toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toml.write_text('slots = 3\nthreads = 3\nmodel = "from-toml"\n[budget]\nsubcalls = 7\n')
    monkeypatch.setenv("RLM_DESK_THREADS", "5")
    monkeypatch.setenv("RLM_DESK_MODEL", "from-environment")
    loaded = config.load(model="from-flag", slots=None)
    assert (loaded.slots, loaded.threads, loaded.model, loaded.budget.subcalls) == (3, 5, "from-flag", 7)


def test_a_bad_value_is_a_sentence(toml: Path) -> None:
    toml.write_text("slots = 0\n")
    with pytest.raises(UsageError, match="slots") as problem:
        config.load()
    assert str(toml) in problem.value.next_step


def test_an_unknown_setting_is_named(toml: Path) -> None:
    toml.write_text("slotz = 2\n")
    with pytest.raises(UsageError, match="slotz"):
        config.load()


def test_a_broken_file_is_a_sentence(toml: Path) -> None:
    toml.write_text("slots = = 2\n")
    with pytest.raises(UsageError, match="cannot be read"):
        config.load()
