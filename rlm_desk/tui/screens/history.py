"""All earlier runs: find one by any word in it, open it as it was, play it, compare two, export, delete."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from rlm_desk.clean import one_line
from rlm_desk.errors import DeskError
from rlm_desk.tui.commands import bindings
from rlm_desk.tui.port import DeskPort, PageHit, RunSummary
from rlm_desk.tui.screens.beside import Beside, Words
from rlm_desk.tui.screens.compare import Compare
from rlm_desk.tui.screens.confirm import ConfirmDialog
from rlm_desk.tui.screens.exporting import ExportDialog, write
from rlm_desk.tui.screens.playback import Playback
from rlm_desk.tui.screens.reading import Reading
from rlm_desk.tui.widgets.bars import ScreenTitle
from rlm_desk.tui.widgets.field import Field
from rlm_desk.tui.widgets.keyline import KeyLine
from rlm_desk.tui.widgets.pagehits import PageHits
from rlm_desk.tui.widgets.runs import Preview, RunTable, has
from rlm_desk.tui.widgets.textview import Part
from rlm_desk.tui.wording import plural

EMPTY = """\
No runs yet.

Every question you ask is kept here with all its steps, on this machine only: to be read again, played again without a \
model, compared, exported, or deleted for good.

Esc goes back to the workspace: Ctrl+O adds documents there, then ask."""

NOTHING = "No run has these words. Esc shows all runs again."

KEPT = 2000
"""Runs that are listed; older ones are found by searching."""

OF_RUNS = frozenset({"open", "play", "search", "mark", "export", "delete"})

PAUSE_SECONDS = 0.25
"""How long typing rests before the pages are searched too."""


class History(Beside):
    """A table of runs, newest first, with a preview of the chosen one."""

    AUTO_FOCUS = "#runs"
    parts: ClassVar[tuple[str, ...]] = ("history",)
    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [*bindings("history")]

    def __init__(self, desk: DeskPort) -> None:
        super().__init__()
        self._desk = desk
        self._runs: list[RunSummary] = []
        self._marked: str | None = None
        self._searches = 0

    def compose(self) -> ComposeResult:
        yield ScreenTitle("History")
        yield Field(placeholder="Search questions, answers and pages   ( / )", id="history-search")
        yield Static(EMPTY, id="history-empty", classes="teach", markup=False)
        with Horizontal(id="history-parts"):
            with Vertical(id="history-lists"):
                yield RunTable(id="runs")
                yield PageHits(id="pages")
            yield Preview(id="preview")
        yield Words()
        yield KeyLine()

    def on_mount(self) -> None:
        self.query_one("#history-empty").display = False
        self.query_one(PageHits).display = False
        self.query_one(Preview).border_title = "The chosen run"
        self._fill()

    @work(exit_on_error=False, exclusive=True, group="fill")
    async def _fill(self, chosen: str | None = None) -> None:
        self.say("Reading the history…")
        try:
            self._runs = list(await self._desk.runs(KEPT))
        except DeskError as problem:
            self.tell(problem)
            return
        none = not self._runs
        self.query_one("#history-empty").display = none
        self.query_one("#history-parts").display = not none
        self.query_one("#history-search").display = not none
        self.say("" if none else plural(len(self._runs), "run"))
        self._show(chosen=chosen)
        self.refresh_bindings()

    def _show(self, also: Sequence[str] = (), chosen: str | None = None) -> None:
        """List what has the words that are typed, and the runs called `also`."""
        words = self._typed.casefold().split()
        found = [run for run in self._runs if run.id in also or has(run, words)]
        table = self.query_one(RunTable)
        table.show(found, self._marked, chosen)
        if not found:
            self.query_one(Preview).describe(None)
        if words:
            self.say(f"{plural(len(found), 'run')} of {len(self._runs):,}" if found else NOTHING)

    @property
    def _typed(self) -> str:
        return self.query_one("#history-search", Input).value.strip()

    # finding

    @on(Input.Changed, "#history-search")
    def _changed(self) -> None:
        if not self._typed:
            self.query_one(PageHits).display = False
            self.say(plural(len(self._runs), "run"))
        self._show()
        self._search(self._typed)

    @work(exit_on_error=False, exclusive=True, group="search")
    async def _search(self, words: str) -> None:
        """Pages of documents, and runs by the words of their answers, from the index."""
        if not words:
            return
        await asyncio.sleep(PAUSE_SECONDS)
        try:
            found = await self._desk.search(words, everywhere=True)
        except DeskError:
            return  # half a word, or a mark that opens a phrase: more is being typed
        pages = self.query_one(PageHits)
        pages.show(found.pages, found.more)
        pages.display = bool(found.pages)
        self._show(also=[hit.run for hit in found.runs])

    @on(Input.Submitted, "#history-search")
    def _submitted(self) -> None:
        table, pages = self.query_one(RunTable), self.query_one(PageHits)
        (pages if not table.row_count and pages.display else table).focus()

    def action_search(self) -> None:
        """Write what to look for."""
        self.query_one("#history-search").focus()

    @on(PageHits.Chosen)
    @work(exit_on_error=False)
    async def _page(self, event: PageHits.Chosen) -> None:
        await self._read(event.hit)

    async def _read(self, hit: PageHit) -> None:
        try:
            document = await self._desk.document(hit.document)
        except DeskError as problem:
            self.tell(problem)
            return
        page = document.pages[hit.page] if hit.page < len(document.pages) else None
        text = document.text[page.start : page.end] if page else document.text
        title = f"{one_line(hit.name, 60)}, {one_line(hit.page_kind, 12)} {one_line(hit.label, 12)}"
        self.app.push_screen(Reading(title, "", [Part("plain", text)]))

    # the chosen run

    @property
    def chosen(self) -> RunSummary | None:
        """The run under the cursor."""
        return self.query_one(RunTable).chosen

    @on(RunTable.RowHighlighted)
    def _moved(self) -> None:
        self.query_one(Preview).describe(self.chosen)

    @on(RunTable.RowSelected)
    def action_open(self) -> None:
        """Show the run as it was."""
        self._open(playing=False)

    def action_play(self) -> None:
        """Play the run from its beginning."""
        self._open(playing=True)

    @work(exit_on_error=False, exclusive=True, group="open")
    async def _open(self, playing: bool) -> None:
        run = self._wanted()
        if run is None:
            return
        self.say("Opening the run…")
        try:
            past = await self._desk.past(run.id)
        except DeskError as problem:
            self.tell(problem)
            return
        self.say("")
        if not past.recorded:
            self.say("Nothing is left of this run.")
            return
        self.app.push_screen(Playback(past, playing=playing, desk=self._desk))

    @work(exit_on_error=False, exclusive=True, group="open")
    async def action_bundle(self) -> None:
        """Open a run that somebody else made."""
        from rlm_desk.tui.screens.carried import look_into

        await look_into(self, self._desk)

    def action_mark(self) -> None:
        """Mark a run; with another one marked before, set the two beside each other."""
        run = self._wanted()
        if run is None:
            return
        if self._marked is None or self._marked == run.id:
            self._marked = None if self._marked else run.id
            self._show(chosen=run.id)
            self.say("Choose another run and press c: the two are set side by side" if self._marked else "")
            return
        self._compare(self._marked, run.id)

    @work(exit_on_error=False, exclusive=True, group="open")
    async def _compare(self, one: str, other: str) -> None:
        self.say("Opening both runs…")
        try:
            both = await self._desk.past(one), await self._desk.past(other)
        except DeskError as problem:
            self.tell(problem)
            return
        self._marked = None
        self._show(chosen=other)
        self.say("")
        self.app.push_screen(Compare(*both, self._desk))

    @work(exit_on_error=False)
    async def action_export(self) -> None:
        """Write the run as a report."""
        run = self._wanted()
        if run is None:
            return
        form = await self.app.push_screen_wait(ExportDialog())
        if not form:
            return
        self.say("Writing the report…")
        try:
            path = await write(await self._desk.export(run.id), form)
        except DeskError as problem:
            self.tell(problem)
            return
        self.say(f"Saved as {path}")

    @work(exit_on_error=False)
    async def action_delete(self) -> None:
        """Erase the run for good, after asking."""
        run = self._wanted()
        if run is None:
            return
        if run.status == "running":
            self.say("This run goes on: cancel it first")
            return
        question = one_line(run.question or run.id, 200)
        try:
            told = len(await self._desk.told_of(run.id))
        except DeskError as problem:
            self.tell(problem)
            return
        later = f" {plural(told, 'later run')} that knew of it will lose its words." if told else ""
        what = f"Its question, answer and every step are erased from the store.{later} This cannot be undone."
        sure = ConfirmDialog("Delete this run?", question, what, "Delete")
        if await self.app.push_screen_wait(sure) != "yes":
            return
        try:
            await self._desk.purge_run(run.id)
        except DeskError as problem:
            self.tell(problem)
            return
        self._marked = None if self._marked == run.id else self._marked
        self._fill(self.query_one(RunTable).after(run.id))
        self.app.notify("The run is erased.", timeout=3, markup=False)

    def _wanted(self) -> RunSummary | None:
        if self.chosen is None:
            self.say("Choose a run first")
        return self.chosen

    # around

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of runs are offered where there are runs."""
        return action not in OF_RUNS or bool(self._runs)

    def action_leave(self) -> None:
        """Show all runs again, or go back."""
        field = self.query_one("#history-search", Input)
        if field.value:
            field.value = ""
            self.query_one(RunTable).focus()
        elif self._marked is not None:
            self._marked = None
            self._show(chosen=self.chosen.id if self.chosen else None)
        else:
            self.dismiss()
