"""The workspace with a guide: captions below the panes, one step after another, by key or by itself."""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar, Protocol

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding

from rlm_desk.errors import DeskError
from rlm_desk.tui.port import DeskPort
from rlm_desk.tui.screens.workspace import Workspace
from rlm_desk.tui.start import Start
from rlm_desk.tui.widgets.captions import Captions
from rlm_desk.tui.widgets.inspector import Inspector
from rlm_desk.tui.widgets.question import QuestionBox
from rlm_desk.tui.widgets.recursion import RecursionTree
from rlm_desk.tui.widgets.runpane import RecursionPane

LEAST_SECONDS = 7.0
"""That a caption stands when it goes on by itself."""
LETTERS = 14
"""Letters a second that an audience reads beside the picture."""


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

    async def ask_plainly(self, desk: Any) -> None: ...
    async def judge(self, answer: Any) -> str: ...
    def seen(self, view: Any, read: str) -> None:
        """The run as it stands."""


class Guided(Workspace):
    """Goes through the steps of a guide."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        Binding("space,right", "next_step", "Next", key_display="Space", priority=True),
        Binding("left,backspace", "step_back", "Back", key_display="←", priority=True),
        Binding("q", "app.quit_desk", "Quit", priority=True),
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
        self._begun: set[str] = set()
        self._question = ""

    def compose(self) -> ComposeResult:
        for widget in super().compose():
            if isinstance(widget, QuestionBox):
                yield Captions()
            yield widget

    def on_mount(self) -> None:
        self.query_one(QuestionBox).display = False
        self.show_pane("documents")
        self.set_interval(0.25, self._tick)
        self._tick()

    async def loaded(self) -> None:
        """The documents are there."""
        assert self.desk is not None
        self._say("")  # there is no question box to write into
        self._question = await self._guide.begin(self.desk)

    @property
    def ready(self) -> bool:
        """The caption of this step can be said."""
        return self._guide.says(self._step) is not None

    def _tick(self) -> None:
        session = self.session
        if session is not None:
            reading = session.reading()
            self._guide.seen(session.view, reading.headline if reading else "")
        step = self._guide.steps[self._step]
        text = self._guide.says(self._step)
        ready = text is not None
        said = f"{self._step} {ready} {text or step.meanwhile}"
        if said != self._said:
            self._said, self._since = said, time.monotonic()
            words = text if text is not None else f"{step.meanwhile}…"
            self.query_one(Captions).say(self._step + 1, len(self._guide.steps), step.title, words, ready, self._auto)
            if ready or self._step != self._looked:
                self._looked = self._step
                self._look(step.look)
        if self._auto and ready and time.monotonic() - self._since > max(LEAST_SECONDS, len(text or "") / LETTERS):
            if self._step + 1 < len(self._guide.steps):
                self.action_next_step()
            else:
                self._auto = False
                self.app.call_later(self.app.run_action, "quit_desk")

    def action_next_step(self) -> None:
        """The next caption, once this one was said."""
        if not self.ready:
            return
        self._step = min(self._step + 1, len(self._guide.steps) - 1)
        step = self._guide.steps[self._step]
        if step.work and step.work not in self._begun:
            self._begun.add(step.work)
            if step.work == "plain":
                self._plainly()
            else:
                self.ask(self._question, self._guide.judge)
        self._tick()

    def action_step_back(self) -> None:
        """The caption before."""
        self._step = max(0, self._step - 1)
        self._tick()

    @work(exit_on_error=False)
    async def _plainly(self) -> None:
        assert self.desk is not None
        try:
            await self._guide.ask_plainly(self.desk)
        except DeskError as problem:
            self._display.tell(problem)

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

    def action_question(self) -> None:
        """There is no question box while it is guided."""

    def _judged(self) -> None:
        """The guide says what the verdict is."""
