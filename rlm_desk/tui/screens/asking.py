"""One question at a time: what it will take, the run, and what is made of the answer."""

import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

from textual.widgets import Input
from textual.worker import Worker

from rlm_desk.errors import DeskError
from rlm_desk.events import BudgetAsked, Recorded
from rlm_desk.tui.awake import awake
from rlm_desk.tui.notice import notify
from rlm_desk.tui.port import DeskPort, Estimate, RunPort
from rlm_desk.tui.screens.dialog import ConsentDialog
from rlm_desk.tui.screens.display import Display
from rlm_desk.tui.screens.looking import Looking
from rlm_desk.tui.start import Start, Verdict
from rlm_desk.tui.widgets.documents import Documents
from rlm_desk.tui.widgets.turn import Turn
from rlm_desk.tui.wording import RUN_WORDS, plural, spoken_duration

LONG_SECONDS = 30.0
"""The end of a run that took longer is told to who looks elsewhere (setting `notice`)."""

CONSENT_SECONDS = 60.0
"""A run expected to take longer is asked for."""


class Asking:
    """Asks the desk in an asyncio worker of the screen.

    `judged` is called after a verdict was shown, `spent` when a budget ran out and the run waits for an answer.
    """

    def __init__(
        self,
        screen: Looking,
        display: Display,
        start: Start,
        judged: Callable[[], None],
        spent: Callable[[BudgetAsked], object],
    ) -> None:
        self._screen = screen
        self._display = display
        self._start = start
        self._judged = judged
        self._spent = spent
        self._worker: Worker[None] | None = None
        self.waiting: deque[str] = deque()
        """Questions asked meanwhile, in order."""
        self.run: RunPort | None = None
        """The run that goes on."""
        display.paused = lambda: self.run is not None and self.run.paused

    @property
    def running(self) -> bool:
        """A question is being prepared, answered or judged."""
        return self._worker is not None

    def begin(self, desk: DeskPort, question: str, verdict: Verdict | None = None) -> None:
        """Start; nothing else must be running."""
        work = self._answer(desk, question, verdict)
        self._worker = self._screen.run_worker(work, group="ask", exit_on_error=False)
        self._screen.refresh_bindings()

    def stop(self) -> None:
        """Cancel what goes on."""
        if self.run is not None:
            self._display.stopping = True
            self.run.cancel()
        elif self._worker is not None:
            self._worker.cancel()

    def queue(self, question: str) -> None:
        """Ask this when what goes on is over."""
        self.waiting.append(question)
        self.tell_queue()
        waiting = plural(len(self.waiting), "question")
        self._display.say(f"{waiting} waiting; asked when this one is answered. Ctrl+K lists them")

    def tell_queue(self) -> None:
        """Say on the question box how many questions wait."""
        waiting = f" · {len(self.waiting)} waiting (Ctrl+K)" if self.waiting else ""
        self._screen.query_one("#question", Input).border_title = f"Question{waiting}"
        self._screen.refresh_bindings()

    async def _seen(self, events: AsyncIterator[Recorded]) -> AsyncIterator[Recorded]:
        """Events as they come; one that asks the person is put to them."""
        async for one in events:
            yield one
            if isinstance(one.event, BudgetAsked):
                self._spent(one.event)

    async def _answer(self, desk: DeskPort, question: str, verdict: Verdict | None) -> None:
        display = self._display
        turn: Turn | None = None
        judged = False
        began = time.monotonic()
        display.work(True)
        try:
            estimate = await self._consented(desk, question)
            if estimate is None:
                return
            self._screen.leave_sources()
            session, turn = await display.begin(desk.corpus, question)
            async with awake():
                run = self.run = desk.ask(question, estimate=estimate)
                self._screen.refresh_bindings()  # now there is something to pause and to hurry
                run.watch()
                run.on_text(session.take_text)
                await session.follow(self._seen(aiter(run)))
                session.interrupt()
                answer = await run.result()
                self.run = None
                self._screen.refresh_bindings()
            display.finished(answer)
            display.model(desk)
            if session.view.answer and session.reading() is not None:
                display.rests(turn, session, await run.evidence(), to_end=verdict is not None)
            if verdict is not None and session.view.status != "cancelled":
                await self._judge(answer, verdict, turn)
                judged = True
        except DeskError as problem:
            display.tell(problem, turn)
        finally:
            if turn is None:
                self._give_back(question)
            self.run = self._worker = None
            display.work(False)
            self._screen.refresh_bindings()
        if turn is not None and time.monotonic() - began > LONG_SECONDS:
            state = display.session.view.status if display.session is not None else "failed"
            notify(self._screen.app, desk.settings.notice, f"{RUN_WORDS[state]}: {question}")
        if self.waiting and desk.corpus.documents:
            self.begin(desk, self.waiting.popleft())
            self.tell_queue()
        elif turn is not None and turn.answer:
            self._screen.read_on()
        if judged:
            self._judged()

    async def _judge(self, answer: Any, verdict: Verdict, turn: Turn) -> None:
        self._display.wait(self._start.judging)
        self._display.note(await verdict(answer), "bold $accent", turn)

    async def _consented(self, desk: DeskPort, question: str) -> Estimate | None:
        """Say what a run will take; ask when it is long. None: not now."""
        self._display.wait("Estimating what this will take")
        estimate = await desk.estimate(question)
        self._screen.query_one(Documents).measured(estimate.per_token)
        self._display.model(desk)
        takes = spoken_duration(estimate.seconds) if estimate.seconds else ""
        self._display.say(f"About {estimate.tokens:,} tokens, {takes}" if takes else "")
        if estimate.seconds <= CONSENT_SECONDS or not self._start.consent:
            return estimate
        if await self._screen.app.push_screen_wait(ConsentDialog(estimate)) == "yes":
            return estimate
        return None

    def _give_back(self, question: str) -> None:
        """A question that was not begun (refused, cancelled, failed) is written again, unless another one is."""
        box = self._screen.query_one("#question", Input)
        box.value = box.value or question
