"""The workspace: documents, conversation, recursion tree and inspector around one question box."""

import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import ClassVar, Literal, cast

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Footer, Input
from textual.worker import Worker, WorkerState

from rlm_desk.clean import clean, one_line
from rlm_desk.errors import DeskError
from rlm_desk.tui.commands import bindings
from rlm_desk.tui.port import Answer, DeskPort, Progress, RunPort
from rlm_desk.tui.screens.dialog import AddDialog, ConsentDialog
from rlm_desk.tui.screens.history import History
from rlm_desk.tui.screens.reading import document_screen
from rlm_desk.tui.session import Session
from rlm_desk.tui.widgets.answer import AnswerPane, Conversation, Turn
from rlm_desk.tui.widgets.bars import BudgetBar, PaneTabs, StatusLine, TitleBar
from rlm_desk.tui.widgets.documents import Documents, DocumentTree
from rlm_desk.tui.widgets.inspector import Inspector, InspectorText
from rlm_desk.tui.widgets.pane import Pane
from rlm_desk.tui.widgets.recursion import RecursionTree
from rlm_desk.tui.wording import plural, spoken_duration

FRAMES = 20
"""Frames a second while a run goes on; none are drawn when nothing happens."""

CONSENT_SECONDS = 60.0
"""A run expected to take longer is asked for."""

SAID_SECONDS = 4.0
"""How long a word in the status line stands before the run's line comes back."""

Verdict = Callable[[Answer], str]


