"""Everything that can be set: its value, where that comes from, and a way to change it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from rlm_desk.clean import clean
from rlm_desk.config import Settings as Session
from rlm_desk.desk.settings import Setting, settings
from rlm_desk.errors import DeskError
from rlm_desk.tui.commands import bindings
from rlm_desk.tui.screens.beside import Beside, Words
from rlm_desk.tui.screens.changing import ChangeDialog
from rlm_desk.tui.widgets.bars import ScreenTitle
from rlm_desk.tui.widgets.keyline import KeyLine
from rlm_desk.tui.widgets.settingtable import SettingTable
from rlm_desk.tui.widgets.textview import Part, TextView

Keep = Callable[[str, Any], Awaitable[Path]]
"""Writes a setting into config.toml; None takes it out. Raises DeskError."""

AT_ONCE = frozenset({"theme", "motion"})
"""Taken by the open app; everything else by the next start."""


class Meaning(TextView):
    """What stands below the table about the chosen setting."""

    DEFAULT_CSS = """
    Meaning { border: round $edge; border-title-color: $text-muted; background: $surface; padding: 0 1; }
    Meaning:focus { border: round $primary; border-title-color: $primary; }
    """


class Settings(Beside):
    """A table of settings with the meaning of the chosen one.

    Args:
        session: what this session was started with.
        keep: writes a setting.
    """

    AUTO_FOCUS = "#settings"
    parts: ClassVar[tuple[str, ...]] = ("settings",)
    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [*bindings("settings")]

    def __init__(self, session: Session, keep: Keep) -> None:
        super().__init__()
        self._session = session
        self._keep = keep

    def compose(self) -> ComposeResult:
        yield ScreenTitle("Settings")
        with Vertical(id="settings-parts"):
            yield SettingTable(id="settings")
            yield Meaning(id="meaning")
        yield Words()
        yield KeyLine()

    def on_mount(self) -> None:
        self.query_one(ScreenTitle).say(str(self._session.file))
        self._fill()

    @work(exit_on_error=False)
    async def _fill(self) -> None:
        await self._show()

    async def _show(self) -> list[Setting]:
        """Read all settings again. Empty where one of them makes no sense: the person is told which."""
        try:
            found = await asyncio.to_thread(settings, self._session)
        except DeskError as problem:
            self.tell(problem)
            return []
        self.query_one(SettingTable).show(found)
        self._describe()
        return found

    @on(SettingTable.RowHighlighted)
    def _describe(self) -> None:
        chosen = self.query_one(SettingTable).chosen
        if chosen is not None:
            self.query_one(Meaning).border_title = chosen.name
            self.query_one(Meaning).show([Part("plain", clean("\n".join(meaning(chosen))))])

    # changing

    @on(SettingTable.RowSelected)
    @work(exit_on_error=False, exclusive=True, group="change")
    async def action_change(self) -> None:
        """Ask for another value and write it."""
        chosen = self._wanted()
        if chosen is None:
            return
        written = await self.app.push_screen_wait(ChangeDialog(chosen))
        if written:
            await self._write(chosen, chosen.read(written[1:]))

    @work(exit_on_error=False, exclusive=True, group="change")
    async def action_reset(self) -> None:
        """Take the setting out of the file, so that its default holds again."""
        chosen = self._wanted()
        if chosen is not None:
            await self._write(chosen, None)

    def _wanted(self) -> Setting | None:
        chosen = self.query_one(SettingTable).chosen
        if chosen is not None and not chosen.kept:
            self.say(
                f"{chosen.name} is for one session only: start with --{chosen.name.replace('_', '-')} if you mean it"
            )
            return None
        return chosen

    async def _write(self, setting: Setting, value: Any) -> None:
        try:
            await self._keep(setting.name, value)
        except DeskError as problem:
            self.tell(problem)
            return
        after = next((one for one in await self._show() if one.name == setting.name), None)
        if after is not None:
            self.say(outcome(after, removed=value is None))


def outcome(setting: Setting, removed: bool) -> str:
    """What writing a setting came to."""
    done = "Taken out of config.toml" if removed else "Written to config.toml"
    if setting.origin == "environment":
        return f"{done}, but {setting.variable} in the environment is stronger: {setting.text(setting.value)}"
    if setting.origin == "flag":
        return f"{done}; the flag of this session is stronger until you leave"
    if setting.name in AT_ONCE or setting.value == setting.now:
        return f"{done}: {setting.name} is {setting.text(setting.value) or 'empty'}"
    return f"{done}: {setting.name} is {setting.text(setting.value) or 'empty'} from the next start"


def meaning(setting: Setting) -> list[str]:
    """All about a setting, in lines."""
    origins = {
        "flag": "This session's flag says so.",
        "environment": f"{setting.variable} in the environment says so; config.toml is weaker.",
        "file": "config.toml says so. Delete takes it out.",
        "default": "Nobody has set it: this is its default.",
    }
    lines = [setting.about, f"Value: {setting.text(setting.value) or '(empty)'}. {origins[setting.origin]}"]
    if setting.value != setting.now and setting.name not in AT_ONCE:
        lines.append(f"From the next start; this session has {setting.text(setting.now) or '(empty)'}.")
    if setting.limits:
        lines.append(f"It can be {setting.limits}.")
    if setting.origin != "default":
        lines.append(f"Default: {setting.text(setting.default) or '(empty)'}.")
    return lines
