"""`rlm-desk models`: what can be asked, and what to fetch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rlm_desk.cli.options import DataDir

app = typer.Typer(help="Models: what is installed, what is known.", rich_markup_mode=None, no_args_is_help=True)


@app.command("list")
def list_(
    catalogue: Annotated[bool, typer.Option("--catalogue", help="Only those to fetch.")] = False,
    data_dir: DataDir = None,
) -> None:
    """List installed models, then known ones that are not installed. Nothing is ever downloaded."""
    from rlm_desk.catalogue.known import known
    from rlm_desk.catalogue.resolve import installed
    from rlm_desk.clean import one_line
    from rlm_desk.cli.options import settings

    chosen = settings(data_dir=data_dir)
    here = installed(chosen.data_dir / "models")
    if not catalogue:
        for spec in here:
            mark = "*" if spec.name == chosen.model else " "
            kind = "demonstration model" if spec.demonstration else f"dialect {spec.dialect}"
            typer.echo(
                f"{mark} {one_line(spec.name):<20} {spec.window:>7,} tokens  {kind}  {one_line(str(spec.path), 200)}"
            )
    names = {spec.name for spec in here}
    rest = [entry for entry in known() if entry.name not in names]
    if rest:
        typer.echo("Known, not installed (rlm-desk models info NAME says what to fetch):")
    for entry in rest:
        typer.echo(f"  {entry.name:<20} {entry.window:>7,} tokens  dialect {entry.dialect}  {entry.license}")


@app.command("info")
def info(name: Annotated[str, typer.Argument(help="An installed or known model.")], data_dir: DataDir = None) -> None:
    """Say what is known of a model: its file, where it is published, licence, hash, dialect."""
    from rlm_desk.catalogue.known import find
    from rlm_desk.catalogue.resolve import resolve
    from rlm_desk.cli.options import settings
    from rlm_desk.errors import ModelError

    entry = find(name)
    if entry is not None:
        typer.echo(entry.describe())
    try:
        spec = resolve(name, settings(data_dir=data_dir).data_dir / "models")
    except ModelError:
        if entry is None:
            raise
        typer.echo("not installed")
        return
    typer.echo(f"installed: {spec.path}")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A GGUF file.")],
    link: Annotated[bool, typer.Option("--link", help="Hard link instead of copying.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Bring a GGUF file into the model folder, checked by its hash."""
    from rlm_desk.catalogue.importing import import_model
    from rlm_desk.cli.asking import say
    from rlm_desk.cli.options import settings

    spec = import_model(file, settings(data_dir=data_dir).data_dir / "models", link=link, say=say)
    typer.echo(f"{spec.name}: use it with --model {spec.name}")
