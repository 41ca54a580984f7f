"""`rlm-desk models` with files that are no models, disks that are full, and people who stop it."""

import resource
import shutil
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rlm_desk.bench.random_gguf import SHAPES, write
from rlm_desk.catalogue import carrying
from rlm_desk.catalogue.importing import leftovers
from rlm_desk.cli.commands import app
from rlm_desk.cli.transfer import Transfer
from rlm_desk.errors import ModelError

RUNNER = CliRunner()


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    path = tmp_path / "nano.gguf"
    write(path, SHAPES["nano"], "F16")
    return path


def failed(tmp_path: Path, *arguments: object) -> ModelError:
    """How `rlm-desk models ...` fails; `main` prints its sentence and next step, and ends with its exit code."""
    done = RUNNER.invoke(app, ["models", *map(str, arguments), "--data-dir", str(tmp_path / "data")])
    assert isinstance(done.exception, ModelError), (done.exception, done.output)
    assert done.exception.exit_code == 4
    assert done.exception.next_step
    folder = tmp_path / "data" / "models"
    assert not folder.is_dir() or list(folder.iterdir()) == []
    return done.exception


@pytest.mark.parametrize("command", ["info", "import", "fit", "verify", "use"])
@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("text", "is not a GGUF file"),
        ("empty", "it is empty"),
        ("cut", "is cut off: it has 30,000 bytes"),
        ("header", "is damaged: its header is cut off"),
        ("folder", "is not a file"),
        ("missing", "There is no file"),
        ("part", "big-00002-of-00002.gguf missing"),
    ],
)
def test_a_file_that_is_no_model_is_a_sentence(whole: Path, tmp_path: Path, command: str, bad: str, says: str) -> None:
    file = tmp_path / ("big-00001-of-00002.gguf" if bad == "part" else f"{bad}.gguf")
    raw = whole.read_bytes()
    if bad == "folder":
        file.mkdir()
    elif bad != "missing":
        file.write_bytes({"text": b"Dear Sir,", "empty": b"", "cut": raw[:30_000], "header": raw[:40]}.get(bad, raw))
    assert says in failed(tmp_path, command, file).sentence
    assert not (tmp_path / "data" / "config.toml").exists()


def test_verify_says_of_a_whole_file_that_there_is_no_hash_to_compare(whole: Path, tmp_path: Path) -> None:
    done = RUNNER.invoke(app, ["models", "verify", str(whole), "--data-dir", str(tmp_path / "data")])
    assert done.exit_code == 0, done.output
    assert "Nothing to compare with" in done.output
    assert "as long as its own header says" in done.output


@pytest.mark.skipif(sys.platform != "linux", reason="how a file that must not grow is refused is Linux's here")
def test_a_disk_without_room_in_the_middle_of_a_copy_is_a_sentence_and_nothing_is_left(
    whole: Path, tmp_path: Path
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, hard))
    try:
        problem = failed(tmp_path, "import", whole)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "nano.gguf cannot be imported: File too large" in problem.sentence


def test_a_disk_that_has_no_room_is_told_with_its_figures(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(10**9, 10**9 - 2_000_000, 2_000_000)
    )  # type: ignore[attr-defined]
    assert "2 MB are free" in failed(tmp_path, "import", whole).sentence


def test_an_import_that_is_stopped_says_how_it_goes_on_and_does(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "CHUNK", 4096)
    data = ["--data-dir", str(tmp_path / "data")]

    def stop(_transfer: Transfer, what: str, done: int, _total: int) -> None:
        if what == "copying" and done >= 20_000:
            raise KeyboardInterrupt

    with monkeypatch.context() as stopping:
        stopping.setattr(Transfer, "__call__", stop)
        stopped = RUNNER.invoke(app, ["models", "import", str(whole), *data])
    assert stopped.exit_code != 0
    again = f"rlm-desk models import {whole}"
    assert f"Stopped. The same command goes on from there: {again}" in stopped.output.replace("\n", " ").replace(
        "  ", " "
    )
    [part] = leftovers(tmp_path / "data" / "models")
    assert part.stat().st_size >= 16_384
    assert RUNNER.invoke(app, ["models", "import", str(whole), *data]).exit_code == 0
    assert (tmp_path / "data" / "models" / "nano.gguf").read_bytes() == whole.read_bytes()
    assert leftovers(tmp_path / "data" / "models") == ()
