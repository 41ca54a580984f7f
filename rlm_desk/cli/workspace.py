"""`rlm-desk workspace`: named sets of documents."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from rlm_desk.cli.options import DataDir, Password

if TYPE_CHECKING:
    from pathlib import Path

    from rlm_desk.desk.service import AsyncDesk

app = typer.Typer(
    help="Named sets of documents, kept with their questions; the desk opens the last one again.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
Name = Annotated[str, typer.Argument(help="Its name; upper and lower case do not matter.")]


@app.command("list")
def list_(data_dir: DataDir = None) -> None:
    """List workspaces, the one opened last first."""

    async def work(desk: AsyncDesk) -> None:
        from rlm_desk.clean import clean, plural

        found = await desk.workspaces()
        for one in found:
            holds = f"{plural(one.documents, 'document')}, {one.chars:,} characters, {plural(one.runs, 'question')}"
            _say(clean(f"{one.name}: {holds}"))
        if not found:
            _say("There is no workspace yet: rlm-desk workspace create NAME FILES...")

    _with_desk(work, data_dir)


@app.command("create")
def create(
    name: Name,
    files: Annotated[list[str] | None, typer.Argument(help="Files, folders or globs to open in it.")] = None,
    password: Password = None,
    data_dir: DataDir = None,
) -> None:
    """Make a workspace, and read documents into it."""

    async def work(desk: AsyncDesk) -> None:
        from rlm_desk.cli.asking import load, unlock

        unlock(desk, password)
        await desk.create_workspace(name)
        if files:
            await load(desk, files)

    _with_desk(work, data_dir)


@app.command("add")
def add(
    name: Name,
    files: Annotated[list[str], typer.Argument(help="Files, folders or globs.")],
    password: Password = None,
    data_dir: DataDir = None,
) -> None:
    """Read more documents into a workspace."""

    async def work(desk: AsyncDesk) -> None:
        from rlm_desk.cli.asking import load, unlock

        unlock(desk, password)
        await desk.open_workspace(name)
        await load(desk, files)

    _with_desk(work, data_dir)


@app.command("show")
def show(name: Name, data_dir: DataDir = None) -> None:
    """List the documents of a workspace."""

    async def work(desk: AsyncDesk) -> None:
        from rlm_desk.clean import clean
        from rlm_desk.corpus import units

        await desk.open_workspace(name)
        for placed in desk.corpus.documents:
            one = placed.document
            size = f"{units(one.page_kind, len(one.pages))}, {len(one.text):,} characters"
            _say(clean(f"{one.id[:12]}  {one.name}: {one.kind}, {size}"))

    _with_desk(work, data_dir)


@app.command("refresh")
def refresh(name: Name, data_dir: DataDir = None) -> None:
    """Look at its files and folders again, and read what is new or has changed."""

    async def work(desk: AsyncDesk) -> None:
        from rlm_desk.clean import clean
        from rlm_desk.cli.asking import reading

        await desk.open_workspace(name)
        report = await desk.refresh(reading())
        for one in report.added:
            _say(clean(f"read {one.name}"))
        for gone in report.gone:
            _say(clean(f"gone: {gone}"))
        for skipped in report.skipped:
            typer.echo(clean(f"{skipped.name}: skipped: {skipped.reason}"), err=True)
        _say(f"{report.unchanged:,} unchanged")

    _with_desk(work, data_dir)


@app.command("rename")
def rename(name: Name, new: Annotated[str, typer.Argument(help="The new name.")], data_dir: DataDir = None) -> None:
    """Give a workspace another name."""

    async def work(desk: AsyncDesk) -> None:
        await desk.rename_workspace(name, new)

    _with_desk(work, data_dir)


@app.command("delete")
def delete(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Forget a workspace. Its documents and questions stay until `rlm-desk purge` erases them."""

    async def work(desk: AsyncDesk) -> None:
        from rlm_desk.errors import Cancelled

        if not yes and not typer.confirm(f"Forget the workspace {name}?", default=False):
            raise Cancelled
        await desk.delete_workspace(name)

    _with_desk(work, data_dir)


def _with_desk(work: Callable[[AsyncDesk], Awaitable[None]], data_dir: Path | None) -> None:
    import asyncio

    from rlm_desk.cli.options import settings
    from rlm_desk.desk.service import AsyncDesk

    async def whole() -> None:
        desk = await AsyncDesk.open(settings(data_dir=data_dir))
        try:
            await work(desk)
            await desk.store.index.caught_up()
        finally:
            await desk.close()

    asyncio.run(whole())


def _say(line: str) -> None:
    typer.echo(line)
