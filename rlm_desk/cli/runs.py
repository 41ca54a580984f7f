"""`rlm-desk runs`: the history."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rlm_desk.cli.options import DataDir, Json, Unconfined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rlm_desk.corpus import Corpus
    from rlm_desk.events import Recorded

app = typer.Typer(help="The history: list, show, replay and export runs.", rich_markup_mode=None, no_args_is_help=True)
RunId = Annotated[str, typer.Argument(help="A run's id, the start of one, or `last`.")]
RunOrBundle = Annotated[str, typer.Argument(help="A run's id, the start of one, `last`, or a bundle's .zip file.")]


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20, data_dir: DataDir = None
) -> None:
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
def show(
    run: RunOrBundle,
    json: Json = False,
    everything: Annotated[bool, typer.Option("--all", help="All sources, not only the first ten.")] = False,
    allow_unconfined: Unconfined = False,
    data_dir: DataDir = None,
) -> None:
    """Show a run: its steps, question, answer with sources, coverage, usage; with --json, its events and evidence."""
    import asyncio

    asyncio.run(_replay(run, data_dir, json=json, speed=0.0, everything=everything, allow_unconfined=allow_unconfined))


@app.command("replay")
def replay(
    run: RunOrBundle,
    speed: Annotated[float, typer.Option(help="Times as fast as it was; 0: at once.")] = 10.0,
    allow_unconfined: Unconfined = False,
    data_dir: DataDir = None,
) -> None:
    """Play a run again from its events, without a model."""
    import asyncio

    asyncio.run(_replay(run, data_dir, json=False, speed=speed, allow_unconfined=allow_unconfined))


@app.command("export")
def export(
    run: RunOrBundle,
    format: Annotated[str, typer.Option("--format", "-f", help="md, html, json, or traces (training data).")] = "html",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file; without it, standard output.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    allow_unconfined: Unconfined = False,
    data_dir: DataDir = None,
) -> None:
    """Write a run as a report: answer, sources with passages, checks, coverage, tree, usage, model and settings.

    The HTML is one file without scripts or links, and prints. Example: rlm-desk runs export last -f html -o answer.html
    """
    import asyncio
    import os

    from rlm_desk.errors import UsageError
    from rlm_desk.evidence.account import gather
    from rlm_desk.report import markdown, page, plain
    from rlm_desk.report.material import material
    from rlm_desk.traces.samples import samples

    writers = {"md": markdown.markdown, "html": page.html, "json": plain.report}
    if format not in (*writers, "traces"):
        raise UsageError(f"There is no format {format}.", "Use --format md, html, json or traces.")
    if output is not None and output.exists() and not force:
        raise UsageError(f"{output} is there already.", "Choose another name, or replace it with --force.")

    async def work() -> str:
        recorded, corpus, _ = await _open(run, data_dir, allow_unconfined, leaves=True)
        if format == "traces":
            return "".join(sample.line + "\n" for sample in samples(corpus, recorded))
        return writers[format](material(gather(corpus, recorded), corpus, recorded))

    text = asyncio.run(work())
    if output is None:
        typer.echo(text, nl=False)
        return
    half = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        half.write_text(text, encoding="utf-8", errors="replace")
        half.replace(output)
    except OSError as problem:
        raise UsageError(f"{output} cannot be written: {problem.strerror}.", "Choose another place with -o.") from None
    typer.echo(f"wrote {output}", err=True)


@app.command("bundle")
def bundle(
    run: RunId,
    output: Annotated[Path, typer.Option("--output", "-o", help="The zip file to write.")],
    redact: Annotated[bool, typer.Option("--redact", help="Leave every text and name out; hashes stay.")] = False,
    sign: Annotated[bool, typer.Option("--sign", help="Sign it with a key of yours, made at the first time.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Write a run as one zip that replays elsewhere without a model: events, texts, documents, and their hashes.

    Without --redact it holds the documents' text. Example: rlm-desk runs bundle last -o run.zip --sign
    """
    import asyncio

    from rlm_desk.cli.options import settings
    from rlm_desk.desk.past import load
    from rlm_desk.errors import UsageError
    from rlm_desk.report.bundle import signing_key, write
    from rlm_desk.store import Store

    chosen = settings(data_dir=data_dir)
    if output.exists() and not force:
        raise UsageError(f"{output} is there already.", "Choose another name, or replace it with --force.")

    async def work() -> str:
        store = await Store.open(chosen.data_dir)
        try:
            past = await load(store, run)
            await store.note("export", {"run": past.summary.id})  # first: nothing leaves without its line
        finally:
            await store.close()
        key = signing_key(chosen.data_dir) if sign else None
        try:
            return write(output, past.recorded, past.corpus, redact=redact, key=key)
        except OSError as problem:
            raise UsageError(f"{output} cannot be written: {problem.strerror}.", "Choose another with -o.") from None

    signer = asyncio.run(work())
    typer.echo(f"wrote {output}{', without any text' if redact else ', with the text of its documents'}", err=True)
    if signer:
        typer.echo(f"signed by {signer}: tell this to whoever gets it")


async def _open(
    run: str, data_dir: object, allow_unconfined: bool, *, leaves: bool = False
) -> tuple[Sequence[Recorded], Corpus, str]:
    """Events, corpus and status of a stored run, or of one in a bundle; one that `leaves` is noted in the audit log."""
    import asyncio

    from rlm_desk.cli.options import say_unconfined, settings
    from rlm_desk.desk.past import load
    from rlm_desk.report.bundle import open_bundle
    from rlm_desk.store import Store

    chosen = settings(data_dir=data_dir, allow_unconfined=allow_unconfined or None)
    if run.endswith(".zip"):
        await asyncio.to_thread(say_unconfined, chosen)
        opened = await open_bundle(Path(run), allow_unconfined=chosen.allow_unconfined)
        return opened.recorded, opened.corpus, ""
    store = await Store.open(chosen.data_dir)
    try:
        past = await load(store, run)
        if leaves:
            await store.note("export", {"run": past.summary.id})  # first: nothing leaves without its line
    finally:
        await store.close()
    return past.recorded, past.corpus, past.summary.status


async def replay_once(run: str, data_dir: object, allow_unconfined: bool) -> None:
    """Show a run, or a bundle's, at once."""
    await _replay(run, data_dir, json=False, speed=0.0, allow_unconfined=allow_unconfined)


async def _replay(
    run: str, data_dir: object, *, json: bool, speed: float, everything: bool = False, allow_unconfined: bool = False
) -> None:
    import asyncio
    import sys

    from rlm_desk.clean import clean, plural
    from rlm_desk.cli import evidence as shown_evidence
    from rlm_desk.cli.progress import JsonProgress, LiveProgress, PlainProgress, Progress
    from rlm_desk.evidence.account import gather
    from rlm_desk.report.plain import as_json
    from rlm_desk.rlm.tree import Tree

    recorded, corpus, status = await _open(run, data_dir, allow_unconfined)

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
    evidence = await asyncio.to_thread(gather, corpus, recorded)
    if json:
        typer.echo(as_json(evidence))
        return
    view = tree.snapshot()
    typer.echo(clean(f"question: {view.question}"))
    typer.echo(f"status: {status or view.status}{f' ({view.how})' if view.how else ''}")
    typer.echo("answer:" if view.answer else "answer: none")
    shown_evidence.show(evidence, corpus, everything)
    typer.echo(
        f"model: {clean(view.model)} · {plural(view.used.subcalls, 'sub-call')} · depth {view.used.depth} · "
        f"{view.total.processed:,} tokens · {view.elapsed():.1f} s"
    )
