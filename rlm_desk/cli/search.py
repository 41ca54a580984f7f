"""`rlm-desk search`: find words in documents and past answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rlm_desk.cli.options import DataDir

if TYPE_CHECKING:
    from rlm_desk.store.index import Found


def search(
    words: Annotated[list[str], typer.Argument(help='Words; "in quotes" a phrase, begin* a beginning, a OR b.')],
    workspace: Annotated[str | None, typer.Option("--workspace", "-w", help="Only in this workspace.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Hits at most.")] = 20,
    data_dir: DataDir = None,
) -> None:
    """Find words in everything that was read, page by page, and in past questions and answers. No model is asked."""
    import asyncio

    from rlm_desk.cli.options import settings
    from rlm_desk.store import Store

    async def work() -> Found:
        store = await Store.open(settings(data_dir=data_dir).data_dir)
        try:
            inside = (await store.workspaces.find(workspace)).id if workspace else None
            return await store.index.search(" ".join(words), inside, limit)
        finally:
            await store.close()

    _print(asyncio.run(work()))


def _print(found: Found) -> None:
    from rlm_desk.clean import one_line, plural
    from rlm_desk.corpus import place

    if found.relaxed:
        typer.echo("No page has all of these words; these have some:", err=True)
    for hit in found.pages:
        typer.echo(one_line(f"{hit.name}, {place(hit.page_kind, hit.label)}: {hit.snippet}", 400))
    for run in found.runs:
        typer.echo(one_line(f"run {run.run[:12]}: {run.question}: {run.snippet}", 400))
    if found.more:
        typer.echo("There are more: --limit shows them.", err=True)
    if found.waiting:
        typer.echo(f"{plural(found.waiting, 'document')} still to be indexed: search again in a moment.", err=True)
    if not found.pages and not found.runs:
        typer.echo("Nothing was found.", err=True)
