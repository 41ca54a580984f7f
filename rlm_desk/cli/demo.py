"""`rlm-desk demo`: the whole way on a fresh machine, with a verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rlm_desk.cli.options import DataDir, Model, Plain


def demo(
    seed: Annotated[int | None, typer.Option(help="Which corpus: other names, numbers and wordings.")] = None,
    tokens: Annotated[str, typer.Option(help="Size of the corpus: 200k, 1M...")] = "200k",
    family: Annotated[str, typer.Option(help="find, count, extreme, list or compare.")] = "compare",
    plain: Plain = False,
    model: Model = None,
    data_dir: DataDir = None,
) -> None:
    """Watch a small model answer a question over documents a hundred times longer than its window.

    Writes a corpus of invented vendor agreements, reads it through the real extraction, asks by recursion, and sets
    the answer beside the true one and beside what the same model says without recursion. The last line is `correct`
    or `wrong`; the exit code is 0 only for `correct`.
    """
    import asyncio
    import secrets
    import sys

    from rlm_desk.cli.options import settings
    from rlm_desk.demo import show

    size = show.parse_tokens(tokens)
    # Where a machine has no boundary for the REPL the demonstration may still run: its documents are ours.
    chosen = settings(model=model, data_dir=data_dir, allow_unconfined=True)
    number = secrets.randbelow(1_000_000) if seed is None else seed
    folder = chosen.data_dir / "demo" / f"{number}-{size}"
    screen = not plain and sys.stdin.isatty() and sys.stdout.isatty()
    work = _on_screen if screen else _in_lines
    raise typer.Exit(0 if asyncio.run(work(chosen, folder, number, size, family)) else 1)


async def _in_lines(chosen: object, folder: Path, seed: int, size: int, family: str) -> bool:
    from rlm_desk.cli import asking
    from rlm_desk.cli.progress import PlainProgress
    from rlm_desk.config import Settings
    from rlm_desk.demo import show
    from rlm_desk.desk.service import AsyncDesk

    assert isinstance(chosen, Settings)
    asking.say(f"writing about {size:,} tokens of agreements (seed {seed}) to {folder}")
    demonstration = show.prepare(folder, seed=seed, tokens=size, family=family)
    question = demonstration.question.text
    desk = await AsyncDesk.open(chosen)
    try:
        await asking.load(desk, [folder])
        asking.say(f"model: {desk.model.name}, window {desk.model.window:,} tokens")
        asking.say(f"question: {question}")
        asking.agree(await desk.estimate(question), yes=True)
        limits = show.budget(len(desk.corpus.documents), chosen.budget)
        answer = await asking.ask(desk, question, PlainProgress(), budget=limits, route="recursive")
        engine = await desk.machine.engine(desk.model)
        fitting = await show.what_fits(engine, desk, question)
        plainly = await show.ask_plainly(desk, question, fitting)
    finally:
        await desk.close()
    used = answer.usage
    typer.echo(f"question        {question}")
    typer.echo(f"true answer     {demonstration.truth}")
    typer.echo(f"by recursion    {asking.shown(answer)}")
    typer.echo(
        f"asked plainly   {asking.shown(plainly)}  ({len(fitting)} of {len(demonstration.corpus.documents)} "
        "documents fit its window)"
    )
    typer.echo(
        f"took            {used.seconds:.1f} s, {used.tokens_read:,} tokens read, {used.subcalls:,} sub-calls, "
        f"depth {used.depth}"
    )
    return say_verdict(demonstration.right(answer))


def say_verdict(right: bool) -> bool:
    """The last line."""
    typer.echo("correct" if right else "wrong")
    return right


async def _on_screen(chosen: object, folder: Path, seed: int, size: int, family: str) -> bool:
    return await _in_lines(chosen, folder, seed, size, family)
