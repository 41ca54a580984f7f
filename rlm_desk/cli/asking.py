"""Asking on the command line: load, say what it will take, ask, show, answer. Shared by `ask` and `demo`."""

import asyncio
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import typer

from rlm_desk.clean import clean, plural
from rlm_desk.cli.progress import Progress
from rlm_desk.desk.estimate import Estimate
from rlm_desk.desk.library import LoadReport, OnProgress
from rlm_desk.desk.run import Answer
from rlm_desk.desk.service import AsyncDesk
from rlm_desk.documents.reader import Progress as Loading
from rlm_desk.errors import Cancelled, DocumentError, allowed
from rlm_desk.events import BudgetLimits
from rlm_desk.rlm.run import Route

LONG_SECONDS = 60.0
"""A run that will take longer is asked about first, on a terminal."""
TELL_SECONDS = 2.0


def say(text: str) -> None:
    """A line for the person, on standard error, safe to show."""
    typer.echo(clean(text), err=True)


async def load(desk: AsyncDesk, paths: Sequence[Path | str], quiet: bool = False) -> LoadReport:
    """Load documents with progress, and say what could not be read and why.

    Raises:
        DocumentError: nothing could be read.
    """

    report = await desk.load(paths, None if quiet else reading())
    for name, same in report.copies:
        say(f"{name} is a copy of {same}: read once")
    warn(desk)
    for skipped in report.skipped:
        say(f"skipped {skipped.name}: {skipped.reason}")
    if not desk.corpus.documents:
        raise nothing_read(bool(report.skipped))
    corpus = desk.corpus
    say(f"{plural(len(corpus.documents), 'document')}, {plural(corpus.pages, 'page')}, {len(corpus):,} characters")
    if desk.unread:
        say(desk.unread)
    return report


def nothing_read(skipped: bool) -> DocumentError:
    """The error where no document came of what was named; `skipped`: some were there, and were told with reasons."""
    if skipped:
        return DocumentError("None of these files could be read.", "Each was named above with its reason.")
    return DocumentError("There are no documents there.", "Name files, or a folder that holds some.")


def reading() -> OnProgress:
    """Tells of a long reading every few seconds: files, pages a second, time left."""
    last = time.monotonic()

    def progress(now: Loading) -> None:
        nonlocal last
        if time.monotonic() - last >= TELL_SECONDS:
            last = time.monotonic()
            say(f"reading {now.line()}")

    return progress


async def ask_password(name: str, wrong: bool) -> str | None:
    """Ask the person for a document's password, unseen; an empty line gives it up."""
    hint = "that is not the password of" if wrong else "the password of"
    typed = await asyncio.to_thread(typer.prompt, clean(f"{hint} {name}"), "", True, err=True, show_default=False)
    return typed or None


def unlock(desk: AsyncDesk, passwords: Sequence[str] | None) -> None:
    """Passwords given on the command line; others are asked for where somebody is there."""
    desk.unlock(passwords or (), ask_password if sys.stdin.isatty() else None)


def warn(desk: AsyncDesk) -> None:
    """Say it where hostile code is not kept in: before the run, and again with its answer."""
    if desk.unconfined:
        say(f"UNCONFINED: documents and the model's code run with your rights here ({desk.unconfined}).")


def leaving(desk: AsyncDesk) -> None:
    """Say where text is sent, where a model server is configured: before the run, and again with its answer."""
    if desk.leaves:
        say(desk.leaves)


def ended(desk: AsyncDesk, answer: Answer) -> None:
    """The last lines of a run: what must not be overlooked, and what it took."""
    used = answer.usage
    warn(desk)
    leaving(desk)
    say(
        f"run {answer.run}: {used.seconds:.1f} s, {used.tokens_read:,} tokens read, "
        f"{plural(used.subcalls, 'sub-call')}, depth {used.depth}"
    )


def agree(estimate: Estimate, yes: bool, limits: BudgetLimits | None = None) -> None:
    """Say what reading everything will take, and what of the budget ends before; ask first when it is long and somebody
    is there.

    Raises:
        Cancelled: the person said no.
    """
    if not estimate.seconds:
        say(f"reading everything: about {estimate.tokens:,} tokens; {estimate.basis}")
    else:
        say(f"reading everything: about {estimate.tokens:,} tokens, {duration(estimate.seconds)} ({estimate.basis})")
    for line in too_small(estimate, limits) if limits else ():
        say(line)
    if (
        not yes
        and estimate.seconds > LONG_SECONDS
        and sys.stdin.isatty()
        and not typer.confirm("Go on?", True, err=True)
    ):
        raise Cancelled


def too_small(estimate: Estimate, limits: BudgetLimits) -> list[str]:
    """A sentence for each limit that ends the run before everything is read once."""
    wanted = {"seconds": estimate.seconds, "tokens": estimate.tokens, "subcalls": estimate.calls}
    return [
        f"The budget of {allowed(limit, what)} is less than that: raise it with --{what}."
        for what, needed in wanted.items()
        if needed > (limit := float(getattr(limits, what)))
    ]


async def ask(
    desk: AsyncDesk,
    question: str,
    progress: Progress,
    *,
    budget: BudgetLimits | None = None,
    route: Route | None = None,
    estimate: Estimate | None = None,
) -> Answer:
    """Ask and show; ctrl+c cancels the run and keeps what it did."""
    run = desk.ask(question, budget=budget, route=route, estimate=estimate)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, run.cancel)
    try:
        async for recorded in run:
            progress.event(recorded)
        return await run.result()
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        progress.close()


def duration(seconds: float) -> str:
    """`8 s`, `3 min`, `1 h 20 min`."""
    if seconds < 90:
        return f"about {max(round(seconds), 1)} s"
    minutes = round(seconds / 60)
    return f"about {minutes} min" if minutes < 90 else f"about {minutes // 60} h {minutes % 60} min"
