"""Bringing documents in, and the model while the person writes."""

import time
from collections.abc import Sequence
from pathlib import Path

from rlm_desk.errors import DeskError
from rlm_desk.tui.port import DeskPort, Progress
from rlm_desk.tui.screens.display import Display
from rlm_desk.tui.widgets.documents import Documents
from rlm_desk.tui.wording import duration, plural

REDRAWN_SECONDS = 0.1
"""Progress is drawn this often at most."""

TELLING_SECONDS = 3.0
"""Before this, what is left is a guess."""


async def load(
    desk: DeskPort, paths: Sequence[Path | str], pane: Documents, display: Display, *, keep: bool = False
) -> None:
    """Load files and folders, with progress; what cannot be read is named in the pane.

    `keep`: have a workspace remember them for the next start.
    """
    drawn, began = 0.0, time.monotonic()

    def on_progress(progress: Progress) -> None:
        nonlocal drawn
        if time.monotonic() - drawn > REDRAWN_SECONDS:
            drawn = time.monotonic()
            pane.progress(progress)
            display.wait(f"Reading {progress.done:,} of {progress.total:,} files{_left(progress, began)}")

    display.wait("Looking for documents")
    try:
        report = await desk.load(paths, on_progress)
        if keep and report.added:
            await desk.keep_in_workspace(paths)
    except DeskError as problem:
        display.tell(problem)
        return
    finally:
        display.confinement(desk)
        pane.progress(None)
        pane.show(desk.corpus, desk.skipped)
    added = plural(len(report.added), "document")
    skipped = f"; {plural(len(report.skipped), 'file')} skipped, see the documents pane" if report.skipped else ""
    display.say(f"{added} added{skipped}. Write a question and press Enter")


def _left(progress: Progress, began: float) -> str:
    """How long still, by the files read so far, once that means something."""
    seconds = time.monotonic() - began
    if seconds < TELLING_SECONDS or not 0 < progress.done < progress.total:
        return ""
    return f", about {duration(seconds * (progress.total - progress.done) / progress.done)} left"


async def warm(desk: DeskPort, display: Display) -> None:
    """Load the model while the person writes the question; a model that cannot be loaded is said now."""
    try:
        await desk.warm()
    except DeskError as problem:
        display.tell(problem)
    else:
        display.model(desk)
