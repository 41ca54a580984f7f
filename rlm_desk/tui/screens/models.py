"""Models: what is on this machine, what would fit it, and everything that can be done with one."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Static
from textual.worker import Worker

from rlm_desk.clean import one_line
from rlm_desk.errors import DeskError
from rlm_desk.plan import ModelSpec
from rlm_desk.tui import modelwork
from rlm_desk.tui.commands import bindings
from rlm_desk.tui.modelwork import Keep
from rlm_desk.tui.port import DeskPort
from rlm_desk.tui.screens.beside import Beside, Words
from rlm_desk.tui.screens.bringing import ImportDialog, WayDialog
from rlm_desk.tui.screens.confirm import ConfirmDialog
from rlm_desk.tui.screens.saving import save
from rlm_desk.tui.widgets import modelwords
from rlm_desk.tui.widgets.bars import ScreenTitle
from rlm_desk.tui.widgets.busyline import BusyLine
from rlm_desk.tui.widgets.keyline import KeyLine
from rlm_desk.tui.widgets.modellist import ModelList
from rlm_desk.tui.widgets.textview import TextView
from rlm_desk.tui.wording import told

if TYPE_CHECKING:
    from rlm_desk.catalogue.fit import Fit
    from rlm_desk.catalogue.importing import By, Imported
    from rlm_desk.desk.models import Here, Unseen

REST_SECONDS = 0.15
"""How long the cursor rests on a model before its file is looked at."""


class Details(TextView):
    """What is said about the chosen model."""

    DEFAULT_CSS = """
    Details { border: round $edge; border-title-color: $text-muted; background: $surface; padding: 0 1; }
    Details:focus { border: round $primary; border-title-color: $primary; }
    """


class Models(Beside):
    """A list of models and all about the chosen one. One thing at a time; Esc stops it.

    Args:
        desk: the service.
        keep: writes a setting.
        changed: told when another model is asked, or it was loaded or unloaded.
        try_out: leaves this screen for a demonstration.
    """

    AUTO_FOCUS = "#models"
    parts: ClassVar[tuple[str, ...]] = ("models",)
    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [*bindings("models")]

    def __init__(
        self, desk: DeskPort, keep: Keep, changed: Callable[[], None], try_out: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__()
        self._models = desk.models
        self._keep, self._changed, self._try_out = keep, changed, try_out
        self._fits: dict[Path, Fit | str] = {}
        self._doing: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        yield ScreenTitle("Models")
        yield Static(modelwords.GUIDE, id="guide", markup=False)
        with Vertical(id="model-parts"):
            yield ModelList(id="models")
            yield Details(id="details")
        yield BusyLine()
        yield Words()
        yield KeyLine()

    def on_mount(self) -> None:
        self.query_one("#guide").display = False
        self.query_one(Details).border_title = "The chosen model"
        self._fill()

    def on_resize(self) -> None:
        little = self.size.height < 30 or self.size.width < 100
        self.set_class(little, "-little")
        self.set_class(self.size.width >= 150, "-wide")
        self.query_one("#guide", Static).update(modelwords.SHORT_GUIDE if little else modelwords.GUIDE)

    # what is shown

    @work(exit_on_error=False, exclusive=True, group="fill")
    async def _fill(self, said: str = "") -> None:
        self.say(said or "Looking at the models and the memory that is free…")
        here = await self._models.here()
        self._list(here, ())
        try:
            unseen = await self._models.unseen()
            self.query_one(ScreenTitle).say(modelwords.machine(await self._models.devices()))
        except DeskError as problem:
            self.tell(problem)
            return
        self._list(here, unseen)
        self.query_one("#guide").display = all(one.spec.demonstration for one in here)
        rest = await self._models.unfinished()
        also = f"Half imported: {one_line(rest[0], 60)}. i, then the same file, goes on" if rest else ""
        self.say(said or also)

    def _list(self, here: "Sequence[Here]", unseen: "Sequence[Unseen]") -> None:
        table = self.query_one(ModelList)
        try:
            table.asked = self._models.asked.path
        except DeskError as problem:
            self.tell(problem)
        loaded = self._models.loaded
        table.loaded = loaded.path if loaded else None
        table.show(here, unseen)
        self._moved()

    @on(ModelList.Moved)
    def _moved(self) -> None:
        self._describe()
        if (spec := self._spec) is not None and spec.path not in self._fits:
            self._look(spec)

    def _describe(self) -> None:
        """Say all about the chosen model."""
        line = self.query_one(ModelList).chosen
        details = self.query_one(Details)
        if line is not None and line.here is not None:
            spec = line.here.spec
            loaded = self._models.loaded is not None and self._models.loaded.path == spec.path
            fit = self._fits.get(spec.path) if line.here.bytes else "Its file is gone."
            details.show(modelwords.here(line.here, fit, loaded, self._models.measured(spec)), keep_place=True)
        elif line is not None and line.unseen is not None:
            details.show(modelwords.unseen(line.unseen))

    @work(exit_on_error=False, exclusive=True, group="look")
    async def _look(self, spec: ModelSpec) -> None:
        """How it would be loaded: its file is read in a worker."""
        await asyncio.sleep(REST_SECONDS)
        try:
            self._fits[spec.path] = (await self._models.fit(spec)).fit
        except DeskError as problem:
            self._fits[spec.path] = told(problem).replace("\n", " ")
        self._describe()

    @property
    def _spec(self) -> ModelSpec | None:
        line = self.query_one(ModelList).chosen
        return line.here.spec if line is not None and line.here is not None else None

    def _wanted(self) -> ModelSpec | None:
        """The chosen model, where it is here and nothing else goes on."""
        spec = self._spec
        if self._busy():
            return None
        if spec is None:
            self.say("This model is not here yet: its details say what to fetch, and Enter imports the file")
        return spec

    # doing things

    def _busy(self) -> bool:
        if self._doing is not None:
            self.say("One thing at a time: Esc stops what goes on")
        return self._doing is not None

    def _do(self, name: str, work: Awaitable[str]) -> None:
        """Begin something that takes its time; its result is said at the end."""
        self.query_one(BusyLine).begin(name)
        self._doing = self.run_worker(self._to_its_end(work), group="do", exit_on_error=False)
        self.refresh_bindings()

    async def _to_its_end(self, work: Awaitable[str]) -> None:
        said = "Stopped; the same again goes on from there"
        try:
            said = await work
        except DeskError as problem:
            said = told(problem).replace("\n", " ")  # stays in the line when the notice has gone
            self.tell(problem)
        finally:
            self._doing = None
            if self.is_attached:
                self.query_one(BusyLine).end()
                self._changed()
        self._fits.clear()
        self._fill(said)

    @on(ModelList.Pressed)
    def action_use(self) -> None:
        """Ask the chosen model from now on; one that is not here is imported first."""
        line = self.query_one(ModelList).chosen
        if line is not None and line.unseen is not None:
            self.action_bring()
        elif (spec := self._wanted()) is not None:
            self._do(f"Loading {spec.name}", modelwork.use(self._models, spec, self._keep))

    def action_load(self) -> None:
        """Load the chosen model for this session, or unload it."""
        if (spec := self._wanted()) is None:
            return
        loaded = self._models.loaded
        if loaded is not None and loaded.path == spec.path:
            self._do(f"Unloading {spec.name}", modelwork.unload(self._models, spec))
        else:
            self._do(f"Loading {spec.name}", modelwork.load(self._models, spec))

    def action_measure(self) -> None:
        """Measure how fast the chosen model is on this machine."""
        if (spec := self._wanted()) is not None:
            self._do(f"Measuring the speed of {spec.name}", modelwork.measure(self._models, spec))

    def action_verify(self) -> None:
        """Hash the chosen model's file again."""
        if (spec := self._wanted()) is not None:
            self._do(f"Verifying {spec.name}", modelwork.verify(self._models, spec, self.query_one(BusyLine).told))

    @work(exit_on_error=False)
    async def action_bring(self) -> None:
        """Import a model file: which, how, then the copying."""
        if self._busy():
            return
        from rlm_desk.catalogue.known import by_file

        line = self.query_one(ModelList).chosen
        typed = await self.app.push_screen_wait(ImportDialog(line.unseen.entry if line and line.unseen else None))
        if not typed:
            return
        file = Path(typed)
        way = await self.app.push_screen_wait(WayDialog(file, by_file(file.name)))
        if way:
            told = self.query_one(BusyLine).told
            self._do(
                f"Importing {file.name}", modelwork.bring(self._models, file, cast("By", way), told, self._imported)
            )

    def _imported(self, done: "Imported") -> None:
        self.query_one(ModelList).cursor = ("here", str(done.spec.path))

    @work(exit_on_error=False)
    async def action_discard(self) -> None:
        """Take the chosen model out of the model folder, after asking."""
        if (spec := self._wanted()) is None:
            return
        if spec.demonstration:
            self.say("desk-tiny is part of rlm-desk and stays")
            return
        linked = spec.path.is_symlink()
        lost = (
            "It is a link: your own file stays." if linked else "Its file is deleted. Import it again to have it back."
        )
        if await self.app.push_screen_wait(ConfirmDialog("Remove this model?", spec.name, lost, "Remove")) == "yes":
            self._do(f"Removing {spec.name}", modelwork.discard(self._models, spec, self._keep))

    @work(exit_on_error=False)
    async def action_try_out(self) -> None:
        """Go to the workspace with invented agreements and a question for desk-tiny."""
        if self._busy():
            return
        try:
            await self._try_out()
        except DeskError as problem:
            self.tell(problem)

    # words

    def action_copy_details(self) -> None:
        """Copy what is said about the model (OSC 52: the terminal does not say whether it took it)."""
        self.app.copy_to_clipboard(self.query_one(Details).plain)
        self.say("Sent to the clipboard. If your terminal does not take it, Ctrl+S saves a file")

    def action_save_details(self) -> None:
        """Write what is said about the model to a new file, to be carried to where the network is."""
        try:
            path = save(f"model-{time.strftime('%Y%m%d-%H%M%S')}", ".txt", self.query_one(Details).plain + "\n")
        except DeskError as problem:
            self.tell(problem)
            return
        self.say(f"Saved as {path}")

    def action_leave(self) -> None:
        """Stop what goes on, or go back."""
        if self._doing is not None:
            self._doing.cancel()
        else:
            self.dismiss()
