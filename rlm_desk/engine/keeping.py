"""The host's side of keys and values kept on disk: the worker sends them, the host writes them.

The engine's worker reads a stranger's model file and may write nothing, which stays so: it hands its keys and values
over in frames, and gets them back by reading, which its policy allows. What it sends is checked like anything a worker
sends: names, sizes and order; what is inside is only ever read by a worker again.
"""

import asyncio
import hashlib
import os
import re
from pathlib import Path
from typing import Any

from rlm_desk import kept
from rlm_desk.plan import LoadPlan

SUFFIX = ".kv"
_NAME = re.compile(r"[0-9a-f]{32}")


class Keeper:
    """Writes what one model's workers send. Files are for their user only, the oldest go first when it is too much."""

    def __init__(self, root: Path, identity: str, limit: int) -> None:
        """
        Args:
            root: `kept.folder` of the data folder, for all models.
            identity: what tells this model and this build of llama.cpp from others.
            limit: bytes of all files together, of every model.
        """
        self.root, self._identity, self._limit = root, identity, limit
        self._epoch = kept.epoch(root)
        self._sizes: dict[Path, int] = {}

    def folder(self, plan: LoadPlan) -> Path:
        """Where a plan's keys and values lie: those of another model, KV type or attention never meet them. Rope
        settings are the model file's own."""
        key = f"{self._identity}|{plan.kv_type}|{plan.flash_attention}"
        return self.root / hashlib.sha256(key.encode()).hexdigest()[:32]

    async def take(self, plan: LoadPlan, writer: int, header: dict[str, Any], body: bytes) -> None:
        """Write a `keep` frame's part of an entry. `writer`: the worker that sent it; two may send the same entry.

        Raises:
            ValueError: the frame makes no sense.
        """
        name, part, last = str(header["name"]), int(header["part"]), bool(header["last"])
        if not _NAME.fullmatch(name) or part < 0:
            raise ValueError(f"an entry {name[:40]!r}, part {part}")
        await asyncio.to_thread(self._write, self.folder(plan) / f"{name}.{writer}.part", part, last, body)

    def _write(self, path: Path, part: int, last: bool, body: bytes) -> None:
        if kept.epoch(self.root) != self._epoch:
            path.unlink(missing_ok=True)
            return
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if part == 0:
                path.unlink(missing_ok=True)
                self._sizes[path] = 0
            elif path not in self._sizes:
                return  # its beginning was refused
            self._sizes[path] += len(body)
            if self._sizes[path] > self._limit:
                self._refuse(path)
                return
            flags = os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | (os.O_CREAT | os.O_EXCL if part == 0 else 0)
            with os.fdopen(os.open(path, flags, 0o600), "ab") as file:
                file.write(body)
            whole = path.with_name(f"{path.name.partition('.')[0]}{SUFFIX}")
            if last:
                del self._sizes[path]
                path.replace(whole)
                self._prune()
            if kept.epoch(self.root) != self._epoch:  # everything was erased just now
                path.unlink(missing_ok=True)
                whole.unlink(missing_ok=True)
        except OSError:
            self._refuse(path)  # a full disk costs only time: the text is computed anew

    def _refuse(self, path: Path) -> None:
        self._sizes.pop(path, None)
        path.unlink(missing_ok=True)

    def _prune(self) -> None:
        """Remove the oldest until all are within the limit, and parts nobody writes any more with them."""
        found = []
        for path in self.root.glob("*/*"):
            try:
                about = path.stat()
            except OSError:
                continue  # another session was faster
            found.append((path not in self._sizes and path.suffix == ".part", about.st_mtime, about.st_size, path))
        size = sum(item[2] for item in found)
        for _, _, bytes_, path in sorted(found, key=lambda item: (not item[0], item[1])):
            if size <= self._limit:
                return
            if path not in self._sizes:
                path.unlink(missing_ok=True)
                size -= bytes_
