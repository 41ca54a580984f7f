"""The workspace: documents, conversation, recursion tree and inspector around one question box."""

import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import ClassVar

from textual import events, on, work
from textual.binding import Binding
from textual.widgets import Input
from textual.worker import Worker, WorkerState

from rlm_desk.clean import one_line
from rlm_desk.errors import DeskError
from rlm_desk.tui import keeping
from rlm_desk.tui.commands import bindings
from rlm_desk.tui.paths import pasted_paths
from rlm_desk.tui.port import DeskPort
from rlm_desk.tui.screens.asking import Asking
from rlm_desk.tui.screens.closing import Countdown
from rlm_desk.tui.screens.dialog import AddDialog
from rlm_desk.tui.screens.loading import load, warm
from rlm_desk.tui.screens.resuming import resume
from rlm_desk.tui.screens.switching import Switching
from rlm_desk.tui.start import Start, Verdict
from rlm_desk.tui.widgets.answer import AnswerPane, Conversation
from rlm_desk.tui.widgets.documents import Documents, DocumentTree
from rlm_desk.tui.widgets.question import QuestionBox

QUICK_SECONDS = 0.9
"""Between two letters of a word; who presses a key of a pane and then begins a question takes longer."""


class Workspace(Switching):
    """One workspace. All calls to the desk are made in asyncio workers of the app's loop.

    What is shown of a run is drawn by `Display`; a question goes its way in `Asking`.
    """

    parts: ClassVar[tuple[str, ...]] = (
        "workspace",
        "question",
        "documents",
        "answer",
        "tree",
        "timeline",
        "inspector",
        "source",
    )
    """Whose commands the palette and the help show while this screen is open."""
    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [*bindings("workspace")]

    def __init__(self, open_desk: Callable[[], Awaitable[DeskPort]], start: Start, title: str) -> None:
        super().__init__(title)
        self._open_desk = open_desk
        self._start = start
        self._warmed = False
        self._keeps = not start.paths
        self._keyed, self._keyed_at = "", 0.0
        """Letters that were taken as keys of a pane, one right behind the other, and when the last was."""
        self._asking = Asking(self, self._display, start, self._judged, self.ask_for_more)
        self._countdown = Countdown(self, self._display.say, self._close)

    @property
    def problem(self) -> DeskError | None:
        """The last error that was told."""
        return self._display.problem

    @property
    def lively(self) -> bool:
        """False where the person asked for less motion."""
        return self._display.lively

    def on_mount(self) -> None:
        self._display.mounted()
        if self._start.paths:
            self._display.wait(self._start.opening)
        else:
            self._say("Ctrl+O adds documents")
        self._begin()

    # start

    @work(exit_on_error=False)
    async def _begin(self) -> None:
        try:
            desk = self.desk = await self._open_desk()
            self.restore_layout(keeping.load(desk.settings.data_dir))
            self._display.confinement(desk)
            self._display.model(desk)
            if self._start.paths:
                await self._load(self._start.paths)
            else:
                await self._change(lambda: resume(desk, self._display))
            self._settled.set()
            await self.loaded()
        except DeskError as problem:
            self._display.tell(problem)
            return
        finally:
            self._settled.set()
        first = self._start.question
        if first:
            self.ask(first if isinstance(first, str) else first(), self._start.verdict)

    def show_model(self) -> None:
        """Say which model is asked, after another was chosen."""
        if self.desk is not None:
            self._display.model(self.desk)

    async def begin_with(self, folder: Path, question: str) -> None:
        """Come back to this screen, read a folder, and ask."""
        while self.app.screen is not self:
            await self.app.pop_screen()
        self.show_model()
        self._keeps = False
        if self.desk is not None:
            await self.desk.close_workspace()  # an empty one: these agreements do not belong into it
        self._load_and_ask(folder, question)

    @work(exit_on_error=False)
    async def _load_and_ask(self, folder: Path, question: str) -> None:
        await self._load([folder])
        self.ask(question)

    async def loaded(self) -> None:
        """For a guide: the desk is open, and what it starts with is loaded. Raises DeskError."""

    def _say(self, text: str) -> None:
        self._display.say(text)

    @on(Worker.StateChanged)
    def _worker_ended(self, event: Worker.StateChanged) -> None:
        # `exit_on_error` would end the app with a stack trace over it.
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self._display.broke(event.worker.error)

    # documents

    @work(exit_on_error=False)
    async def action_add(self) -> None:
        """Ask for a path and load it."""
        path = await self.app.push_screen_wait(AddDialog())
        if path:
            self.show_pane("documents")
            self.set_focus(self.query_one(QuestionBox))  # what comes next is a question of them
            await self._opening()
            await self._load([path])

    @work(exit_on_error=False)
    async def on_paste(self, event: events.Paste) -> None:
        """Load what was dragged into the window, which terminals give as a paste."""
        paths = pasted_paths(event.text)
        if paths:
            self.show_pane("documents")
            await self._opening()
            await self._load(paths)

    async def _load(self, paths: Sequence[Path | str]) -> None:
        desk = self._ready()
        if desk is None:
            return
        self._loading += 1
        try:
            await load(desk, paths, self.query_one(Documents), self._display, keep=self._keeps)
        finally:
            self._loading -= 1
        self._warm(desk)

    def _warm(self, desk: DeskPort) -> None:
        if desk.corpus.documents and not self._warmed:
            self._warmed = True
            self.run_worker(warm(desk, self._display), group="warm", exit_on_error=False)

    def action_remove_document(self) -> None:
        """Take the chosen document out of the workspace; its file is not touched."""
        chosen = self.query_one(Documents).chosen
        if self.desk is None or chosen is None or chosen.kind != "document":
            self._say("Choose a document first")
            return
        self.desk.remove(chosen.document)
        self.query_one(Documents).show(self.desk.corpus, self.desk.skipped)
        self._say(f"{one_line(chosen.name)} was removed from this workspace; the file is untouched")

    def action_preview(self) -> None:
        """Read the chosen document, or fold its folder."""
        chosen = self.query_one(Documents).chosen
        if self.desk is None or chosen is None:
            return
        if chosen.kind == "document":
            corpus = self.desk.corpus
            found = (p for p in corpus.documents if p.document.id == chosen.document and p.document.name == chosen.name)
            self.open_document(corpus, next(found))
        elif chosen.kind == "skipped" and chosen.name:
            self._say(f"{chosen.name} {chosen.reason}")
        else:
            self.query_one(DocumentTree).fold()

    # questions

    @on(Input.Submitted, "#question")
    def _submitted(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self._ask_written()

    @work(exit_on_error=False, exclusive=True, group="written")
    async def _ask_written(self) -> None:
        """Ask what stands in the question box; while the desk still opens, when it is open."""
        await self._opening("your question is asked")
        field = self.query_one(QuestionBox)
        question = field.value.strip()
        if question and self.ask(question):
            field.value = ""

    def ask(self, question: str, verdict: Verdict | None = None) -> bool:
        """Start a run. False when one goes on already or there is nothing to ask."""
        desk = self._ready()
        if desk is None:
            return False
        if self.running:
            self._asking.queue(question)
            return True
        if not desk.corpus.documents:
            self._say("There is nothing to read yet: Ctrl+O adds documents")
            return False
        self.show_pane("answer")
        self._asking.begin(desk, question, verdict)
        return True

    def action_recall(self, by: int) -> None:
        """Bring back a question of this conversation."""
        self.query_one(QuestionBox).recall([turn.question for turn in self.query_one(AnswerPane).turns], by)

    def action_back(self) -> None:
        """Leave the zoomed pane, or go back to the question."""
        if self.zoomed:
            self.action_zoom()
            return
        self.close_source()
        self.action_question()

    def heard(self, key: events.Key) -> None:
        """A letter that is no key of where the focus is begins a question, or goes on with one.

        Letters right before it that were keys there began the same word: they did what they do, and are written too.
        """
        if not self.is_mounted or isinstance(self.focused, Input) or not key.is_printable:
            self._keyed = ""
            return
        now, box = time.monotonic(), self.query_one(QuestionBox)
        before, self._keyed_at = self._keyed if now - self._keyed_at < QUICK_SECONDS else "", now
        self._keyed = ""
        if key.key == "space" or key.key in self.active_bindings:
            self._keyed = before + (key.character or "")
        elif box.display:
            self.set_focus(box)  # the key itself comes after, as do those typed behind it
            box.insert_text_at_cursor(before.lstrip())

    def on_screen_suspend(self) -> None:
        """A key that opened a dialog began no word."""
        self._keyed = ""

    # after a demonstration

    def _judged(self) -> None:
        self.call_after_refresh(self._make_room)
        if self._start.closes_after is not None:
            self._countdown.start(self._start.closes_after)

    def _make_room(self) -> None:
        """Zoom the answer where question, answer and verdict cannot be seen together in its pane."""
        if self.query_one(Conversation).max_scroll_y > 0 and not self.zoomed:
            self.show_pane("answer")
            self.action_zoom()

    def stay(self) -> bool:
        """Stop the countdown to closing. False when there is none."""
        if not self._countdown.stay():
            return False
        back = "F8 shows all panes, " if self.zoomed else ""
        self._say(f"Ask something else, or look around: {back}F4 the tree. Ctrl+Q leaves")
        return True

    def _close(self) -> None:
        self.call_later(self.app.run_action, "quit_desk")
