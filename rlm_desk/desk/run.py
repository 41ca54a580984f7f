"""A run in progress, as a face holds it: committed events to iterate, live text, cancel, result."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from rlm_desk.corpus import Corpus
from rlm_desk.errors import Defect, DeskError, StoreError
from rlm_desk.events import AnswerHow, BudgetAsked, BudgetLimits, BudgetRaised, Recorded, RunStatus
from rlm_desk.evidence.account import Evidence, gather
from rlm_desk.rlm.budget import Budget
from rlm_desk.rlm.recorder import Recorder
from rlm_desk.rlm.run import CANCELLED, Outcome, failed
from rlm_desk.rlm.stops import Stops
from rlm_desk.rlm.tree import Tree

Submit = Callable[[Recorded], "asyncio.Future[None]"]
OnText = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class RunUsage:
    """What a run took: a fold over its events."""

    subcalls: int
    depth: int
    tokens_read: int
    """Prompt tokens computed; KV reuse not counted."""
    tokens_written: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """How a run ended."""

    run: str
    text: str
    status: RunStatus
    how: AnswerHow | None
    """`final` and `plain` are the model's own; `forced` and `best_effort` are labelled wherever they show."""
    why: str
    """For anything but an answer: what stopped the run, as a sentence."""
    usage: RunUsage
    exit_code: int = 0
    """What the command line ends with (see `rlm_desk.errors`)."""

    @property
    def complete(self) -> bool:
        """Whether the model finished by itself, with the sub-calls it asked for."""
        return self.status == "answered"


