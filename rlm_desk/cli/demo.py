"""`rlm-desk demo`: the whole way on a fresh machine, with a verdict."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rlm_desk.cli.options import DataDir, Model, Plain

if TYPE_CHECKING:
    from rlm_desk.config import Settings
    from rlm_desk.demo.outcome import Outcome

CLOSES_AFTER = 30.0
"""Seconds the verdict stands on the screen when nobody presses a key."""

CANCELLED = 130
"""Exit code when the person left before there was a verdict."""


def demo(
    seed: Annotated[int | None, typer.Option(help="Which corpus: other names, numbers and wordings.")] = None,
    tokens: Annotated[str, typer.Option(help="Size of the corpus: 200k, 1M...")] = "200k",
    family: Annotated[str, typer.Option(help="find, count, extreme, list or compare.")] = "compare",
    plain: Plain = False,
    present: Annotated[
        bool, typer.Option("--present", help="Guided, step by step, for an audience: Space next, ← back, q quit.")
    ] = False,
    auto: Annotated[bool, typer.Option("--auto", help="With --present: the steps follow by themselves.")] = False,
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
    show.check(size, family)
    # Where a machine has no boundary for the REPL the demonstration may still run: its documents are ours.
    chosen = settings(here=True, model=model, data_dir=data_dir, allow_unconfined=True)
    number = secrets.randbelow(1_000_000) if seed is None else seed
    folder = chosen.data_dir / "demo" / f"{number}-{size}"
    screen = not plain and sys.stdin.isatty() and sys.stdout.isatty()
    if present or auto:
        from rlm_desk.cli import presenting

        where = (chosen, folder, number, size, family)
        outcome = asyncio.run(presenting.on_screen(*where, auto) if screen else presenting.in_lines(*where))
    else:
        work = _on_screen if screen else _in_lines
        outcome = asyncio.run(work(chosen, folder, number, size, family))
    if outcome is None:
        again = f"rlm-desk demo --seed {number} --tokens {tokens} --family {family}"
        typer.echo(f"stopped before the end. The same again: {again}", err=True)
        raise typer.Exit(CANCELLED)
    for line in (outcome.question, *outcome.lines):
        typer.echo(line)
    raise typer.Exit(0 if outcome.right else 1)


async def _in_lines(chosen: Settings, folder: Path, seed: int, size: int, family: str) -> Outcome | None:
    """None when the run was cancelled."""
    from rlm_desk.cli import asking
    from rlm_desk.cli.progress import PlainProgress
    from rlm_desk.demo import show
    from rlm_desk.demo.desk import DemoDesk
    from rlm_desk.demo.outcome import compare

    asking.say(f"writing about {size:,} tokens of agreements (seed {seed}) to {folder}")
    demonstration = show.prepare(folder, seed=seed, tokens=size, family=family)
    question = demonstration.question.text
    desk = await DemoDesk.open(chosen)
    try:
        await asking.load(desk, [folder])
        await desk.warm()
        running = desk.machine.running
        window = running.window if running else desk.model.window
        asking.say(f"model: {desk.model.name}, window {window:,} tokens")
        asking.say(f"question: {question}")
        asking.agree(await desk.estimate(question), yes=True)
        answer = await asking.ask(desk, question, PlainProgress())
        # Ctrl+C ends the demonstration, not only its first half.
        return None if answer.status == "cancelled" else await compare(desk, demonstration, answer)
    finally:
        await desk.close()


async def _on_screen(chosen: Settings, folder: Path, seed: int, size: int, family: str) -> Outcome | None:
    """None when the person left before there was a verdict. Raises the DeskError that kept it from coming."""
    from rlm_desk.demo import show
    from rlm_desk.demo.desk import DemoDesk
    from rlm_desk.demo.outcome import compare
    from rlm_desk.desk.run import Answer
    from rlm_desk.tui.app import DeskApp
    from rlm_desk.tui.start import Start

    prepared: list[show.Demonstration] = []
    outcomes: list[Outcome] = []
    desks: list[DemoDesk] = []

    async def open_desk() -> DemoDesk:
        # Not before the screen opens: the first frame must not wait for the documents to be written.
        prepared.append(await show.prepare_aside(folder, seed=seed, tokens=size, family=family))
        desks.append(await DemoDesk.open(chosen))
        return desks[0]

    async def verdict(answer: Answer) -> str:
        outcomes.append(await compare(desks[0], prepared[0], answer))
        *lines, last = outcomes[-1].lines
        return "\n".join([*lines, "", f"{'✓' if outcomes[-1].right else '✗'} {last}"])

    start = Start(
        paths=[folder],
        question=lambda: prepared[0].question.text,
        opening=f"Writing about {size:,} tokens of agreements (seed {seed})",
        consent=False,
        verdict=verdict,
        judging="Asking the same model without recursion, on what fits its window",
        closes_after=CLOSES_AFTER,
    )
    app = DeskApp(open_desk, start, title="rlm-desk demo", theme=chosen.theme, motion=chosen.motion, session=chosen)
    await app.run_async()
    if not outcomes and app.problem is not None:
        raise app.problem  # the screen that told it is gone
    return outcomes[0] if outcomes else None
