"""The one thread that reads, beside the writer's: a long search does not hold up a commit."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from rlm_desk.errors import StoreError
from rlm_desk.store import schema

T = TypeVar("T")


class Reader:
    """A connection that cannot write, on a thread of its own. Used on one event loop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store-reader")
        self._connection: sqlite3.Connection | None = None
        self._closed = False

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` returns. Raises StoreError."""
        if self._closed:
            raise StoreError("The store is closed.", "Open rlm-desk again.")
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._on_thread, work)

    async def close(self) -> None:
        """Finish what is being read and stop the thread."""
        if not self._closed:
            self._closed = True
            await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
            self._thread.shutdown(wait=True)

    def _on_thread(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._connection is None:
                self._connection = schema.connect(self._path, readonly=True)
            return work(self._connection)
        except sqlite3.Error as problem:
            raise schema.explain(problem, self._path) from problem

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
