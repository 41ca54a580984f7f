"""The application: one workspace, the screens beside it, and a way out that never hangs.

What the first frame does not need is imported where it is used: a screen when it is opened.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import events
from textual.app import App
from textual.binding import Binding
from textual.command import Provider

from rlm_desk import config, crash
from rlm_desk.clean import clean
from rlm_desk.errors import DeskError, UsageError
from rlm_desk.tui import keeping
from rlm_desk.tui.commands import bindings
from rlm_desk.tui.garbage import LOOK_SECONDS, Garbage
from rlm_desk.tui.palette import Palette
from rlm_desk.tui.port import DeskPort
from rlm_desk.tui.screens.workspace import Workspace
from rlm_desk.tui.start import Start
from rlm_desk.tui.theme import DEFAULTS, THEMES, terminal
from rlm_desk.tui.wording import told

if TYPE_CHECKING:
    from rlm_desk.tui.screens.guided import GuidePort

CLOSE_SECONDS = 3.0
"""How long leaving waits for the workers. They end with this process whether it waits or not."""


_FETCHED = re.compile(r"@font-face\s*\{[^}]*\}\s*")


class DeskApp(App[None]):
    """The terminal interface.

    Args:
        open_desk: opens the service; called once, after the first frame.
        start: what it does by itself: documents, a question, a verdict.
        title: stands at the top left.
        theme: one of `THEMES`.
        present: begin with the tree and the answer alone.
        guide: goes through a demonstration step by step; `auto`: by itself.
        motion: False for less of it; TEXTUAL_ANIMATIONS=none says the same.
    """

    CSS_PATH = "theme/desk.tcss"
    TITLE = "rlm-desk"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {Palette}
    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [*bindings("app")]

    def __init__(
        self,
        open_desk: Callable[[], Awaitable[DeskPort]],
        start: Start = Start(),  # noqa: B008 - frozen
        *,
        title: str = "rlm-desk",
        theme: str = "dark",
        motion: bool = True,
        present: bool = False,
        guide: "GuidePort | None" = None,
        auto: bool = False,
        session: config.Settings | None = None,
    ) -> None:
        super().__init__()
        for one in THEMES.values():
            self.register_theme(one)
        self.theme = THEMES[theme].name
        self.watch_theme()
        if not motion:
            self.animation_level = "none"
        self.workspace: Workspace = Workspace(open_desk, start, title)
        if guide is not None:
            from rlm_desk.tui.screens.guided import Guided  # the first frame of the desk does not wait for it

            self.workspace = Guided(open_desk, start, title, guide, auto)
        self.workspace.presenting = present
        """The one screen that holds everything."""
        self._leaving = False
        self._garbage = Garbage()
        self._keeping = asyncio.Lock()
        self._session = session
        """With what it was started: says where settings are kept."""

    def watch_theme(self) -> None:
        """Colours of code follow the theme: Textual's own are too faint on a light ground."""
        theme = self.current_theme
        if theme in THEMES.values() and theme.dark:
            self.ansi_theme_dark = terminal(theme)
        elif theme in THEMES.values():
            self.ansi_theme_light = terminal(theme)

    @property
    def problem(self) -> DeskError | None:
        """The last error that was told, for who started the app."""
        return self.workspace.problem

    def on_mount(self) -> None:
        self._garbage.begin()
        self.set_interval(LOOK_SECONDS, self._tidy)
        self.push_screen(self.workspace)

    def on_unmount(self) -> None:
        self._garbage.end()

    def _tidy(self) -> None:
        """Look for garbage, unless a replay would stand still meanwhile."""
        if any(getattr(screen, "moving", False) for screen in self.screen_stack):
            self._garbage.stirred()
        self._garbage.look()

    async def on_event(self, event: events.Event) -> None:
        """Any key stops a countdown to closing; a letter only does that, and is not written anywhere."""
        if isinstance(event, events.InputEvent):
            self._garbage.stirred()
        woken = isinstance(event, events.Key | events.MouseDown | events.MouseScrollDown | events.MouseScrollUp)
        if woken and self.workspace.stay() and isinstance(event, events.Key) and event.is_printable:
            return
        if isinstance(event, events.Key) and not event.is_forwarded and self.screen_stack[-1:] == [self.workspace]:
            self.workspace.heard(event)
        await super().on_event(event)

    def action_help(self) -> None:
        """Show all keys, the open screen's first."""
        from rlm_desk.tui.screens.help import help_screen

        desk = self.workspace.desk
        self.push_screen(help_screen(getattr(self.screen, "parts", ()), desk.leaves if desk else ""))

    def action_history(self) -> None:
        """Earlier runs."""
        from rlm_desk.tui.screens.history import History

        if (desk := self._desk_for_screen()) is not None:
            self.push_screen(History(desk))

    def action_settings(self) -> None:
        """Everything that can be set."""
        from rlm_desk.tui.screens.settings import Settings

        if (desk := self._desk_for_screen()) is not None:
            self.push_screen(Settings(desk.settings, self.keep))

    def action_models(self) -> None:
        """Models: installed, known, to be brought in."""
        from rlm_desk.tui.screens.models import Models

        if (desk := self._desk_for_screen()) is not None:
            self.push_screen(Models(desk, self.keep, self.workspace.show_model, self._try_out))

    async def _try_out(self) -> None:
        """desk-tiny on agreements invented for it, in the workspace. Raises DeskError."""
        desk = self.workspace.desk
        if desk is None:
            return
        if desk.corpus.documents or self.workspace.running:
            raise UsageError(
                "Your own documents are open, and desk-tiny knows nothing of them.",
                "Begin a new workspace first: Esc, then Ctrl+N. Or, in another terminal: rlm-desk demo",
            )
        from rlm_desk.tui.trying import tried

        # A worker of the screen that is closed would be cancelled with it, and the app with that.
        begin = self.workspace.begin_with(*await tried(desk))
        self.workspace.run_worker(begin, group="try", exit_on_error=False)

    async def keep(self, name: str, value: Any) -> Path:
        """Write a setting into config.toml, one at a time, and take it at once where the open app can.

        Raises:
            DeskError: it cannot be that, or the file cannot be written.
        """
        async with self._keeping:
            path = await asyncio.to_thread(config.save, name, value, self._file)
        from rlm_desk.tui.screens.settings import AT_ONCE

        if name in AT_ONCE:
            self._take(await asyncio.to_thread(self._session.again if self._session else config.load))
        return path

    @property
    def _file(self) -> Path | None:
        return self._session.file if self._session else None

    def _take(self, settings: config.Settings) -> None:
        self.theme = THEMES[settings.theme].name
        self.animation_level = "full" if settings.motion else "none"

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return DEFAULTS

    def _fatal_error(self) -> None:
        """Textual would print messages and the values of variables, which may be documents."""
        problem = self._exception
        if problem is None or not crash.wanted():
            super()._fatal_error()
            return
        self.bell()
        self._exit_renderables.append(Text(crash.told(getattr(problem, "error", problem))))  # or what a worker met
        self._close_messages_no_wait()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A screen that is open is not offered again."""
        if action not in ("history", "settings", "models"):
            return True
        return not any(action in getattr(screen, "parts", ()) for screen in self.screen_stack)

    def _desk_for_screen(self) -> DeskPort | None:
        """The desk, once it is open."""
        if self.workspace.desk is None:
            self.notify("The desk is still opening.", timeout=3, markup=False)
        return self.workspace.desk

    def action_next_theme(self) -> None:
        """The next of our themes; the first after one of Textual's."""
        names = [theme.name for theme in THEMES.values()]
        at = names.index(self.theme) if self.theme in names else -1
        wanted = names[(at + 1) % len(names)]
        self.action_use_theme(next(name for name, theme in THEMES.items() if theme.name == wanted))

    def action_use_theme(self, name: str) -> None:
        """Show a theme, and keep it for the next start."""
        self.theme = THEMES[name].name
        self.notify(f"Theme: {name.replace('-', ' ')}", timeout=2, markup=False)
        self.run_worker(self._keep_theme(name), group="theme", exclusive=True, exit_on_error=False)

    async def _keep_theme(self, name: str) -> None:
        try:
            async with self._keeping:
                await asyncio.to_thread(config.save, "theme", name, self._file)
        except DeskError as problem:
            self.notify(told(problem), title="The theme is not kept", severity="warning", markup=False)

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """The screen as SVG. Without the fonts that Textual's would fetch from the internet where it is opened."""
        return _FETCHED.sub("", super().export_screenshot(title=title, simplify=simplify))

    def action_picture(self) -> None:
        """Write what is on the screen as an SVG file."""
        from rlm_desk.tui.screens.saving import save

        try:
            path = save(f"rlm-desk-{time.strftime('%Y%m%d-%H%M%S')}", ".svg", self.export_screenshot())
        except DeskError as problem:
            self.notify(f"The picture could not be saved: {problem.sentence}", severity="error", markup=False)
            return
        self.notify(f"Saved as {path}", markup=False)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy text, cleaned: what is pasted must be what was seen, and a terminal takes no half letters."""
        super().copy_to_clipboard(clean(text))

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
            self._keep_layout(workspace.desk.settings.data_dir)
            self.notify("Leaving…", markup=False)
            self.run_worker(self._close(workspace.desk), exit_on_error=False)
        else:
            self.exit()

    def _keep_layout(self, folder: Path) -> None:
        try:
            keeping.save(folder, self.workspace.layout_state)
        except OSError as problem:
            self.log.warning(f"the sizes of the panes were not kept: {problem}")

    async def _close(self, desk: DeskPort) -> None:
        try:
            await asyncio.wait_for(desk.close(), CLOSE_SECONDS)
        except TimeoutError:
            self.log.warning("the desk did not close in time")
        except DeskError as problem:
            self.log.error(problem.sentence)
        finally:
            self.exit()
