"""A run bundle that somebody else wrote, opened beside the history and played like any other run."""

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import OptionList, Static

from rlm_desk.errors import DeskError
from rlm_desk.tui.paths import typed_path
from rlm_desk.tui.port import DeskPort
from rlm_desk.tui.screens.beside import Beside
from rlm_desk.tui.screens.dialog import AddDialog, Hint
from rlm_desk.tui.screens.playback import Playback
from rlm_desk.tui.widgets.field import Field


class BundleDialog(AddDialog):
    """Asks for the bundle; its result is the path as text."""

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as box:
            box.border_title = "Open a run bundle"
            yield Static("The .zip file that `rlm-desk runs bundle` or an export wrote.", markup=False)
            yield Field(placeholder="~/Downloads/run.zip", id="path")
            yield OptionList(id="completions", markup=False, compact=True)
            yield Hint("Tab completes · ↓ chooses · Enter opens · Esc goes back")

    def _list(self, paths: Iterable[str]) -> None:
        super()._list([path for path in paths if path.endswith("/") or path.lower().endswith(".zip")])


async def look_into(screen: Beside, desk: DeskPort) -> None:
    """Ask for a bundle, and show its run. Nothing of it is kept."""
    path = await screen.app.push_screen_wait(BundleDialog())
    if not path:
        return
    screen.say("Checking the bundle…")
    try:
        past = await desk.carried(typed_path(path))
    except DeskError as problem:
        screen.tell(problem)
        return
    screen.say("")
    screen.app.push_screen(Playback(past, title="rlm-desk bundle", desk=desk, stored=False))
