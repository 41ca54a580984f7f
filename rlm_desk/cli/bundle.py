"""`rlm-desk bundle`: run bundles that somebody else made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rlm_desk.cli.options import DataDir, Unconfined

if TYPE_CHECKING:
    from rlm_desk.report.bundle import Bundle

app = typer.Typer(
    help="Run bundles: verify or open one. `runs bundle` writes them.", rich_markup_mode=None, no_args_is_help=True
)
File = Annotated[Path, typer.Argument(help="The .zip file.")]


@app.command("verify")
def verify(file: File, allow_unconfined: Unconfined = False, data_dir: DataDir = None) -> None:
    """Check a bundle's hashes and its signature. Exit code 0 only when every part is what its manifest says.

    A signature proves that the holder of that key made it: compare the fingerprint with the one you were told.
    """
    from rlm_desk.clean import one_line, plural

    opened = _opened(file, data_dir, allow_unconfined)
    events, documents = plural(len(opened.recorded), "event"), plural(len(opened.corpus.documents), "document")
    typer.echo(f"run {one_line(opened.run)}: {events}, {documents}")
    typer.echo("every part is what the manifest says" + (" (redacted: it holds no text)" if opened.redacted else ""))
    typer.echo(f"signed by {opened.signer}" if opened.signer else "not signed: anyone can have made it")


@app.command("open")
def open_(file: File, allow_unconfined: Unconfined = False, data_dir: DataDir = None) -> None:
    """Show the run in a bundle: its steps, question, answer with sources, coverage. No model is needed."""
    import asyncio

    from rlm_desk.cli.runs import replay_once

    asyncio.run(replay_once(str(file), data_dir, allow_unconfined))


def _opened(file: Path, data_dir: Path | None, allow_unconfined: bool) -> Bundle:
    import asyncio

    from rlm_desk.cli.options import say_unconfined, settings
    from rlm_desk.report.bundle import open_bundle

    chosen = settings(data_dir=data_dir, allow_unconfined=allow_unconfined or None)
    say_unconfined(chosen)
    return asyncio.run(open_bundle(file, allow_unconfined=chosen.allow_unconfined))
