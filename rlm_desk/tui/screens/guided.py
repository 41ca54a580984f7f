"""The workspace with a guide: captions below the panes, one step after another, by key or by itself.

Behind the last caption the guide goes, and what is left is a desk to ask.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar, Protocol

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.timer import Timer
from textual.worker import Worker

from rlm_desk.errors import DeskError
from rlm_desk.tui.port import DeskPort
from rlm_desk.tui.screens.workspace import Workspace
from rlm_desk.tui.start import Start
from rlm_desk.tui.widgets.captions import Captions
from rlm_desk.tui.widgets.documents import Documents
from rlm_desk.tui.widgets.inspector import Inspector
from rlm_desk.tui.widgets.question import QuestionBox
from rlm_desk.tui.widgets.recursion import RecursionTree
from rlm_desk.tui.widgets.runpane import RecursionPane

LEAST_SECONDS = 7.0
"""That a caption stands when it goes on by itself."""
LETTERS = 14
"""Letters a second that an audience reads beside the picture."""
LOST = "This did not come to its end."
"""Said where a step's work was cancelled, or failed."""
NOT_GUIDED = frozenset({"question", "add", "remove_document", "workspaces"})
"""Commands that would lead away from what is told, or change it."""


class StepPort(Protocol):
    """One caption."""

    @property
    def title(self) -> str: ...
    @property
    def look(self) -> str: ...
    @property
    def work(self) -> str:
        """``plain``, ``run`` or nothing: what it sets going."""

    @property
    def meanwhile(self) -> str:
        """Said until its caption can be."""


class GuidePort(Protocol):
    """What is said, and when."""

    @property
    def steps(self) -> Sequence[StepPort]: ...
    def says(self, index: int) -> str | None: ...
    async def begin(self, desk: Any) -> str:
        """Documents are loaded. The question of the run."""

    async def ask_plainly(self, desk: Any) -> tuple[str, str]:
        """What the model says without recursion, and what that is worth."""

    async def judge(self, answer: Any) -> str: ...
    def seen(self, view: Any, read: str) -> None:
        """The run as it stands."""


