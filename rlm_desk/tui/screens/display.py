"""What a workspace shows of a run, and what its status line says. Draws only when something happened."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.screen import Screen
from textual.timer import Timer

from rlm_desk.clean import clean, one_line
from rlm_desk.corpus import Corpus
from rlm_desk.errors import DeskError
from rlm_desk.rlm.tree import TreeView
from rlm_desk.tui.port import Answer, DeskPort
from rlm_desk.tui.session import Reading, Session
from rlm_desk.tui.widgets.answer import AnswerPane, Conversation
from rlm_desk.tui.widgets.bars import BudgetBar, StatusLine, TitleBar
from rlm_desk.tui.widgets.documents import Documents
from rlm_desk.tui.widgets.inspector import Inspector
from rlm_desk.tui.widgets.pane import Pane
from rlm_desk.tui.widgets.question import QuestionBox
from rlm_desk.tui.widgets.recursion import RecursionTree
from rlm_desk.tui.widgets.runpane import RecursionPane
from rlm_desk.tui.widgets.source import SourcePane
from rlm_desk.tui.widgets.timeline import Timeline
from rlm_desk.tui.widgets.turn import Turn
from rlm_desk.tui.wording import plural, told, way_out

if TYPE_CHECKING:
    from rlm_desk.evidence.account import Evidence

FRAMES = 20
"""Frames a second while something goes on; none are drawn when nothing happens."""

SAID_SECONDS = 4.0
"""How long a word in the status line stands before the run's line comes back."""


