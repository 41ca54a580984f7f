"""An append-only account of what was done: documents opened, questions asked, exports, purges; ids and hashes, no text.

One JSON object a line. Each names the hash of the line before it, so that a line that was changed, taken out or put in
between is found by `check`. Lines cut off at the end are not: note the last hash elsewhere if that matters to you.
"""

import fcntl
import hashlib
import json
import os
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args

from rlm_desk.errors import StoreError

FILE = "audit.jsonl"
BEGINNING = "0" * 64
"""What the first line names as the one before it."""
LONGEST = 4096
"""Bytes of a line at most."""

_BEGINS = b'{"at": '

What = Literal["open", "ask", "export", "purge", "expire"]
_IDENTITY = re.compile(r"[0-9a-z_-]{1,80}")
"""A hash, an id or one lower-case word: nothing that could carry a sentence."""

Entry = Mapping[str, str | int]
Read = dict[str, str | int]


class Audit:
    """The account of one data folder. Any number of processes may write; every call is one append under a lock."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / FILE

    def note(self, what: What, entries: Sequence[Entry]) -> None:
        """Append one line for each entry. Blocking, for about a tenth of a millisecond.

        Raises:
            ValueError: a value that is no id, hash or number; it may be text, and is not written.
            StoreError: the file cannot be written.
        """
        if what not in get_args(What):
            raise ValueError(f"no such kind of entry: {what}")
        for entry in entries:
            for value in entry.values():
                if not isinstance(value, int) and _IDENTITY.fullmatch(value) is None:
                    raise ValueError("an audit entry holds ids, hashes and numbers only")
        try:
            self._append(what, entries)
        except OSError as problem:
            raise StoreError(
                f"The audit log {self.path} cannot be written: {problem.strerror or problem}.",
                "Free some space there, or change its rights.",
            ) from problem

    def read(self) -> list[Read]:
        """All entries, oldest first, each with `at` (seconds since the epoch) and `what`.

        Raises:
            StoreError: the log was changed after it was written, or cannot be read.
        """
        try:
            lines = self.path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        except OSError as problem:
            raise StoreError(f"{self.path} cannot be read: {problem.strerror}.", "Change its rights.") from problem
        before, entries = BEGINNING, []
        for number, line in enumerate(lines, 1):
            if _BEGINS.startswith(line[: len(_BEGINS)]) and not line.endswith(b"}"):
                # A kill or a power cut ended it. The next line names its hash as it stands: a later cut is found.
                before = hashlib.sha256(line).hexdigest()
                continue
            try:
                entry = json.loads(line)
                sound = entry.pop("after") == before
            except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
                sound = False
            if not sound:
                raise StoreError(
                    f"{self.path} was changed after it was written: line {number} does not follow the one before it.",
                    "What stands above that line is sound. Keep the file and find out who can write it.",
                )
            before = hashlib.sha256(line).hexdigest()
            entries.append(entry)
        return entries

    def _append(self, what: What, entries: Sequence[Entry]) -> None:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            size = os.fstat(descriptor).st_size
            tail = os.pread(descriptor, LONGEST, max(0, size - LONGEST))
            last = tail.removesuffix(b"\n").rpartition(b"\n")[2]
            before = hashlib.sha256(last).hexdigest() if size else BEGINNING
            out = bytearray(b"" if not size or tail.endswith(b"\n") else b"\n")  # a kill cut the last line off
            for entry in entries:
                line = json.dumps({"at": round(time.time(), 3), "what": what, **entry, "after": before}).encode()
                before = hashlib.sha256(line).hexdigest()
                out += line + b"\n"
            view = memoryview(out)
            while view:
                view = view[os.write(descriptor, view) :]
        finally:
            os.close(descriptor)


def text_hash(text: str) -> str:
    """A question's hash, for an entry."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