class Workspace(Screen[None]):
    """One workspace. All calls to the desk are made here, in asyncio workers of the app's loop."""

    AUTO_FOCUS = "#question"
    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [*bindings("workspace")]

    def __init__(
        self,
        open_desk: Callable[[], Awaitable[DeskPort]],
        paths: Sequence[Path | str],
        question: str | None,
        title: str,
        verdict: Verdict | None,
    ) -> None:
        super().__init__()
        self._open_desk = open_desk
        self._paths = tuple(paths)
        self._first_question = question
        self._title = title
        self._verdict = verdict
        self.desk: DeskPort | None = None
        """None until the store is open."""
        self.run: RunPort | None = None
        """The run that goes on."""
        self.session: Session | None = None
        """What the panes show: the run that goes on, the last one, or one from the history."""
        self._turn: Turn | None = None
        self._asking: Worker[None] | None = None
        self._stopping = False
        self._said_until = 0.0
        self._warmed = False
        self._timer: Timer | None = None

    # layout

    def compose(self) -> ComposeResult:
        yield TitleBar(self._title)
        yield PaneTabs()
        with Container(id="panes"):
            yield Documents(1, "Documents", id="documents")
            yield AnswerPane(2, "Answer", id="answer")
            with Pane(3, "Tree", id="recursion"):
                yield RecursionTree(id="tree")
            yield Inspector(4, "Inspector", id="inspector")
        yield Input(placeholder="Ask a question of all documents, then press Enter", id="question")
        yield BudgetBar()
        yield StatusLine()
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one("#question").border_title = "Question"
        self._show_pane("answer")
        self._timer = self.set_interval(1 / FRAMES, self._frame, pause=True)
        self._say("Ctrl+O adds documents")
        self._begin()

    @property
    def lively(self) -> bool:
        """False where the person asked for less motion."""
        return self.app.animation_level != "none"

    @property
    def running(self) -> bool:
        """A question is being prepared or answered."""
        return self._asking is not None

    def _show_pane(self, ident: str) -> None:
        for pane in self.query(Pane):
            pane.set_class(pane.id == ident, "-current")
        self.query_one(PaneTabs).show(ident)

    @on(events.DescendantFocus)
    def _focus_moved(self) -> None:
        focused = self.focused
        within = {id(node) for node in focused.ancestors_with_self} if focused is not None else set()
        for pane in self.query(Pane):
            active = id(pane) in within
            pane.set_class(active, "-active")
            if active and pane.id:
                self._show_pane(pane.id)

    @on(PaneTabs.Wanted)
    def _tab_clicked(self, event: PaneTabs.Wanted) -> None:
        self.action_pane(event.pane)

    def action_pane(self, ident: str) -> None:
        """Show a pane and put the focus into it."""
        self._show_pane(ident)
        targets: dict[str, type[Widget]] = {
            "documents": DocumentTree,
            "answer": Conversation,
            "recursion": RecursionTree,
            "inspector": InspectorText,
        }
        widget = self.query_one(targets[ident])
        if widget.display:
            widget.focus()

    def action_question(self) -> None:
        """Focus the question box."""
        self.query_one("#question").focus()

    def action_zoom(self) -> None:
        """Give the pane in focus the whole screen, or all panes their place."""
        self.toggle_class("-zoomed")

    # start

    @work(exit_on_error=False)
    async def _begin(self) -> None:
        try:
            desk = await self._open_desk()
        except DeskError as problem:
            self._tell(problem)
            return
        self.desk = desk
        self._show_model()
        if self._paths:
            await self._load(self._paths)
        if self._first_question:
            self.ask(self._first_question)

    def _show_model(self) -> None:
        assert self.desk is not None
        try:
            model = self.desk.model
        except DeskError as problem:
            self._tell(problem)
            return
        self.query_one(TitleBar).describe(model.name, model.demonstration, model.window)

    # documents

    @work(exit_on_error=False)
    async def action_add(self) -> None:
        """Ask for a path and load it."""
        path = await self.app.push_screen_wait(AddDialog())
        if path:
            self._show_pane("documents")
            await self._load([path])

    async def _load(self, paths: Sequence[Path | str]) -> None:
        desk = self._ready()
        if desk is None:
            return
        pane = self.query_one(Documents)
        latest: list[Progress] = []
        drawn = 0.0

        def on_progress(progress: Progress) -> None:
            nonlocal drawn
            latest[:] = [progress]
            if time.monotonic() - drawn > 0.1:
                drawn = time.monotonic()
                pane.progress(progress)
                self._say(f"Reading {progress.done:,} of {progress.total:,} files")

        self._say("Looking for documents")
        try:
            report = await desk.load(paths, on_progress)
        except DeskError as problem:
            self._tell(problem)
            return
        finally:
            pane.progress(None)
            pane.show(desk.corpus, desk.skipped)
        added = plural(len(report.added), "document")
        skipped = f"; {plural(len(report.skipped), 'file')} skipped, see the documents pane" if report.skipped else ""
        self._say(f"{added} added{skipped}. Write a question and press Enter")

        if desk.corpus.documents and not self._warmed:
            self._warmed = True
            self._warm(desk)

    @work(exit_on_error=False, group="warm")
    async def _warm(self, desk: DeskPort) -> None:
        """Load the model while the person writes the question; a model that cannot be loaded is said now."""
        try:
            await desk.warm()
        except DeskError as problem:
            self._tell(problem)

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
            found = (p.document for p in self.desk.corpus.documents if p.document.id == chosen.document)
            self.app.push_screen(document_screen(next(found)))
        elif chosen.kind == "skipped" and chosen.name:
            self._say(f"{chosen.name} {chosen.reason}")
        else:
            node = self.query_one(DocumentTree).cursor_node
            if node is not None:
                node.toggle()

    # questions

    @on(Input.Submitted, "#question")
    def _submitted(self, event: Input.Submitted) -> None:
        question = event.value.strip()
        if question and self.ask(question):
            event.input.value = ""

    def ask(self, question: str) -> bool:
        """Start a run. False when one goes on already or there is nothing to ask."""
        desk = self._ready()
        if desk is None:
            return False
        if self.running:
            self._say("A question is being answered: Esc cancels it")
            return False
        if not desk.corpus.documents:
            self._say("There is nothing to read yet: Ctrl+O adds documents")
            return False
        self._asking = self._answer(desk, question)
        self.refresh_bindings()
        return True

    @work(exit_on_error=False, group="ask")
    async def _answer(self, desk: DeskPort, question: str) -> None:
        first = self._first_question == question
        try:
            if not await self._consented(desk, question):
                return
            self._stopping = False
            session = self.session = Session(desk.corpus)
            self._turn = await self.query_one(AnswerPane).ask(question)
            self.query_one(RecursionTree).show(None)
            self.query_one(Inspector).show(None, None)
            self._show_pane("answer")
            run = self.run = desk.ask(question)
            run.on_text(session.take_text)
            self._said_until = 0.0
            if self._timer is not None:
                self._timer.resume()
            await session.follow(aiter(run))
            session.interrupt()
            answer = cast(Answer, await run.result())
            self._said_until = 0.0
            self._frame()
            if not session.view.answer and not session.view.error and answer.why:
                self._turn.note(answer.why, "$error")
            if first and self._verdict is not None:
                self._turn.note(self._verdict(answer), "bold $accent")
        except DeskError as problem:
            self._tell(problem)
        finally:
            self.run = self._asking = None
            self._say("")
            if self._timer is not None:
                self._timer.pause()
            self._frame()
            self.refresh_bindings()

    async def _consented(self, desk: DeskPort, question: str) -> bool:
        """Say what a run will take; ask when it is long."""
        self._wait("Estimating what this will take")
        estimate = await desk.estimate(question)
        self._say(f"About {estimate.tokens:,} tokens, {spoken_duration(estimate.seconds)}" if estimate.seconds else "")
        if estimate.seconds <= CONSENT_SECONDS:
            return True
        if await self.app.push_screen_wait(ConsentDialog(estimate)) == "yes":
            return True
        self.query_one("#question", Input).value = question
        return False

    def action_stop(self) -> None:
        """Cancel the run that goes on."""
        if self.run is not None:
            self._stopping = True
            self.run.cancel()
        elif self._asking is not None:
            self._asking.cancel()

    def action_back(self) -> None:
        """Leave the zoomed pane, or go back to the question."""
        if self.has_class("-zoomed"):
            self.remove_class("-zoomed")
        else:
            self.query_one("#question").focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc cancels while there is something to cancel, and goes back otherwise."""
        if action == "stop":
            return self.running
        return not (action == "back" and self.running)

    # drawing

    def _frame(self) -> None:
        session, now = self.session, time.time()
        if session is None:
            return
        view = session.frame(now)
        tree = self.query_one(RecursionTree)
        if view is not None:
            if self._turn is not None:
                if session.root_asked:
                    session.root_asked = False
                    self._turn.new_reply()
                for piece in session.pieces:
                    self._turn.take_text(piece)
                session.pieces.clear()
                over = view.ended is not None
                self.query_one(AnswerPane).show(self._turn, view, session.headline() if over else "")
            before = tree.chosen
            tree.show(view if view.nodes else None, now if view.running else None)
            if tree.chosen is not None and (tree.chosen in view.changed or tree.chosen != before):
                self.query_one(Inspector).show(session.detail(tree.chosen), view)
            self.query_one("#recursion", Pane).caption(plural(len(view.nodes), "node") if view.nodes else "")
        elif session.view.running:
            tree.show(session.view if session.view.nodes else None, now)
        if session.view.started is not None:
            self.query_one(BudgetBar).show(session.view, now)
            if now > self._said_until:
                self.query_one(StatusLine).show(session.view, now, session.rate(now), self.lively, self._stopping)
        elif self.running:
            self.query_one(StatusLine).busy("Starting the model", self.lively)

    @on(RecursionTree.Chosen)
    def _chosen(self, event: RecursionTree.Chosen) -> None:
        if self.session is not None and event.node in self.session.view.nodes:
            self.query_one(Inspector).show(self.session.detail(event.node), self.session.view)

    def _say(self, text: str) -> None:
        """A quiet word in the status line; with none, the line of the last run."""
        if text or self.session is None or self.session.view.started is None:
            self._said_until = time.time() + SAID_SECONDS
            self.query_one(StatusLine).idle(clean(text))

    def _wait(self, text: str) -> None:
        self.query_one(StatusLine).busy(text, self.lively)

    def _tell(self, problem: DeskError) -> None:
        """An error: what happened and what to do, in a notice and under the question."""
        text = clean(f"{problem.sentence}\n{problem.next_step}".strip())
        self.notify(text, title="That did not work", severity="error", timeout=12, markup=False)
        if self.running and self._turn is not None:
            self._turn.note(text, "$error")
        self._say(one_line(text, 300))

    def _ready(self) -> DeskPort | None:
        if self.desk is None:
            self._say("The desk is still opening")
        return self.desk

    @on(Worker.StateChanged)
    def _worker_ended(self, event: Worker.StateChanged) -> None:
        # A defect of ours must be seen; `exit_on_error` would end the app with a stack trace over it.
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            problem = event.worker.error
            self.log.error(repr(problem))
            text = clean(f"{type(problem).__name__}: {problem}\nThis is a defect of rlm-desk. Please report it.")
            self.notify(text, title="Something broke", severity="error", timeout=20, markup=False)

    # tree and inspector

    def action_fold(self) -> None:
        """Fold or unfold the chosen node."""
        self.query_one(RecursionTree).fold()

    def action_jump(self, to: str) -> None:
        """Go to a node worth seeing."""
        if not self.query_one(RecursionTree).jump(cast(Literal["failed", "slowest"], to)):
            self._say("No node failed" if to == "failed" else "There is no sub-call yet")

    def action_tab(self, by: int) -> None:
        """Change the inspector's tab."""
        self.query_one(Inspector).turn_tab(by)

    # answers and history

    def action_copy_answer(self) -> None:
        """Copy the last answer (OSC 52: the terminal does not say whether it took it)."""
        turn = self.query_one(AnswerPane).last
        if turn is None or not turn.answer:
            self._say("There is no answer yet")
            return
        self.app.copy_to_clipboard(turn.answer)
        self._say("Sent to the clipboard. If your terminal does not take it, Ctrl+S saves a file")

    def action_save_answer(self) -> None:
        """Write the last question and answer to a file in the working directory."""
        turn = self.query_one(AnswerPane).last
        if turn is None or not turn.answer:
            self._say("There is no answer yet")
            return
        path = Path(f"answer-{time.strftime('%Y%m%d-%H%M%S')}.txt")
        try:
            path.write_text(turn.plain, encoding="utf-8")
        except OSError as problem:
            self._tell(DeskError(f"The answer could not be saved: {problem.strerror}.", "Copy it with Ctrl+Y."))
            return
        self._say(f"Saved as {path.absolute()}")

    @work(exit_on_error=False, group="history")
    async def action_history(self) -> None:
        """Choose an earlier run and show it here."""
        desk = self._ready()
        if desk is None:
            return
        if self.running:
            self._say("A question is being answered: Esc cancels it, then the history opens")
            return
        try:
            chosen = await self.app.push_screen_wait(History(await desk.runs()))
            if chosen:
                await self._replay(desk, chosen)
        except DeskError as problem:
            self._tell(problem)

    async def _replay(self, desk: DeskPort, run: str) -> None:
        self._wait("Opening the run")
        recorded = await desk.replay(run)
        session = Session(desk.corpus)
        await session.replay(recorded)
        if self.running:
            return
        self.session = session
        view = session.frame(time.time())
        assert view is not None
        session.pieces.clear()
        turn = self._turn = Turn(view.question)
        turn.show(view, session.headline())
        turn.note(f"From the history, {time.strftime('%Y-%m-%d %H:%M', time.localtime(view.updated))}.")
        await self.query_one(AnswerPane).add(turn)
        tree = self.query_one(RecursionTree)
        tree.show(None)
        tree.show(view if view.nodes else None)
        self.query_one("#recursion", Pane).caption(plural(len(view.nodes), "node"))
        self.query_one(BudgetBar).show(view)
        self.query_one(StatusLine).show(view, time.time(), session.rate(0), self.lively)
        self._show_pane("answer")
