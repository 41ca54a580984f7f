"""Opening the desk's screen. The only place of the command line that imports the TUI."""

from __future__ import annotations

from pathlib import Path

from rlm_desk.cli.options import settings


def open_screen(
    *, model: str | None = None, data_dir: Path | None = None, allow_unconfined: bool = False, present: bool = False
) -> None:
    """Run the full-screen interface until the person leaves it.

    Raises:
        UsageError: there is no terminal.
    """
    import sys

    from rlm_desk.errors import UsageError

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("The desk needs a terminal.", "In a script use: rlm-desk ask FILES... -q QUESTION")
    chosen = settings(model=model, data_dir=data_dir, allow_unconfined=allow_unconfined or None)

    from rlm_desk.desk.service import AsyncDesk
    from rlm_desk.tui.app import DeskApp

    DeskApp(lambda: AsyncDesk.open(chosen), theme=chosen.theme, motion=chosen.motion, present=present).run()
