"""A desk that can hold other documents: a new workspace, or another one."""

import asyncio
from collections.abc import Awaitable, Callable

from textual import work

from rlm_desk.errors import DeskError
from rlm_desk.tui.port import DeskPort, PastRun
from rlm_desk.tui.screens.resuming import switch
from rlm_desk.tui.screens.steering import Steering


class Switching(Steering):
    """Goes from one workspace to another while nothing is read or asked."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.desk: DeskPort | None = None
        """None until the store is open."""
        self._keeps = True
        """Whether what is loaded is remembered for the next start; a demonstration's agreements are not."""
        self._loading = 0
        """Loads under way."""
        self._changing = False
        """Other documents are being opened."""
        self._settled = asyncio.Event()
        """Set once the desk is open with what it begins with, or could not be opened."""

    def painter(self) -> DeskPort | None:
        """The desk, once it is open."""
        return self.desk

    async def taken(self, run: str) -> PastRun:
        """A run of the store."""
        assert self.desk is not None  # the run came from it
        return await self.desk.export(run)

    def _ready(self) -> DeskPort | None:
        """The desk; None, and a word, while it cannot be asked."""
        if self.desk is None or self._changing:
            failed = self.desk is None and self._settled.is_set()
            self._display.say("The desk could not be opened" if failed else "The desk is still opening")
            return None
        return self.desk

    async def _opening(self, then: str = "your documents are read") -> None:
        """Wait for the desk: a person who names a folder, or asks, in its first second is not told to do so again."""
        if not self._settled.is_set():
            self._display.wait(f"Opening the desk; {then} next")
            await self._settled.wait()

    def _warm(self, desk: DeskPort) -> None:
        """Load the model for the documents that are open."""
        raise NotImplementedError

    async def _change(self, opening: Callable[[], Awaitable[None]]) -> None:
        """Let other documents be opened; nothing is read or asked meanwhile. Raises DeskError."""
        assert self.desk is not None
        self._changing = True
        try:
            await opening()
        finally:
            self._changing = False
        self._warm(self.desk)

    @work(exit_on_error=False)
    async def action_workspaces(self) -> None:
        """Begin a new workspace, or open another one."""
        desk = self._ready()
        if desk is None or self._occupied():
            return
        from rlm_desk.tui.screens.workspaces import WorkspacesDialog

        try:
            choice = await self.app.push_screen_wait(WorkspacesDialog(await desk.workspaces(), desk.workspace))
            if not choice or self._occupied() or self._changing:
                return
            self.close_source()
            await self._change(lambda: switch(desk, self._display, choice))
            self._keeps = True
        except DeskError as problem:
            self._display.tell(problem)
        self.action_question()

    def _occupied(self) -> bool:
        """Say so where documents are being read, or a question answered."""
        if self.running:
            self._display.say("A question is being answered: Esc cancels it")
        elif self._loading:
            self._display.say("Documents are being read: another workspace can be opened after that")
        return self.running or self._loading > 0
