"""Opening the desk's screen. The only place of the command line that imports the TUI."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rlm_desk.config import Settings

if TYPE_CHECKING:
    from rlm_desk.desk.service import AsyncDesk


def open_screen(chosen: Settings, *, present: bool = False) -> None:
    """Run the full-screen interface until the person leaves it.

    Raises:
        UsageError: there is no terminal.
    """
    import gc
    import sys

    from rlm_desk.errors import UsageError

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("The desk needs a terminal.", "In a script use: rlm-desk ask FILES... -q QUESTION")

    gc.disable()  # until the first frame: nothing that is imported is garbage, and looking takes a tenth of the time
    from rlm_desk.tui.app import DeskApp

    async def open_desk() -> AsyncDesk:
        gc.freeze()
        gc.enable()
        # After the first frame, and in a thread: the store, the engine and numpy take as long to import as the screen.
        service = await asyncio.to_thread(import_module, "rlm_desk.desk.service")
        desk: AsyncDesk = await service.AsyncDesk.open(chosen)
        return desk

    DeskApp(open_desk, theme=chosen.theme, motion=chosen.motion, present=present, session=chosen).run()
