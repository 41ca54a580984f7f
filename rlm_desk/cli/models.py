"""`rlm-desk models`: what can be asked, what to carry in, and how it will be loaded here."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rlm_desk.cli.options import DataDir, Unconfined

if TYPE_CHECKING:
    from rlm_desk.config import Settings
    from rlm_desk.plan import ModelSpec

app = typer.Typer(
    help="Models: what is installed, what to carry in, how each is loaded on this machine. Nothing is ever downloaded.",
    rich_markup_mode=None,
    no_args_is_help=True,
    epilog="The way of a model: list --catalogue, info NAME, carry the file in, import FILE, fit NAME, use NAME.",
)


class How(StrEnum):
    """How a file gets into the model folder."""

    copy = "copy"
    hardlink = "hardlink"
    link = "link"


Name = Annotated[str, typer.Argument(help="An installed model, or the path of a GGUF file.")]


@app.command("list")
def list_(
    catalogue: Annotated[
        bool, typer.Option("--catalogue", help="Those to carry in, and which of them fit this machine now.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """List installed models; with --catalogue the known ones, and how each would fit this machine."""
    from rlm_desk.cli.modellist import show_catalogue, show_installed
    from rlm_desk.cli.options import settings

    chosen = settings(data_dir=data_dir)
    if catalogue:
        show_catalogue(chosen)
    else:
        show_installed(chosen)


@app.command("info")
def info(
    name: Annotated[str, typer.Argument(help="A known or installed model, or the path of a GGUF file.")],
    allow_unconfined: Unconfined = False,
    data_dir: DataDir = None,
) -> None:
    """Say what is known of a model: the exact file to carry in, its size, hash and licence, and what is unverified.

    Of a file that is here it also says what the file says about itself, read in a locked worker without loading it.
    """
    from rlm_desk.catalogue.known import find
    from rlm_desk.catalogue.resolve import resolve
    from rlm_desk.cli.modellist import describe_file
    from rlm_desk.cli.options import say_unconfined, settings
    from rlm_desk.errors import ModelError

    chosen = settings(data_dir=data_dir, allow_unconfined=allow_unconfined or None)
    entry = find(name)
    if entry is not None:
        typer.echo(entry.describe())
    try:
        spec = resolve(name, chosen.data_dir / "models")
    except ModelError:
        if entry is None:
            raise
        typer.echo("  not installed")
        return
    say_unconfined(chosen)
    typer.echo(describe_file(spec, chosen.allow_unconfined))


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A GGUF file; of a model in several files, any one of them.")],
    by: Annotated[
        How,
        typer.Option(help="copy; hardlink: no second copy, same file system; link: the file must stay where it is."),
    ] = How.copy,
    name: Annotated[str, typer.Option(help="What to call it, instead of its file name.")] = "",
    use: Annotated[bool, typer.Option("--use", help="Make it the model that is asked from now on.")] = False,
    allow_unconfined: Unconfined = False,
    data_dir: DataDir = None,
) -> None:
    """Bring a GGUF file into the model folder, checked by its sha256.

    The hash must be the one the catalogue publishes for that file, where there is one; otherwise it is pinned. An
    interrupted copy goes on where it stopped when the same command is given again.
    """
    from rlm_desk.catalogue.importing import import_model
    from rlm_desk.clean import one_line
    from rlm_desk.cli.modellist import describe_import
    from rlm_desk.cli.options import say_unconfined, settings
    from rlm_desk.cli.transfer import Transfer

    chosen = settings(data_dir=data_dir, allow_unconfined=allow_unconfined or None)
    say_unconfined(chosen)
    try:
        with Transfer(file.name) as transfer:
            done = import_model(
                file,
                chosen.data_dir / "models",
                by=by.value,
                name=name,
                on_bytes=transfer,
                allow_unconfined=chosen.allow_unconfined,
            )
    except KeyboardInterrupt:
        typer.echo(f"Stopped. The same command goes on from there: rlm-desk models import {file}", err=True)
        raise
    typer.echo(describe_import(done))
    if use:
        _use(done.spec, chosen)
    else:
        typer.echo(f"How it fits: rlm-desk models fit {one_line(done.spec.name)}")
        typer.echo(f"To ask it from now on: rlm-desk models use {one_line(done.spec.name)}")


@app.command("verify")
def verify(name: Name, allow_unconfined: Unconfined = False, data_dir: DataDir = None) -> None:
    """Hash a model's file again and compare it with the one pinned or published; exit code 4 if it changed.

    Where there is nothing to compare with, the file is asked whether it is whole: exit code 4 if it is cut off.
    """
    import asyncio

    from rlm_desk.catalogue import importing
    from rlm_desk.catalogue.inspecting import inspect
    from rlm_desk.catalogue.known import by_hash
    from rlm_desk.cli.options import say_unconfined, settings
    from rlm_desk.cli.transfer import Transfer

    spec = _resolve(name, data_dir)
    with Transfer(spec.path.name) as transfer:
        sha256 = importing.verify(spec, transfer)
    typer.echo(f"sha256 {sha256}")
    if by_hash(sha256):
        typer.echo("It is the published file.")
    elif spec.sha256:
        typer.echo("It is the file that was imported; no published hash of it is known to us.")
    else:
        chosen = settings(data_dir=data_dir, allow_unconfined=allow_unconfined or None)
        say_unconfined(chosen)
        asyncio.run(inspect(spec.path, chosen.allow_unconfined))
        typer.echo("Nothing to compare with: it was not imported, and no published hash of it is known to us.")
        typer.echo("It is as long as its own header says; whether its bytes are right, only a hash can tell.")


@app.command("fit")
def fit(
    name: Name,
    slots: Annotated[int | None, typer.Option(min=1, max=64, help="Sub-calls decoded at once.")] = None,
    window: Annotated[int | None, typer.Option(min=0, help="Tokens one request may hold; 0: as trained.")] = None,
    kv_type: Annotated[str | None, typer.Option(help="KV cache: f16, q8_0 or q4_0.")] = None,
    gpu_layers: Annotated[int | None, typer.Option(min=-1, help="Layers on the GPU; -1: all.")] = None,
    load: Annotated[
        bool, typer.Option("--load", help="Load it so, compute a step, and print the plan beside what it really takes.")
    ] = False,
    allow_unconfined: Unconfined = False,
    data_dir: DataDir = None,
) -> None:
    """Say how a model will be loaded here, now, before it happens.

    Weights, KV cache and buffers on each device; the window, slots, KV type and layers on the GPU; what is left free.
    Computed from the file's own list of tensors and the memory free now, then confirmed by a dry run of llama.cpp,
    which loads nothing. What does not fit steps down in this order: KV cache in q8_0, fewer slots, shorter sub-calls,
    a window down to 8,192 tokens, fewer layers on the GPU, one slot, a window down to 4,096; below that it is refused.
    """
    import asyncio

    from rlm_desk.catalogue.known import find
    from rlm_desk.clean import clean
    from rlm_desk.cli.modellist import describe_unseen, headline
    from rlm_desk.cli.options import say_unconfined, settings
    from rlm_desk.errors import ModelError

    chosen = settings(
        data_dir=data_dir,
        slots=slots,
        window=window,
        kv_type=kv_type,
        gpu_layers=gpu_layers,
        allow_unconfined=allow_unconfined or None,
    )
    try:
        spec = _resolve(name, data_dir)
    except ModelError:
        entry = find(name)
        if entry is None or load:
            raise
        typer.echo(clean(describe_unseen(chosen, entry)))
        return
    say_unconfined(chosen)

    async def work() -> None:
        from rlm_desk.bench.holding import measure
        from rlm_desk.catalogue.planning import Wishes, prepare
        from rlm_desk.catalogue.wording import describe

        wishes = Wishes(
            chosen.slots, chosen.window, chosen.threads, chosen.gpu_layers, chosen.kv_type, chosen.allow_unconfined
        )
        prepared = await prepare(spec, wishes, chosen.data_dir)
        typer.echo(clean(headline(spec, prepared.facts)))
        typer.echo(clean(describe(prepared.fit)))
        if load:
            held = await measure(prepared, lambda line: typer.echo(line, err=True))
            typer.echo(held.describe())

    asyncio.run(work())


@app.command("use")
def use(name: Name, allow_unconfined: Unconfined = False, data_dir: DataDir = None) -> None:
    """Make a model the one that is asked from now on: written to config.toml, everything else in it left alone."""
    from rlm_desk.cli.options import say_unconfined, settings

    chosen = settings(data_dir=data_dir, allow_unconfined=allow_unconfined or None)
    spec = _resolve(name, data_dir)
    say_unconfined(chosen)
    _use(spec, chosen)


@app.command("remove")
def remove(
    name: Annotated[str, typer.Argument(help="An installed model.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Remove a model from the model folder. A linked file elsewhere is left alone; the bundled model stays."""
    from rlm_desk.catalogue.importing import remove_model
    from rlm_desk.clean import clean
    from rlm_desk.cli.options import settings

    chosen = settings(data_dir=data_dir)
    spec = _resolve(name, data_dir)
    if not yes and not spec.demonstration:
        typer.confirm(clean(f"Remove {spec.name} ({spec.path})?"), abort=True)
    freed = remove_model(spec, chosen.data_dir / "models")
    room = f"{freed / 1e9:.2f} GB are free again" if freed else "it was a link: the file itself is left alone"
    typer.echo(clean(f"{spec.name} is removed; {room}."))
    if chosen.model in (spec.name, str(spec.path)):
        typer.echo("It was the model in the settings. Choose another: rlm-desk models use desk-tiny")


def _resolve(name: str, data_dir: Path | None) -> ModelSpec:
    from rlm_desk.catalogue.resolve import resolve
    from rlm_desk.cli.options import settings

    return resolve(name, settings(data_dir=data_dir).data_dir / "models")


def _use(spec: ModelSpec, chosen: Settings) -> None:
    import asyncio
    import os

    from rlm_desk import config
    from rlm_desk.catalogue.inspecting import inspect
    from rlm_desk.catalogue.resolve import installed
    from rlm_desk.clean import clean

    asyncio.run(
        inspect(spec.path, chosen.allow_unconfined)
    )  # a file that cannot be asked is not written into the settings
    known = any(spec == other for other in installed(spec.path.parent))
    name = spec.name if known or spec.demonstration else str(spec.path)
    path = config.save("model", name, chosen.file)
    typer.echo(clean(f"{spec.name} is asked from now on ({path})."))
    if spec.demonstration:
        typer.echo("It is a demonstration model: it knows invented agreements only.")
    if os.environ.get("RLM_DESK_MODEL"):
        typer.echo("But RLM_DESK_MODEL is set in this environment, and weighs more.", err=True)
