"""`rlm-desk runs`: the history."""

from __future__ import annotations

from typing import Annotated

import typer

from rlm_desk.cli.options import DataDir, Json

app = typer.Typer(help="The history: list, show and replay runs.", rich_markup_mode=None, no_args_is_help=True)
RunId = Annotated[str, typer.Argument(help="A run's id, the start of one, or `last`.")]


@app.command("list")
def list_(limit: Annotated[int, typer.Option(help="How many, newest first.")] = 20, data_dir: DataDir = None) -> None:
    """List runs, newest first. `interrupted` means that the program was ended while it ran."""
    import asyncio
    import time

    from rlm_desk.clean import one_line
    from rlm_desk.cli.options import settings
    from rlm_desk.store import Store

    async def work() -> None:
        store = await Store.open(settings(data_dir=data_dir).data_dir)
        try:
            found = await store.runs(limit)
        finally:
            await store.close()
        if not found:
            typer.echo("No runs yet. Ask something: rlm-desk ask FOLDER -q 'your question'", err=True)
        for run in found:
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(run.started))
            question = one_line(run.question if run.question is not None else "(purged)", 60)
            typer.echo(f"{run.id}  {when}  {run.status:<11}  {run.seconds:7.1f} s  {question}")

    asyncio.run(work())


@app.command("show")
def show(run: RunId, json: Json = False, data_dir: DataDir = None) -> None:
    """Show a run: question, answer, usage and tree; with --json, its events."""
    import asyncio

    asyncio.run(_replay(run, data_dir, json=json, speed=0.0))


@app.command("replay")
def replay(
    run: RunId,
    speed: Annotated[float, typer.Option(help="Times as fast as it was; 0: at once.")] = 10.0,
    data_dir: DataDir = None,
) -> None:
    """Play a run again from its events, without a model."""
    import asyncio

    asyncio.run(_replay(run, data_dir, json=False, speed=speed))


async def _replay(run: str, data_dir: object, *, json: bool, speed: float) -> None:
    import asyncio

    from rlm_desk.clean import clean
    from rlm_desk.cli.options import settings
    from rlm_desk.cli.progress import JsonProgress, LiveProgress, PlainProgress, Progress
    from rlm_desk.rlm.tree import Tree
    from rlm_desk.store import Store

    store = await Store.open(settings(data_dir=data_dir).data_dir)
    try:
        summary = await store.find_run(run)
        recorded = await store.events(summary.id)
    finally:
        await store.close()
    import sys

    shown: Progress
    if json:
        shown = JsonProgress()
    elif speed and sys.stderr.isatty():
        shown = LiveProgress()
    else:
        shown = PlainProgress()
    tree = Tree()
    before = recorded[0].event.at if recorded else 0.0
    for one in recorded:
        if speed:
            await asyncio.sleep(max(one.event.at - before, 0.0) / speed)
            before = one.event.at
        shown.event(one)
        tree.apply(one)
    shown.close()
    if json:
        return
    view = tree.snapshot()
    typer.echo(clean(f"question: {view.question}"))
    typer.echo(f"status: {summary.status}{f' ({view.how})' if view.how else ''}")
    typer.echo(clean(f"answer: {view.answer}") if view.answer else "answer: none")
    typer.echo(
        f"model: {clean(summary.model)} · {view.used.subcalls:,} sub-calls · depth {view.used.depth} · "
        f"{view.total.processed:,} tokens · {summary.seconds:.1f} s"
    )
