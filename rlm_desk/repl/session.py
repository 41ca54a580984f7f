"""The host's side of one Python session over one corpus: a confined worker that may die and come back."""

import asyncio
import contextlib
import json
from collections.abc import Sequence

from rlm_desk import errors, wire
from rlm_desk.confine.layers import Layer
from rlm_desk.confine.worker import Worker
from rlm_desk.corpus import Corpus
from rlm_desk.repl import memory, protocol
from rlm_desk.repl.binding import bound
from rlm_desk.repl.calls import CellResult, Serve
from rlm_desk.repl.past import Clock, Past, Recorded, answered, fingerprint
from rlm_desk.repl.spares import Spares
from rlm_desk.repl.wording import listed, told, why

GRACE = 1.0
"""Seconds between the request to stop and the end of the worker."""
LOAD_SECONDS = 60.0
MOST_REFUSED = 1000
"""Calls one after another that a cell may make although each is refused."""
MAX_CELL = 1024 * 1024
"""Bytes of one cell's code."""


class _Died(Exception):
    """The worker is gone or was ended; the message is what the model is told."""


class ReplSession:
    """Cells run one after another in one namespace. Made by `start`; used by one task of one event loop at a time."""

    def __init__(
        self,
        corpus: Corpus,
        cell_seconds: float,
        output_chars: int,
        answers: tuple[str, ...],
        allow_unconfined: bool,
        spares: Spares | None = None,
    ) -> None:
        self._corpus = corpus
        self._cell_seconds = cell_seconds
        self._output_chars = output_chars
        self._answers = answers
        self._allow_unconfined = allow_unconfined
        self._spares = spares
        self._worker: Worker | None = None
        self._cells = 0
        self._past: list[Past] = []
        self._variables: tuple[str, ...] = ()
        self._lost: tuple[str, ...] = ()

    @classmethod
    async def start(
        cls,
        corpus: Corpus,
        *,
        cell_seconds: float = 30.0,
        output_chars: int = 20_000,
        answers: Sequence[str] = (),
        allow_unconfined: bool = False,
        spares: Spares | None = None,
    ) -> "ReplSession":
        """Start a worker, lock it, and hand it the corpus.

        Args:
            corpus: what `context` and `documents` are.
            cell_seconds: a cell's own computing time; waiting for sub-calls does not count.
            output_chars: characters of a cell's output that are kept, half from its beginning and half from its end.
            answers: earlier answers of the workspace, `answers[n]` in a cell.
            allow_unconfined: go on where this machine has no boundary layer.
            spares: where workers that wait are taken from, for this start and for restarts.

        Raises:
            ConfinementError: no boundary layer here, and unconfined code was not allowed.
            WorkerDied: the worker cannot be started.
        """
        session = cls(corpus, cell_seconds, output_chars, tuple(answers), allow_unconfined, spares)
        await session._open()
        return session

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers of confinement of the present worker."""
        return self._worker.layers if self._worker else ()

    @property
    def pid(self) -> int | None:
        """The present worker's process."""
        return self._worker.pid if self._worker else None

    async def run(self, code: str, serve: Serve) -> CellResult:
        """Run one cell.

        What the code does never raises here: an error is output, a cell that runs too long is stopped, and a worker
        that dies or breaks the protocol is started again and its earlier cells run again, with the replies they got
        then; the output says what happened, and `lost` names what did not come back.

        Args:
            code: Python source.
            serve: answers the sub-calls; a DeskError from it becomes an exception in the cell, except those below.

        Raises:
            Cancelled, StoreError, asyncio.CancelledError: from `serve`, or of this task; the worker is ended, and
                comes back with its earlier state at the next call.
            ConfinementError, WorkerDied: a worker that ended cannot be started again.
        """
        if len(code.encode("utf-8", "surrogatepass")) > MAX_CELL:
            return self._refused("Error: the cell is longer than 1 MiB.\n")
        lost = await self._restore()
        past = Past(code)
        clock = Clock(self._cell_seconds)
        try:
            done = await self._execute(past, serve, clock)
        except _Died as death:
            return await self._recover(code, str(death), clock)
        except BaseException:
            await self._end()
            raise
        if clock.left > 0:  # one that ran out of time would do so again
            self._past.append(past)
        self._variables = done.variables
        return CellResult(
            output=told(lost) + done.output,
            failed=done.failed,
            seconds=clock.spent,
            variables=done.variables,
            final=done.final,
            reads=done.reads,
            lost=lost,
        )

    async def values(self) -> tuple[tuple[str, str], ...]:
        """Name and short repr of each variable, for a forced finish. Hostile text. Empty when the worker cannot say."""
        await self._restore()
        worker = self._alive()
        self._cells += 1
        try:
            worker.resume()
            await worker.send({"type": "values", "id": self._cells})
            header, body = await self._within(worker, self._cell_seconds)
            if header["type"] != "values" or header.get("id") != self._cells:
                raise wire.FrameError(f"{header['type']!r} instead of values")
            worker.pause()
            return protocol.parse_values(body)
        except (_Died, errors.WorkerDied, wire.FrameError):
            await self._end()
            return ()
        except BaseException:
            await self._end()
            raise

    async def close(self) -> None:
        """End the worker. Safe to call twice."""
        worker, self._worker = self._worker, None
        if worker is not None:
            await worker.close(grace=0)

    async def _open(self) -> None:
        """A fresh worker that holds the corpus."""
        needed = memory.needed(self._corpus.text)
        if self._spares is not None and needed <= memory.ORDINARY:
            worker = await self._spares.take()
        else:
            worker = await Worker.spawn(
                "repl",
                address_space=needed,
                allow_unconfined=self._allow_unconfined,
                ready_seconds=20.0,
            )
        self._worker = worker
        try:
            header, body = protocol.context_frame(self._corpus, self._output_chars, self._cell_seconds, self._answers)
            async with asyncio.timeout(LOAD_SECONDS):
                await worker.send(header, body)
                reply, _ = await worker.receive()
            if reply["type"] != "loaded" or reply.get("characters") != len(self._corpus):
                raise await worker.violation(f"{reply['type']!r} instead of 'loaded'")
        except TimeoutError:
            await self._end()
            raise errors.WorkerDied("repl", f"it did not take the documents within {LOAD_SECONDS:g} s") from None
        except BaseException:
            await self._end()
            raise

    async def _execute(self, past: Past, serve: Serve, clock: Clock) -> protocol.Done:
        """Run one cell in the present worker and serve its calls. Raises _Died."""
        worker = self._alive()
        self._cells += 1
        calls = refused = 0
        try:
            worker.resume()
            clock.go()
            await worker.send({"type": "cell", "id": self._cells}, past.code.encode("utf-8", "surrogatepass"))
            while True:
                header, body = await self._within(worker, clock.left)
                clock.stop()
                if header.get("id") != self._cells:
                    raise wire.FrameError("an id of another cell")
                if header["type"] == "done":
                    worker.pause()  # a cell that only said it was done computes no further
                    return protocol.parse_done(header, body, self._corpus, self._output_chars)
                if header["type"] != "call" or header.get("call") != calls + 1:
                    raise wire.FrameError(f"{header['type']!r} in a cell")
                calls += 1
                call = protocol.parse_call(header, body, self._corpus)
                reply: wire.Header = {"type": "reply", "id": self._cells, "call": calls}
                values = await answered(call, serve)
                past.calls.append((fingerprint(call), values))
                refused = refused + 1 if isinstance(values, errors.DeskError) else 0
                if refused > MOST_REFUSED:
                    worker.kill()
                    raise _Died(f"the cell went on asking after {MOST_REFUSED:,} refusals")
                clock.go()
                if isinstance(values, errors.DeskError):
                    reply["error"] = "budget" if isinstance(values, errors.BudgetExceeded) else "query"
                    reply["sentence"] = f"{values.sentence} {values.next_step}".strip()
                    await worker.send(reply)
                else:
                    await worker.send(reply, json.dumps(values).encode("utf-8", "surrogatepass"))
        except wire.FrameError as problem:
            await worker.violation(str(problem))
            raise _Died(f"the session broke its protocol ({problem})") from problem
        except errors.WorkerDied as problem:
            raise _Died(why(problem)) from problem

    async def _within(self, worker: Worker, seconds: float) -> tuple[wire.Header, bytes]:
        """The next frame; past the deadline the cell is asked to stop, then the worker is ended (_Died)."""
        try:
            return await worker.receive(max(seconds, 0.001))
        except TimeoutError:
            worker.interrupt()
        try:
            return await worker.receive(GRACE)
        except TimeoutError:
            worker.kill()
            raise _Died(f"the cell ran longer than {self._cell_seconds:g} seconds and did not stop") from None

    async def _recover(self, code: str, reason: str, clock: Clock) -> CellResult:
        """After a death: a new worker, the earlier state, and an output the model can act on."""
        before = self._variables
        await self._end()
        made = bound(code)
        lost = await self._restore()
        gone = tuple(name for name in dict.fromkeys((*lost, *made)) if name not in self._variables)
        kept = f"These variables are back: {listed(self._variables)}." if self._variables else "No variables are left."
        changed = tuple(name for name in made if name in before and name not in gone)
        text = f"Error: {reason}. Python was started again, as it was before this cell. {kept}"
        if gone:
            text += f" Lost: {listed(gone)}."
        if changed:
            text += f" As before this cell: {listed(changed)}."
        return CellResult(f"{text}\n", True, clock.spent, self._variables, None, (), gone)

    async def _restore(self) -> tuple[str, ...]:
        """Make sure that a worker with the earlier state runs. Returns the names that did not come back."""
        if self._worker is not None and self._worker.alive:
            return ()
        wanted, self._variables = self._variables, ()
        try:
            await self._end()
            await self._again()
        except BaseException:
            await self._end()  # half restored it would pass for whole at the next call
            self._variables = wanted
            raise
        return tuple(name for name in wanted if name not in self._variables)

    async def _again(self) -> None:
        """A fresh worker that runs the past cells; an empty past where they do not run again."""
        await self._open()
        clock = Clock(self._cell_seconds)  # for all of them together
        try:
            # And one that does nothing: what an earlier cell left behind (a hook) may end every later one.
            for cell in [*self._past, Past("")]:
                done = await self._execute(Past(cell.code), Recorded(cell).serve, clock)
                self._variables = done.variables
        except _Died:  # it does not come back the way it was made: begin with nothing, and say so
            self._past, self._variables = [], ()
            await self._end()
            await self._open()

    async def _end(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()
            with contextlib.suppress(asyncio.CancelledError):
                await worker.close(grace=0)

    def _alive(self) -> Worker:
        if self._worker is None:
            raise errors.WorkerDied("repl", "the session is closed")
        return self._worker

    def _refused(self, output: str) -> CellResult:
        return CellResult(output, True, 0.0, self._variables, None, ())
