"""The application: one workspace, help, and a way out that never hangs."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.screen import Screen

from rlm_desk.errors import DeskError
from rlm_desk.tui.commands import COMMANDS, bindings, key_name
from rlm_desk.tui.port import DeskPort
from rlm_desk.tui.screens.reading import help_screen
from rlm_desk.tui.screens.workspace import Workspace
from rlm_desk.tui.start import Start
from rlm_desk.tui.theme import DARK, LIGHT

CLOSE_SECONDS = 3.0
"""How long leaving waits for the workers. They end with this process whether it waits or not."""


class DeskApp(App[None]):
    """The terminal interface.

    Args:
        open_desk: opens the service; called once, after the first frame.
        start: what it does by itself: documents, a question, a verdict.
        title: stands at the top left.
    """

    CSS_PATH = "theme/desk.tcss"
    TITLE = "rlm-desk"
    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [*bindings("app")]
    # Not marked as class variables: mypy takes Textual's for instance variables.
    HORIZONTAL_BREAKPOINTS = [(0, "-compact"), (100, "-medium"), (150, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012

    def __init__(
        self,
        open_desk: Callable[[], Awaitable[DeskPort]],
        start: Start = Start(),  # noqa: B008 - frozen
        *,
        title: str = "rlm-desk",
    ) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name
        self.workspace = Workspace(open_desk, start, title)
        """The one screen that holds everything."""
        self._leaving = False

    @property
    def problem(self) -> DeskError | None:
        """The last error that was told, for who started the app."""
        return self.workspace.problem

    def on_mount(self) -> None:
        self.push_screen(self.workspace)

    async def on_event(self, event: events.Event) -> None:
        """Any key stops a countdown to closing; a letter only does that, and is not written anywhere."""
        woken = isinstance(event, events.Key | events.MouseDown | events.MouseScrollDown | events.MouseScrollUp)
        if woken and self.workspace.stay() and isinstance(event, events.Key) and event.is_printable:
            return
        await super().on_event(event)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every declared command, for the palette; then the theme."""
        for command in COMMANDS:
            if command.action != "app.interrupt":
                yield SystemCommand(
                    f"{command.help}", f"Key: {key_name(command)}", lambda action=command.action: self._run(action)
                )
        yield SystemCommand("Change the colours", "Theme", self.action_change_theme)

    def _run(self, action: str) -> None:
        self.call_later(self.run_action, action)

    def action_help(self) -> None:
        """Show all keys."""
        self.push_screen(help_screen())

    def action_interrupt(self) -> None:
        """Ctrl+C: cancel the run; without one, copy what is selected; else say how to leave."""
        if self.workspace.running:
            self.workspace.action_stop()
        elif (selected := self.screen.get_selected_text()) is not None:
            self.copy_to_clipboard(selected)
        else:
            self.notify("Ctrl+Q leaves.", markup=False)

    async def action_quit_desk(self) -> None:
        """Cancel what runs, close the desk within its deadline, leave."""
        if self._leaving:
            self.exit()
            return
        self._leaving = True
        workspace = self.workspace
        if workspace.run is not None:
            workspace.run.cancel()
        if workspace.desk is not None:
            self.notify("Leaving…", markup=False)
            self.run_worker(self._close(workspace.desk), exit_on_error=False)
        else:
            self.exit()

    async def _close(self, desk: DeskPort) -> None:
        try:
            await asyncio.wait_for(desk.close(), CLOSE_SECONDS)
        except TimeoutError:
            self.log.warning("the desk did not close in time")
        except DeskError as problem:
            self.log.error(problem.sentence)
        finally:
            self.exit()
