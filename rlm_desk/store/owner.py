"""Who writes a run: a lock file per process, which the kernel lets go of when the process dies, however it dies.

A run without its last event is running while its owner's lock is held, and interrupted afterwards. A process id
would not do: ids are used again.
"""

import os
import sys
import uuid
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class Owner:
    """This process as the owner of runs. Blocking; raises OSError where lock files cannot be made."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "owners"
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self.token = uuid.uuid4().hex
        self._path = self._folder / self.token
        self._descriptor = self._take()
        self._sweep()

    def alive(self, token: str) -> bool:
        """Whether the process that owns `token` still runs."""
        return token == self.token or not self._abandoned(self._folder / token)

    def close(self) -> None:
        """Let go; the runs this process left unfinished are interrupted from now on."""
        if self._descriptor >= 0:
            self._path.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = -1

    def _take(self) -> int:
        while True:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            # Another process may sweep the file between its making and its locking: then it is made again.
            if _lock(descriptor) and self._path.exists() and self._path.stat().st_ino == os.fstat(descriptor).st_ino:
                return descriptor
            os.close(descriptor)

    def _sweep(self) -> None:
        for path in self._folder.iterdir():
            if path != self._path and self._abandoned(path):
                path.unlink(missing_ok=True)

    @staticmethod
    def _abandoned(path: Path) -> bool:
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return True
        try:
            return _lock(descriptor)
        finally:
            os.close(descriptor)
