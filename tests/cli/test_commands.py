"""Commands that need no model, called in this process."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rlm_desk.cli.app import app
from rlm_desk.demo.show import parse_tokens
from rlm_desk.errors import UsageError
from rlm_desk.store import Store
from tests.store.making import document

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


def test_purging_wants_one_thing_to_erase(tmp_path: Path) -> None:
    done = RUNNER.invoke(app, ["purge", "--data-dir", str(tmp_path)])
    assert isinstance(done.exception, UsageError)


def test_purging_a_document_by_the_start_of_its_id(tmp_path: Path) -> None:
    async def fill() -> str:
        store = await Store.open(tmp_path)
        made = document("secret text")
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


def test_no_runs_yet_says_what_to_do(tmp_path: Path) -> None:
    done = RUNNER.invoke(app, ["runs", "list", "--data-dir", str(tmp_path)])
    assert done.exit_code == 0
    assert "rlm-desk ask" in done.stderr
