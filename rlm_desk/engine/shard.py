"""The host's side of one engine worker: many calls at once over it, and its death loses none of them.

A request that was running when the worker died is sent again to its successor. Text that was already delivered is not
delivered twice: as much of the new reply is swallowed. A greedy reply is the same again but for rounding; a sampled one
may continue differently from what was shown, and the finished `Completion.text` is the one that counts.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from typing import Any, ClassVar, Self

from rlm_desk.confine.worker import Worker
from rlm_desk.engine import framing
from rlm_desk.engine.calls import Call, in_background, post
from rlm_desk.engine.deaths import Smaller, half, oom_kills, ran_out_of_memory, started_again
from rlm_desk.engine.keeping import Keeper
from rlm_desk.engine.resting import Resting
from rlm_desk.engine.spawning import spawn
from rlm_desk.engine.stats import EngineStats, from_frame
from rlm_desk.errors import DeadlinePassed, DeskError, DoesNotFit, EngineError, WorkerDied, WouldNotFit
from rlm_desk.plan import LoadPlan

DEATHS = 3
"""Deaths in a row, without one finished reply between them, that end it."""
FLUSH_SECONDS = 20.0
"""A worker that is closed may take so long to hand over what is to be kept on disk."""


class Shard:
    """One llama.cpp worker and the calls it answers. Made by `start`; used from one event loop."""

    def __init__(
        self,
        plan: LoadPlan,
        on_restart: Callable[[str], None] | None,
        host_bytes: int | None = None,
        smaller: Smaller | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        self._plan = plan
        self._host_bytes = host_bytes
        self._smaller = smaller
        self._keeper = keeper
        self._on_restart = on_restart
        self._worker: Worker | None = None
        self._calls: dict[int, Call] = {}
        self._numbers = itertools.count(1)
        self._reader: asyncio.Task[None] | None = None
        self._stats = EngineStats(slots=plan.slots, cells=plan.cells)
        self._deaths: list[str] = []
        self._oom_kills = oom_kills()
        self._closed = False
        self._up = asyncio.Event()
        self._failure: EngineError | None = None
        self._resting = Resting()

    @classmethod
    async def start(
        cls,
        plan: LoadPlan,
        on_restart: Callable[[str], None] | None = None,
        host_bytes: int | None = None,
        smaller: Smaller | None = None,
        keeper: Keeper | None = None,
    ) -> "Shard":
        """Load the model.

        Args:
            plan: how.
            on_restart: told in a sentence when the worker died and another took over.
            host_bytes: memory for keys and values that leave the cache; the worker's default if None.
            smaller: gives the next plan after a death for want of memory; half the slots and cells without it.
            keeper: writes keys and values to disk; None for none.

        Raises:
            ModelError: the file cannot be loaded here.
        """
        return await cls(plan, on_restart, host_bytes, smaller, keeper)._begin()

    # ---- what is asked of it ---------------------------------------------------------------------------------------

    @property
    def facts(self) -> dict[str, Any]:
        """What the worker said about the model: architecture, n_ctx_train, n_vocab, parameters, backend, layers..."""
        return self._worker.ready if self._worker else {}

    @property
    def plan(self) -> LoadPlan:
        """How the model is loaded now."""
        return self._plan

    @property
    def gave_up(self) -> bool:
        """Whether it answers nothing any more."""
        return self._failure is not None

    @property
    def load(self) -> int:
        """Calls that wait for an answer."""
        return len(self._calls)

    @property
    def pid(self) -> int | None:
        """The worker's process number; None while there is none."""
        return self._worker.pid if self._worker and self._worker.alive else None

    def stats(self) -> EngineStats:
        """The worker's last report, at most about half a second old while it computes."""
        return self._stats

    async def close(self) -> None:
        """End the worker; requests still running fail. Safe to call twice."""
        if self._keeper is not None and not self._closed and self._up.is_set() and not self._calls:
            with contextlib.suppress(TimeoutError, DeskError):  # what is not kept is computed anew
                async with asyncio.timeout(FLUSH_SECONDS):
                    await self.ask({"type": "flush"}, b"")
        self._closed = True
        self._resting.wake()
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
        self._fail_all(EngineError("The engine was closed.", "Start it again."))
        if self._worker is not None:
            await self._worker.close()

    # ---- calls -----------------------------------------------------------------------------------------------------

    async def ask(
        self, header: dict[str, Any], body: bytes, on_text: Callable[[str], None] | None = None
    ) -> dict[str, Any]:
        """Send a `complete`, `count` or `log` frame and wait for its answer; a cancelled task cancels it there.

        Raises:
            WouldNotFit: prompt and reply exceed the window; `tokens` counts both.
            DeadlinePassed: it took longer than the request allows.
            EngineError: the engine failed this request, or its worker died three times in a row.
        """
        if self._closed:
            raise EngineError("The engine was closed.", "Start it again.")
        if self._failure is not None:
            raise self._failure
        number = next(self._numbers)
        header["id"] = number
        call = Call(header, body, asyncio.get_running_loop().create_future(), on_text)
        self._calls[number] = call
        self._resting.wake()
        try:
            if self._up.is_set():  # otherwise the reload sends it
                await self._send(call)
            return await call.answer
        except asyncio.CancelledError:
            if call.sent and header["type"] == "complete":
                self._tell({"type": "cancel", "id": number})
            raise
        finally:
            self._calls.pop(number, None)
            self._idle()

    def _idle(self) -> None:
        """Let the worker rest where nobody waits for it. One that keeps things on disk may have some to hand over."""
        if not self._calls and not self._closed and self._keeper is None:
            self._resting.rest(self._worker)

    async def _send(self, call: Call) -> None:
        worker = self._worker
        if worker is None:
            return
        call.sent = True
        call.received = 0
        # Half a frame would end the channel, so the sending is not cancelled with the task that asked.
        sending = in_background(post(worker, call.header, call.body))
        await asyncio.shield(sending)

    def _tell(self, header: dict[str, Any]) -> None:
        """Send a frame nobody waits for."""
        if self._worker is not None:
            in_background(post(self._worker, header, b""))

    def _fail_all(self, error: DeskError) -> None:
        for call in self._calls.values():
            if not call.answer.done():
                call.answer.set_exception(error)

    # ---- the worker ------------------------------------------------------------------------------------------------

    way_out: ClassVar[str] = "See `rlm-desk doctor --log`; try fewer slots, a smaller window or a smaller model."
    """What a person can do when worker after worker dies."""

    async def _begin(self) -> Self:
        await self._load()
        self._reader = asyncio.create_task(self._read(), name="engine reader")
        return self

    async def _load(self) -> None:
        self._worker = await self._spawn()
        self._up.set()
        self._idle()

    async def _spawn(self) -> Worker:
        """A worker that can be asked. Raises DeskError."""
        return await spawn(self._plan, self._host_bytes, self._keeper)

    async def _read(self) -> None:
        """Receive frames until the end; a defect of ours in here must not leave callers waiting."""
        try:
            await self._receive()
        except Exception as problem:
            self._give_up(f"its reader failed: {problem!r}")
            raise

    async def _receive(self) -> None:
        """Receive frames; bring the worker back when it dies."""
        while True:
            worker = self._worker
            if worker is None:
                return
            try:
                header, body = await worker.receive()
                if header["type"] == "keep" and self._keeper is not None:
                    await self._keeper.take(self._plan, worker.pid, header, body)
                else:
                    self._take(header)
            except WorkerDied as death:
                if not await self._revive(death):
                    return
            except (KeyError, ValueError, TypeError, OverflowError) as problem:
                if not await self._revive(await worker.violation(f"a frame without sense: {problem!r}")):
                    return

    def _take(self, header: dict[str, Any]) -> None:
        kind = header["type"]
        if kind == "stats":
            self._stats = from_frame(header)
            return
        call = self._calls.get(int(header["id"]))
        if call is None or call.answer.done():
            return  # cancelled meanwhile
        if kind == "text":
            call.deliver(str(header["text"]))
            if call.received > call.most:
                raise ValueError("far more text than was asked for")
        elif kind == "refused":
            call.answer.set_exception(WouldNotFit(framing.tokens(header["tokens"]), framing.tokens(header["window"])))
        elif kind == "error":
            kind_of = DeadlinePassed if header.get("error") == "DeadlinePassed" else EngineError
            call.answer.set_exception(kind_of(str(header["sentence"]), str(header["next_step"])))
        elif kind in ("done", "counted", "log", "flushed"):
            framing.check(header)
            self._deaths.clear()
            call.answer.set_result(header)
        elif kind != "cancelled":
            raise ValueError(f"unknown frame {kind!r}")

    async def _revive(self, death: WorkerDied) -> bool:
        """Load again and send what was running; False when that is hopeless."""
        self._up.clear()
        while not self._closed:
            known, self._oom_kills = self._oom_kills, oom_kills()
            memory = ran_out_of_memory(death, known, self._oom_kills)
            reason = "it ran out of memory" if memory else death.reason
            self._deaths.append(reason)
            if self._worker is not None:
                await self._worker.close(grace=0)
            if len(self._deaths) >= DEATHS:
                self._give_up(f"its worker died {DEATHS} times in a row ({'; then '.join(self._deaths)})")
                return False
            if memory and not await self._step_down():
                self._give_up(f"{reason}, and nothing smaller fits")
                return False
            try:
                await self._load()
            except DeskError as problem:
                # `DoesNotFit` is what loading says when memory was short.
                words = "out of memory" if isinstance(problem, DoesNotFit) else ""
                death = WorkerDied("engine", str(problem).rstrip("."), words)
                continue
            if self._on_restart is not None:
                self._on_restart(started_again(reason, self._plan if memory else None))
            for call in list(self._calls.values()):
                if not call.answer.done():
                    await self._send(call)
            return True
        return False

    async def _step_down(self) -> bool:
        """After a death for want of memory: a smaller plan. False where there is none."""
        plan = self._plan
        found = half(plan) if self._smaller is None else await self._smaller(plan)
        if found is None or found == plan:
            return False
        self._plan = found
        return True

    def _give_up(self, why: str) -> None:
        self._failure = EngineError(f"The engine gave up: {why}.", self.way_out)
        self._fail_all(self._failure)
