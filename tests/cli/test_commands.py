"""Commands that need no model, called in this process."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rlm_desk.cli.commands import app
from rlm_desk.config import Settings
from rlm_desk.demo.show import parse_tokens
from rlm_desk.errors import DocumentError, ModelError, UsageError
from rlm_desk.plan import ModelSpec
from rlm_desk.store import Store
from tests.store.making import document, finished, started

RUNNER = CliRunner()


def test_help_names_every_command() -> None:
    shown = RUNNER.invoke(app, ["--help"]).output
    for name in ("ask", "demo", "docs", "models", "runs", "purge", "doctor", "eval", "bench"):
        assert f"  {name} " in shown


@pytest.mark.parametrize(
    ("text", "tokens"), [("200k", 200_000), ("1M", 1_000_000), ("1.5m", 1_500_000), ("5,000", 5_000)]
)
def test_sizes(text: str, tokens: int) -> None:
    assert parse_tokens(text) == tokens


def test_a_size_that_is_none_is_a_sentence() -> None:
    with pytest.raises(UsageError, match="lots"):
        parse_tokens("lots")


def test_an_option_of_the_desk_before_a_command_is_refused_and_not_ignored(tmp_path: Path) -> None:
    for given in (["--data-dir", str(tmp_path / "other")], ["--model", "x"], ["--allow-unconfined"]):
        done = RUNNER.invoke(app, [*given, "runs", "list"])
        assert isinstance(done.exception, UsageError)
        assert given[0] in str(done.exception)
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_do_no_harm(closed: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The fee is 10.")
    line = f'"{sys.executable}" -m rlm_desk docs read "{tmp_path}/a.txt" {closed}'
    own = {**os.environ, "RLM_DESK_DATA_DIR": str(tmp_path)}
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, timeout=60, check=False, env=own)
    assert done.returncode == 0
    assert "Error" not in done.stderr


def test_purging_wants_one_thing_to_erase(tmp_path: Path) -> None:
    done = RUNNER.invoke(app, ["purge", "--data-dir", str(tmp_path)])
    assert isinstance(done.exception, UsageError)


def test_purging_a_document_by_the_start_of_its_id(tmp_path: Path) -> None:
    async def fill() -> str:
        store = await Store.open(tmp_path)
        made = document("d0c1", "Secret.\fText.")
        await store.put_document(made)
        await store.close()
        return made.id

    async def left() -> list[str]:
        store = await Store.open(tmp_path)
        try:
            return await store.document_ids()
        finally:
            await store.close()

    ident = asyncio.run(fill())
    assert RUNNER.invoke(app, ["purge", "--document", ident[:8], "--data-dir", str(tmp_path)], input="n\n").exception
    assert asyncio.run(left()) == [ident]
    done = RUNNER.invoke(app, ["purge", "--document", ident[:8], "--yes", "--data-dir", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert asyncio.run(left()) == []


def test_purging_a_run_says_beforehand_who_was_told_of_it(tmp_path: Path) -> None:
    async def fill() -> None:
        store = await Store.open(tmp_path)
        await store.append([started("a1", "Who pays?"), finished("a1", 1, "Brenvale")])
        await store.append([started("b1", "And then?", told=("a1",)), finished("b1", 1, "Brenvale again")])
        await store.close()

    asyncio.run(fill())
    asked = RUNNER.invoke(app, ["purge", "--run", "a1", "--data-dir", str(tmp_path)], input="n\n")
    assert "Erase run a1? 1 later run that knew of it will lose its words." in asked.output
    done = RUNNER.invoke(app, ["purge", "--run", "a1", "--yes", "--data-dir", str(tmp_path)])
    assert done.output == "run a1 is erased; 1 later run that knew of it lost its words\n"
    assert b"Brenvale" not in (tmp_path / "rlm-desk.db").read_bytes()


@pytest.mark.parametrize("command", [["docs", "read"], ["ask", "-q", "What?", "--data-dir"]])
def test_a_folder_without_documents_is_said_to_be_that(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "empty").mkdir()
    where = [str(tmp_path / "data")] if "ask" in command else []
    done = RUNNER.invoke(app, [*command, *where, str(tmp_path / "empty")])
    assert isinstance(done.exception, DocumentError) and done.exception.exit_code == 3
    assert done.exception.sentence == "There are no documents there."


def test_no_runs_yet_says_what_to_do(tmp_path: Path) -> None:
    done = RUNNER.invoke(app, ["runs", "list", "--data-dir", str(tmp_path)])
    assert done.exit_code == 0
    assert "rlm-desk ask" in done.stderr


def models(tmp_path: Path, *arguments: str) -> str:
    """What `rlm-desk models ...` prints, with settings and data under `tmp_path`."""
    done = RUNNER.invoke(app, ["models", *arguments, "--data-dir", str(tmp_path / "data")])
    assert done.exception is None, done.output
    return done.output


def test_the_way_of_a_model_from_the_list_to_its_removal(tmp_path: Path) -> None:
    from rlm_desk.bench.random_gguf import SHAPES, write
    from rlm_desk.config import load

    file = tmp_path / "nano.gguf"
    write(file, SHAPES["nano"], "F16")
    assert "carry a model in" in models(tmp_path, "list")
    imported = models(tmp_path, "import", str(file), "--use")
    assert "pinned now" in imported
    assert "asked from now on" in imported
    assert load(data_dir=tmp_path / "data").model == "nano"
    assert "* nano" in models(tmp_path, "list")
    assert "already there" in models(tmp_path, "import", str(file))
    assert "rendered in a sandbox" in models(tmp_path, "info", "nano")
    assert "the file that was imported" in models(tmp_path, "verify", "nano")
    fitted = models(tmp_path, "fit", "nano")
    assert "own window holds 2,048 tokens" in fitted
    assert "already read" in fitted
    removed = models(tmp_path, "remove", "nano", "--yes")
    assert "It was the model in the settings" in removed
    assert file.is_file()


@pytest.mark.parametrize("command", ["eval", "bench"])
def test_figures_are_had_for_a_model_of_the_data_folder_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    from rlm_desk.bench import measuring
    from rlm_desk.bench.random_gguf import SHAPES, write
    from rlm_desk.catalogue.resolve import resolve
    from rlm_desk.evals import contracts

    class FakeWork(Exception):
        """Instead of hours of it."""

    asked: list[Path] = []

    async def evaluate(settings: Settings, *rest: object) -> None:
        asked.append(resolve(settings.model, tmp_path / "another").path)
        raise FakeWork

    async def run(spec: ModelSpec, **rest: object) -> None:
        asked.append(spec.path)
        raise FakeWork

    monkeypatch.setattr(contracts, "evaluate", evaluate)
    monkeypatch.setattr(measuring, "run", run)
    write(tmp_path / "nano.gguf", SHAPES["nano"], "F16")
    models(tmp_path, "import", str(tmp_path / "nano.gguf"))
    done = RUNNER.invoke(app, [command, "--model", "nano", "--data-dir", str(tmp_path / "data")])
    assert isinstance(done.exception, FakeWork), done.output
    assert asked == [tmp_path / "data" / "models" / "nano.gguf"]
    assert isinstance(RUNNER.invoke(app, [command, "--model", "nano"]).exception, ModelError)


def test_the_catalogue_says_what_fits_and_what_to_carry_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = models(tmp_path, "list", "--catalogue")
    assert "rlm-qwen3-8b" in listed
    assert "fit" in listed
    info = models(tmp_path, "info", "qwen3-4b")
    assert "f6f851777709861056efcdad3af01da38b31223a3ba26e61a4f8bf3a2195813a" in info
    assert "unsloth/Qwen3-4B-GGUF" in info
    assert "not installed" in info


def test_plain_http_to_a_host_that_was_not_named_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    far = ["--engine-url", "http://gpu.example.lan:8000/v1", "--data-dir", str(tmp_path / "data")]
    done = RUNNER.invoke(app, ["ask", str(tmp_path), "-q", "Why?", *far])
    assert isinstance(done.exception, UsageError)
    assert "readable for everybody" in done.exception.sentence
    assert not (tmp_path / "data").exists()


def test_an_empty_question_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The fee is 20 euros.")
    done = RUNNER.invoke(app, ["ask", str(tmp_path / "a.txt"), "-q", " ", "--data-dir", str(tmp_path / "data")])
    assert isinstance(done.exception, UsageError) and "question is empty" in done.exception.sentence
    assert not (tmp_path / "data").exists()
