"""Settings: flags over environment over config.toml over defaults."""

from pathlib import Path

import pytest

from rlm_desk import config
from rlm_desk.errors import UsageError


@pytest.fixture
def toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "config.toml"
    monkeypatch.setattr(config, "config_file", lambda *_: file)
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


def test_a_file_that_is_no_text_is_a_sentence(toml: Path) -> None:
    toml.write_bytes(b"\xff\xfe[")
    with pytest.raises(UsageError, match="cannot be read") as problem:
        config.load()
    assert str(toml) in str(problem.value)


def test_a_bad_flag_is_not_looked_for_in_the_file(toml: Path) -> None:
    toml.write_text("threads = 2\n")
    with pytest.raises(UsageError, match="slots") as problem:
        config.load(slots=0)
    assert problem.value.next_step == "It was given as a flag: choose another value."


def test_saving_one_setting_leaves_the_rest_of_the_file_alone(toml: Path) -> None:
    toml.write_text('# mine\nmodel = "a"  # because\nslots = 3\n\n[budget]\nsubcalls = 7\n')
    config.save("model", "b")
    config.save("budget.depth", 2)
    assert toml.read_text() == '# mine\nmodel = "b"  # because\nslots = 3\n\n[budget]\nsubcalls = 7\ndepth = 2\n'
    config.save("slots", None)
    assert "slots" not in toml.read_text()
    assert config.load().model == "b"


def test_the_first_setting_makes_the_file_and_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "config.toml"
    assert config.save("model", 'a "quoted" name', file) == file
    assert file.read_text() == 'model = "a \\"quoted\\" name"\n'
    assert [path.name for path in file.parent.iterdir()] == ["config.toml"]


@pytest.mark.parametrize(("name", "value"), [("slots", 1000), ("kv_type", "f99"), ("no_such", 1)])
def test_a_setting_that_cannot_be_is_not_saved(toml: Path, name: str, value: object) -> None:
    toml.write_text("slots = 3\n")
    with pytest.raises(UsageError, match=name):
        config.save(name, value)
    assert toml.read_text() == "slots = 3\n"


def test_a_broken_file_is_not_written_over(toml: Path) -> None:
    toml.write_text("slots = = 3\n")
    with pytest.raises(UsageError, match="cannot be read"):
        config.save("model", "b")
    assert toml.read_text() == "slots = = 3\n"


def test_a_link_to_a_file_elsewhere_stays_a_link(toml: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text("slots = 3\n")
    toml.symlink_to(real)
    config.save("model", "b")
    assert toml.is_symlink()
    assert 'model = "b"' in real.read_text()


def test_leave_to_run_unconfined_is_not_kept(toml: Path) -> None:
    toml.write_text("allow_unconfined = true\n")
    with pytest.raises(UsageError, match="one session"):
        config.load()
    toml.write_text("")
    assert config.load(allow_unconfined=True).allow_unconfined and not config.load().allow_unconfined


@pytest.mark.parametrize("value", [True, False, None])
def test_leave_to_run_unconfined_cannot_be_saved(toml: Path, value: object) -> None:
    toml.write_text("slots = 3\n")
    with pytest.raises(UsageError, match="one session"):
        config.save("allow_unconfined", value)
    assert toml.read_text() == "slots = 3\n"


def test_settings_lie_in_the_data_folder_that_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own"
    monkeypatch.setattr("platformdirs.user_config_path", lambda _: own)
    monkeypatch.setattr("platformdirs.user_data_path", lambda _: own)
    for name, slots in ((own, 2), (tmp_path / "a", 3), (tmp_path / "b", 4)):
        name.mkdir()
        (name / "config.toml").write_text(f"slots = {slots}\n")
    assert (config.load().slots, config.load().file) == (2, own / "config.toml")
    monkeypatch.setenv("RLM_DESK_DATA_DIR", str(tmp_path / "a"))
    assert (config.load().slots, config.load().file) == (3, tmp_path / "a" / "config.toml")
    flagged = config.load(data_dir=tmp_path / "b")  # a flag weighs more
    assert (flagged.slots, flagged.file) == (4, tmp_path / "b" / "config.toml")
    config.save("slots", 5, flagged.file)
    assert (flagged.again().slots, config.load().slots) == (5, 3)
    monkeypatch.delenv("RLM_DESK_DATA_DIR")
    (own / "config.toml").write_text(
        f'data_dir = "{tmp_path / "a"}"\n'
    )  # said in the file: that file stays where it is
    assert (config.load().data_dir, config.load().file) == (tmp_path / "a", own / "config.toml")