class Guided(Workspace):
    """Goes through the steps of a guide."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        Binding("space,right", "next_step", "Next", key_display="Space", priority=True),
        Binding("left,backspace", "step_back", "Back", key_display="←", priority=True),
        Binding("q,Q", "guided_quit", "Quit", priority=True),
    ]

    def __init__(
        self,
        open_desk: Callable[[], Awaitable[DeskPort]],
        start: Start,
        title: str,
        guide: GuidePort,
        auto: bool,
    ) -> None:
        super().__init__(open_desk, start, title)
        self._guide = guide
        self._auto = auto
        self._step = 0
        self._said = ""
        self._since = 0.0
        """When the caption could be read."""
        self._looked = -1
        """The step whose picture was shown last."""
        self._plain: Worker[None] | None = None
        """Asks without recursion."""
        self._ticking: Timer | None = None
        self._over = False
        """The guide has gone."""
        self._question = ""

    def compose(self) -> ComposeResult:
        for widget in super().compose():
            if isinstance(widget, QuestionBox):
                yield Captions()
            yield widget

    def on_mount(self) -> None:
        self.query_one(QuestionBox).display = False
        self._ticking = self.set_interval(0.25, self._tick)
        self.call_after_refresh(self._tick)  # behind what the workspace does first: it shows its answers

    async def loaded(self) -> None:
        """The documents are there."""
        assert self.desk is not None
        self._say("")  # there is no question box to write into
        self._question = await self._guide.begin(self.desk)
        self.query_one(Documents).measured((await self.desk.estimate(self._question)).per_token)

    @property
    def ready(self) -> bool:
        """The caption of this step can be said."""
        return self._guide.says(self._step) is not None

    def _working(self, work: str) -> bool:
        """What this step set going still goes on."""
        return self.running if work == "run" else self._plain is not None and not self._plain.is_finished

    def _see(self) -> None:
        """Let the guide see the run as it stands."""
        session = self.session
        if session is not None:
            reading = session.reading()
            self._guide.seen(session.view, reading.headline if reading else "")

    def _tick(self) -> None:
        if self._over:
            return
        self._see()
        step = self._guide.steps[self._step]
        text = self._guide.says(self._step)
        ready = text is not None
        lost = bool(step.work) and not ready and not self._working(step.work)
        words = text if text is not None else LOST if lost else f"{step.meanwhile}…"
        last = self._step + 1 == len(self._guide.steps)
        leads = "" if not (ready or lost) else "again" if lost else "your question" if last else "next"
        said = f"{self._step} {leads} {words}"
        if said != self._said:
            self._said, self._since = said, time.monotonic()
            self.query_one(Captions).say(self._step + 1, len(self._guide.steps), step.title, words, leads, self._auto)
            if ready or self._step != self._looked:
                self._looked = self._step
                self._look(step.look)
        if self._auto and leads and time.monotonic() - self._since > max(LEAST_SECONDS, len(words) / LETTERS):
            if last or lost:
                self._auto = False
                self.app.call_later(self.app.run_action, "quit_desk")
            else:
                self.action_next_step()

    def action_next_step(self) -> None:
        """The next caption, once this one was said; what was lost begins again; behind the last, a free desk."""
        self._see()
        if self.ready and self._step + 1 == len(self._guide.steps):
            self._let_go()
            return
        self._step += self.ready
        step = self._guide.steps[self._step]
        if step.work and not self.ready and not self._working(step.work):
            if step.work == "plain":
                self._plain = self._plainly()
            else:
                self.ask(self._question, self._guide.judge)
            self._looked = -1  # asking again leads back to where it is seen
        self._tick()

    def action_step_back(self) -> None:
        """The caption before."""
        self._step = max(0, self._step - 1)
        self._tick()

    def _let_go(self) -> None:
        """The captions go, and the question box comes."""
        self._over = True
        if self._ticking is not None:
            self._ticking.stop()
        self.query_one(Captions).display = False
        self.query_one(QuestionBox).display = True
        self.action_question()
        self.refresh_bindings()
        self._say("Ask of these agreements yourself, or look around: F4 the tree")

    @work(exit_on_error=False)
    async def _plainly(self) -> None:
        assert self.desk is not None
        answers = self._display.answers
        turn = await answers.ask(self._question)
        try:
            answer, worth = await self._guide.ask_plainly(self.desk)
        except DeskError as problem:
            await turn.remove()
            self._display.tell(problem)
        else:
            turn.recall(answer)
            turn.note(worth, "bold $accent")

    def _look(self, look: str) -> None:
        """Show what the caption is about."""
        tree, pane = self.query_one(RecursionTree), self.query_one(RecursionPane)
        if pane.timed != (look == "timeline"):
            self._display.turn_over()
        if look in ("code", "call") and tree.view is not None and tree.view.root is not None:
            calls = [n.id for n in tree.view.nodes.values() if n.role == "call" and n.status == "done"]
            tree.reveal(tree.view.root if look == "code" or not calls else calls[0])
            self.query_one(Inspector).open_tab("code" if look == "code" else "prompt")
            self._display.choose(tree.chosen if tree.chosen is not None else 0)
            self.action_pane("inspector")
        else:
            self.action_pane({"tree": "recursion", "timeline": "recursion"}.get(look, look))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Steps as long as there is a guide; what would change what it tells of, once it has gone."""
        if action in ("next_step", "step_back", "guided_quit"):
            return not self._over
        if action in NOT_GUIDED and not self._over:
            return False
        return super().check_action(action, parameters)

    async def action_guided_quit(self) -> None:
        """A letter that leaves, while there is nothing to write."""
        await self.app.run_action("quit_desk")

    def action_question(self) -> None:
        """There is no question box while it is guided."""
        if self._over:
            super().action_question()

    def _judged(self) -> None:
        """The guide says what the verdict is."""