class Display:
    """Draws one session into the panes of a screen that holds them."""

    def __init__(self, screen: Screen[None]) -> None:
        self._screen = screen
        self._timer: Timer | None = None
        self._working = False
        self._waiting = ""
        self._said_until = 0.0
        self._reading: Reading | None = None
        self.clock: Callable[[], float] = time.time
        """The moment that is shown, in seconds since the epoch: another one where a run is played again."""
        self.session: Session | None = None
        """The run that goes on, the last one, or one from the history."""
        self.turn: Turn | None = None
        self._forgets = False
        """The model does not know the questions before."""
        self.stopping = False
        """The run was told to stop."""
        self.paused: Callable[[], bool] = lambda: False
        """Whether the run rests."""
        self.problem: DeskError | None = None
        """The last error that was told."""

    def mounted(self) -> None:
        """The panes are there."""
        self._timer = self._screen.set_interval(1 / FRAMES, self.frame, pause=True)

    @property
    def lively(self) -> bool:
        """False where the person asked for less motion."""
        return self._screen.app.animation_level != "none"

    @property
    def _status(self) -> StatusLine:
        return self._screen.query_one(StatusLine)

    # the status line

    def say(self, text: str) -> None:
        """A quiet word; the line of the run comes back after a while."""
        self._waiting = ""
        self._said_until = time.time() + SAID_SECONDS
        self._status.idle(clean(text))
        self._pace()

    def wait(self, text: str) -> None:
        """Something takes its time: its name with a live sign, until the next word."""
        self._waiting = text
        self._status.busy(text, self.lively)
        self._pace()

    def tell(self, problem: DeskError, turn: Turn | None = None) -> None:
        """An error: what happened and what to do, in a notice and under the question it befell."""
        self.problem = problem
        text = told(problem)
        self._screen.notify(text, title="That did not work", severity="error", timeout=12, markup=False)
        if turn is not None:
            self.frame()  # what the run itself says is seen before it is compared
            known = turn is self.turn and self.session is not None and self.session.view.error == problem.sentence
            if below := way_out(problem) if known else text:  # the run's own line says the rest
                self.note(below, "$error", turn)
        self.say(one_line(text, 300))

    def broke(self, problem: BaseException) -> None:
        """A defect of ours must be seen; it does not end the app."""
        self._screen.log.error(repr(problem))
        text = clean(f"{type(problem).__name__}: {problem}\nThis is a defect of rlm-desk. Please report it.")
        self._screen.notify(text, title="Something broke", severity="error", timeout=20, markup=False)

    def confinement(self, desk: DeskPort) -> None:
        """Keep on the screen that what is hostile runs with the person's rights, and where text is sent."""
        self._status.marks(bool(desk.unconfined), desk.server)

    def model(self, desk: DeskPort) -> None:
        """Say which model is asked and how much it holds: as the engine loaded it, once it has."""
        try:
            model = desk.model
        except DeskError as problem:
            self._screen.query_one(TitleBar).describe("", False, 0)
            self.answers.teach(desk.leaves, "")
            self.tell(problem)
            return
        running = desk.machine.running
        window = running.window if running is not None else model.window
        self._screen.query_one(TitleBar).describe(model.name, model.demonstration, window)
        self.answers.teach(desk.leaves, model.name if model.demonstration else "")
        self._forgets = model.demonstration
        self._invite()

    def _invite(self) -> None:
        """Say in the question box how the next question is to be put."""
        self._screen.query_one(QuestionBox).invite(whole=self._forgets and bool(self.answers.turns))

    # a run

    def work(self, working: bool) -> None:
        """Whether a question is being prepared or answered. Frames are drawn meanwhile, and one at the end."""
        self._working = working
        if not working:
            if self._waiting or time.time() > self._said_until:
                self._waiting = ""
                self._status.idle("")
            self.frame()
        self._pace()

    def _pace(self) -> None:
        if self._timer is not None:
            if self._working or self._waiting:
                self._timer.resume()
            else:
                self._timer.pause()

    async def begin(self, corpus: Corpus, question: str) -> tuple[Session, Turn]:
        """Clear the panes for a new question."""
        turn = await self._screen.query_one(AnswerPane).ask(question)
        # Together, and only now: a frame between them would draw the new session into the turn before.
        self.turn, self.session, self.stopping = turn, Session(corpus), False
        self._tree(None, None)
        self._screen.query_one(Inspector).show(None, None)
        return self.session, turn

    @property
    def answers(self) -> AnswerPane:
        """The conversation."""
        return self._screen.query_one(AnswerPane)

    def recall(self, turn: Turn, session: Session) -> None:
        """Show a run of an earlier start as the last one."""
        self.turn, self.session, self.stopping = turn, session, False
        self._invite()
        self.frame()

    async def clear(self, desk: DeskPort) -> None:
        """Show a desk's documents, and no run."""
        self.turn = self.session = self._reading = None
        await self._screen.query_one(AnswerPane).clear()
        self._invite()
        self._screen.query_one(SourcePane).clear()
        self._screen.query_one(Documents).show(desk.corpus, desk.skipped)
        self._tree(None, None)
        self._screen.query_one("#recursion", Pane).caption("")
        self._screen.query_one(Inspector).show(None, None)
        self._screen.query_one(BudgetBar).show(None)

    def finished(self, answer: Answer) -> None:
        """The last frame of a run."""
        self._said_until = 0.0
        self.frame()
        if self.session is not None and not self.session.view.answer and not self.session.view.error and answer.why:
            self.note(answer.why, "$error")

    def rests(self, turn: Turn, session: Session, evidence: Evidence, *, to_end: bool = False) -> None:
        """Say what an answer rests on: numbers behind its statements, stars in the tree.

        The answer is seen from its question on; `to_end`: from its end, where more comes below it.
        """
        turn.rest(evidence, session.corpus)
        if session is self.session:
            self._screen.query_one(RecursionTree).mark(frozenset(source.node for source in evidence.sources))
            conversation = self._screen.query_one(Conversation)
            if to_end:
                conversation.call_after_refresh(conversation.scroll_end, animate=False)
            else:
                conversation.call_after_refresh(conversation.scroll_to_widget, turn, top=True, animate=False)

    def note(self, text: str, style: str, turn: Turn | None = None) -> None:
        """A sentence below an answer: the last one's, if not told which."""
        turn = turn or self.turn
        if turn is not None:
            self._screen.query_one(AnswerPane).note(turn, text, style)

    def frame(self) -> None:
        """Draw what is new."""
        if self._waiting:
            self._status.busy(self._waiting, self.lively)
        session, now = self.session, self.clock()
        if session is None:
            return
        view = session.frame(now)
        if view is not None:
            self._draw(session, view, now)
        elif session.view.running:
            self._tree(session.view, now)
        if session.view.started is not None:
            self._screen.query_one(BudgetBar).show(session.view, now)
        if self._waiting or time.time() < self._said_until:
            return
        if session.view.started is not None:
            self._status.show(session.view, now, session.rate(now), self.lively, self.stopping, self.paused())
        elif self._working:
            self._status.busy("Starting the model", self.lively)

    def _draw(self, session: Session, view: TreeView, now: float) -> None:
        if self.turn is not None:
            if session.root_asked:
                session.root_asked = False
                self.turn.new_reply()
            for piece in session.pieces:
                self.turn.take_text(piece)
            session.pieces.clear()
            self._screen.query_one(AnswerPane).show(self.turn, view, session.reading(now if view.running else None))
        tree = self._screen.query_one(RecursionTree)
        before = tree.chosen
        self._tree(view, now if view.running else None)
        if tree.chosen is not None and (tree.chosen in view.changed or tree.chosen != before):
            self._screen.query_one(Inspector).show(session.detail(tree.chosen), view, session.pages)
        self._caption(view)
        self._read(session, now if view.running else None)

    def _tree(self, view: TreeView | None, now: float | None) -> None:
        """Tree and timeline: whichever is seen draws."""
        self._screen.query_one(RecursionTree).show(view if view is not None and view.nodes else None, now)
        self._screen.query_one(Timeline).show(now)

    def turn_over(self) -> None:
        """The run as a tree, or over time."""
        view = self.session.view if self.session is not None else None
        self._screen.query_one(RecursionPane).turn(self.clock() if view is not None and view.running else None)
        if view is not None:
            self._caption(view)
        else:
            self._screen.query_one(RecursionPane).caption("")

    def _read(self, session: Session, now: float | None) -> None:
        """Fill the strips of the documents."""
        reading = session.reading(now)
        if reading is not self._reading:
            self._reading = reading
            ledger = reading.ledger if reading else None
            documents = self._screen.query_one(Documents)
            if documents.showing is session.corpus:
                documents.read(ledger, reading.headline if reading else "")
            source = self._screen.query_one(SourcePane)
            if source.corpus is session.corpus:
                source.read(ledger)

    def _caption(self, view: TreeView) -> None:
        self._screen.query_one("#recursion", Pane).caption(plural(len(view.nodes), "node") if view.nodes else "")

    def choose(self, node: int) -> None:
        """Show a node in the inspector."""
        if self.session is not None and node in self.session.view.nodes:
            self._screen.query_one(Inspector).show(self.session.detail(node), self.session.view, self.session.pages)