class Run:
    """One question on its way. Events are seen here only after the commit that holds them."""

    def __init__(self, run_id: str, submit: Submit, corpus: Corpus | None = None) -> None:
        self.id = run_id
        self.corpus = corpus if corpus is not None else Corpus([])
        """What it reads; its events' offsets count in this string."""
        self._submit = submit
        self._committed: list[Recorded] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._wake = asyncio.Event()
        self._over = False
        self._failure: DeskError | None = None
        self._listeners: list[OnText] = []
        self._task: asyncio.Future[Outcome] | None = None
        """The work, which alone is cancelled."""
        self._driver: asyncio.Task[None] | None = None
        """Waits for the work and for its last commits; never cancelled from here, so the end is always told."""
        self._cancelled = False
        self._tree = Tree()
        self._outcome: Outcome | None = None
        self._on_end: Callable[[Outcome | None], None] | None = None
        self._finished = asyncio.Event()
        self._budget: Budget | None = None
        self._recorder: Recorder | None = None
        self._stops: Stops | None = None
        self._watched = False

    # for the service

    def start(self, work: Callable[[], Awaitable[Outcome]]) -> None:
        """Begin; called once by the service."""
        self._task = asyncio.ensure_future(work())
        self._driver = asyncio.create_task(self._drive(self._task))

    def on_end(self, listener: Callable[[Outcome | None], None]) -> None:
        """Call `listener` once, when the run is over."""
        self._on_end = listener

    async def settled(self) -> None:
        """Wait until the run is over, however it ends."""
        await self._finished.wait()

    def sink(self, recorded: Recorded) -> None:
        """Commit an event, then publish it. A failed commit stops the run."""
        if self._failure is not None:
            raise self._failure
        future = self._submit(recorded)
        self._waiting.append(future)
        future.add_done_callback(lambda done: self._publish(recorded, done))

    def deliver_text(self, node: int, piece: str) -> None:
        """Live text, between events."""
        for listener in self._listeners:
            listener(node, piece)

    # for faces

    def on_text(self, listener: OnText) -> None:
        """Call `listener(node, piece)` with text as it is decoded; these pieces are no events."""
        self._listeners.append(listener)

    async def __aiter__(self) -> AsyncIterator[Recorded]:
        """Committed events from the first; ends after the last."""
        index = 0
        while True:
            while index < len(self._committed):
                yield self._committed[index]
                index += 1
            if self._over:
                return
            self._wake.clear()
            if index == len(self._committed) and not self._over:
                await self._wake.wait()

    @property
    def recorded(self) -> tuple[Recorded, ...]:
        """Committed events so far."""
        return tuple(self._committed)

    async def evidence(self) -> Evidence:
        """Sources, checked claims, coverage and gaps as they are now; whole when the run is over."""
        return await asyncio.to_thread(gather, self.corpus, self.recorded)

    def steer(self, budget: Budget, recorder: Recorder, stops: Stops | None = None) -> None:
        """For the service: what a face can do to the run from now on."""
        self._budget, self._recorder, self._stops = budget, recorder, stops
        if self._watched:
            budget.on_spent = self._spent

    def watch(self) -> None:
        """Somebody sees this run, and can raise a budget that runs out: it rests and asks instead of ending.

        `BudgetAsked` says so; `raise_budget`, `answer_now` or `cancel` is the answer.
        """
        self._watched = True
        if self._budget is not None:
            self._budget.on_spent = self._spent

    def _spent(self, what: str, limit: float, needed: float) -> None:
        assert self._recorder is not None
        self._recorder.emit(BudgetAsked, what=what, limit=limit, needed=needed)

    def stop(self, node: int) -> bool:
        """Stop one sub-call, a batch, or a child with all below it; the run goes on without its answer.

        False when that node is not under way. The root is stopped by `cancel`.
        """
        return self._stops is not None and self._stops.stop(node)

    @property
    def paused(self) -> bool:
        """Nothing new is asked."""
        return self._budget is not None and self._budget.paused

    def pause(self) -> bool:
        """Ask nothing new until this is called again; what is being decoded is finished. True when it rests now."""
        if self._budget is None:
            return False
        if self._budget.paused:
            self._budget.resume()
        else:
            self._budget.pause()
        return self._budget.paused

    def answer_now(self) -> None:
        """Finish with what there is: the answer is labelled as forced, or as the best there was."""
        if self._budget is not None:
            self._budget.hurry()

    def raise_budget(self, factor: float = 2.0) -> BudgetLimits | None:
        """Allow more sub-calls, turns, tokens and seconds; an event keeps it. None before the run has begun."""
        if self._budget is None or self._recorder is None or self._over:
            return None
        limits = self._budget.enlarge(factor)
        self._recorder.emit(BudgetRaised, budget=limits)
        return limits

    def cancel(self) -> None:
        """Stop. The run ends with status `cancelled`; what it did is kept. Again: nothing, it is stopping already."""
        if self._task and not self._cancelled:
            self._cancelled = True  # a second one would fall into the clearing up of the first
            self._task.cancel()

    async def result(self) -> Answer:
        """Wait for the end.

        Raises:
            StoreError: events could not be kept, which stopped the run.
            Defect: something of ours broke.
        """
        await self._finished.wait()
        if self._failure is not None:
            raise self._failure
        outcome = self._outcome or CANCELLED
        view = self._tree.snapshot()
        usage = RunUsage(
            subcalls=view.used.subcalls,
            depth=view.used.depth,
            tokens_read=view.total.prompt - view.total.cached,
            tokens_written=view.total.completion,
            seconds=view.elapsed(),
        )
        return Answer(self.id, outcome.text, outcome.status, outcome.how, outcome.error, usage, outcome.exit_code)

    def _publish(self, recorded: Recorded, done: "asyncio.Future[None]") -> None:
        self._waiting.remove(done)
        problem = None if done.cancelled() else done.exception()
        if done.cancelled() or problem is not None:
            if self._failure is None:
                closed = StoreError("The store was closed during the run.", "Ask again.")
                self._failure = closed if problem is None else _told(problem)
                self.cancel()
            return
        self._tree.apply(recorded)
        self._committed.append(recorded)
        self._wake.set()

    async def _drive(self, work: "asyncio.Future[Outcome]") -> None:
        try:
            self._outcome = await work
        except asyncio.CancelledError:
            self._outcome = CANCELLED
        except DeskError as problem:
            self._outcome = failed(problem)
            if self._failure is None and not self._committed:
                self._failure = problem
        except Exception as defect:  # whoever awaits the result hears of it: it must not look like a cancelled run
            self._failure = self._failure or _told(defect)
        finally:
            while self._waiting:
                await asyncio.wait(list(self._waiting))
                await asyncio.sleep(0)
            self._over = True
            self._wake.set()
            self._finished.set()
            if self._on_end:
                self._on_end(self._outcome)


def _told(problem: BaseException) -> DeskError:
    return problem if isinstance(problem, DeskError) else Defect(problem)
