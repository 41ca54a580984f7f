"""The one thread that writes. What is queued while a commit is under way makes the next group.

Nobody is told that a write is done before the commit that holds it. A failed commit fails everyone in its group
and leaves the file as it was; the next group is tried afresh.
"""

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rlm_desk.errors import DeskError, StoreError
from rlm_desk.store import schema

Work = Callable[[sqlite3.Connection], None]
"""Statements inside the group's transaction. A DeskError it raises fails this work alone."""

GROUP = 2000
"""Works in one commit at most: at tens of microseconds each, some 20 milliseconds."""


class Writer:
    """Group commit on a thread of its own. Made and used on one event loop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._loop = asyncio.get_running_loop()
        # An executor's thread is stopped at exit even when nobody called close, and needs no daemon flag.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._connection: sqlite3.Connection | None = None
        self._queue: deque[tuple[Work, asyncio.Future[None]]] = deque()
        self._lock = threading.Lock()
        self._scheduled = False
        self._closed = False

    async def open(self) -> None:
        """Connect and make the tables. Raises StoreError."""
        await self._loop.run_in_executor(self._thread, self._open)

    def submit(self, work: Work) -> "asyncio.Future[None]":
        """Queue one piece of work; the future is done after the commit that holds it, or has a StoreError."""
        future: asyncio.Future[None] = self._loop.create_future()
        if self._closed:
            future.set_exception(StoreError("The store is closed.", "Open rlm-desk again."))
            return future
        with self._lock:
            self._queue.append((work, future))
            start = not self._scheduled
            self._scheduled = True
        if start:
            self._thread.submit(self._drain)
        return future

    async def alone(self, work: Work) -> None:
        """Run work outside any transaction, after everything queued so far. Raises StoreError."""
        await self._loop.run_in_executor(self._thread, self._alone, work)

    async def close(self) -> None:
        """Commit what is queued and stop the thread."""
        if not self._closed:
            self._closed = True
            await self._loop.run_in_executor(self._thread, self._close)
            self._thread.shutdown(wait=True)

    def _open(self) -> None:
        try:
            self._connection = schema.connect(self._path)
            schema.migrate(self._connection)
        except sqlite3.Error as problem:
            raise schema.explain(problem, self._path) from problem

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StoreError("The store is closed.", "Open rlm-desk again.")
        return self._connection

    def _alone(self, work: Work) -> None:
        try:
            work(self._opened())
        except sqlite3.Error as problem:
            raise schema.explain(problem, self._path) from problem

    def _drain(self) -> None:
        while True:
            with self._lock:
                group = [self._queue.popleft() for _ in range(min(GROUP, len(self._queue)))]
                if not group:
                    self._scheduled = False
                    return
            self._tell(group, self._commit([work for work, _ in group]))

    def _commit(self, works: list[Work]) -> list[BaseException | None]:
        """What became of each work, after one transaction over all of them."""
        outcomes: list[BaseException | None] = []
        try:
            connection = self._opened()
        except StoreError as problem:
            return [problem] * len(works)
        try:
            connection.execute("BEGIN IMMEDIATE")
            for work in works:
                outcomes.append(self._one(connection, work))
            connection.execute("COMMIT")
        except sqlite3.Error as problem:
            try:
                schema.rollback(connection)
            except sqlite3.Error as second:
                problem.add_note(f"and rolling back failed: {second}")
            # Those that failed on their own keep their own reason.
            failed = schema.explain(problem, self._path)
            own = outcomes + [None] * (len(works) - len(outcomes))
            return [outcome or failed for outcome in own]
        return outcomes

    @staticmethod
    def _one(connection: sqlite3.Connection, work: Work) -> BaseException | None:
        connection.execute("SAVEPOINT work")
        try:
            work(connection)
        except sqlite3.IntegrityError as problem:
            outcome: BaseException | None = StoreError(
                f"The store refused a record: {problem}.", "Another rlm-desk may be writing the same run."
            )
        except sqlite3.Error:
            raise
        except DeskError as problem:
            outcome = problem
        except Exception as problem:  # a defect of ours fails its caller, not everyone in the group
            outcome = problem
        else:
            outcome = None
        if outcome is not None:
            connection.execute("ROLLBACK TO work")
        connection.execute("RELEASE work")
        return outcome

    def _tell(self, group: list[tuple[Work, "asyncio.Future[None]"]], outcomes: list[BaseException | None]) -> None:
        def resolve() -> None:
            for (_, future), outcome in zip(group, outcomes, strict=True):
                if future.done():  # its waiter was cancelled
                    continue
                if outcome is None:
                    future.set_result(None)
                else:
                    future.set_exception(outcome)

        if not self._loop.is_closed():
            try:
                self._loop.call_soon_threadsafe(resolve)
            except RuntimeError:
                # The loop closed between the two lines: nobody is left to be told; the commit stands.
                return
