"""Bytes from one file to another: hashed on the way, taken up where they stopped, never left half on a full disk."""

import errno
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

CHUNK = 4 * 1024 * 1024

OnBytes = Callable[[str, int, int], object]
"""Told of progress: what is done (``copying``, ``hashing``), bytes done, bytes in all. It may raise to stop."""

Digest = Callable[[bytes], None]


def copy(source: Path, part: Path, digest: Digest, progress: Callable[[int], object]) -> None:
    """Copy `source` to `part`, or go on with a `part` that is there.

    What an interrupted copy left is compared with the source, byte by byte, and kept as far as it agrees. On a full
    disk the part is removed, so that the disk is not left full.

    Args:
        source: what to copy; it must not change meanwhile.
        part: where to; it stays when the copy is interrupted.
        digest: is given every byte of the source, in order.
        progress: is told the bytes done.

    Raises:
        OSError: as reading and writing raise it.
        InterruptedError: the source changed while it was copied.
    """
    before = _state(source)
    with source.open("rb") as reading, part.open("r+b" if part.exists() else "w+b") as writing:
        done = _agreeing(reading, writing, digest, progress)
        reading.seek(done)
        writing.seek(done)
        writing.truncate()
        try:
            while chunk := reading.read(CHUNK):
                writing.write(chunk)
                digest(chunk)
                done += len(chunk)
                progress(done)
            writing.flush()
            os.fsync(writing.fileno())
        except OSError as problem:
            if problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                part.unlink(missing_ok=True)
            raise
    if _state(source) != before:
        part.unlink(missing_ok=True)
        raise InterruptedError(errno.EINTR, "it changed while it was copied")


def read(path: Path, digest: Digest, progress: Callable[[int], object]) -> None:
    """Give `digest` every byte of a file. Raises OSError."""
    done = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest(chunk)
            done += len(chunk)
            progress(done)


def hash_of(paths: tuple[Path, ...], on_bytes: OnBytes) -> str:
    """sha256 of some files, one after the other, as `cat` would join them. Raises OSError."""
    whole = hashlib.sha256()
    total = sum(path.stat().st_size for path in paths)
    before = 0
    for path in paths:
        read(path, whole.update, _from(on_bytes, "hashing", before, total))
        before += path.stat().st_size
    return whole.hexdigest()


def _from(on_bytes: OnBytes, what: str, before: int, total: int) -> Callable[[int], object]:
    return lambda done: on_bytes(what, before + done, total)


def copy_all(paths: tuple[Path, ...], parts: tuple[Path, ...], on_bytes: OnBytes) -> str:
    """`copy` for each pair; the sha256 of all, as `hash_of` gives it."""
    whole = hashlib.sha256()
    total = sum(path.stat().st_size for path in paths)
    before = 0
    for path, part in zip(paths, parts, strict=True):
        copy(path, part, whole.update, _from(on_bytes, "copying", before, total))
        before += path.stat().st_size
    return whole.hexdigest()


def _agreeing(reading: BinaryIO, writing: BinaryIO, digest: Digest, progress: Callable[[int], object]) -> int:
    """Bytes at the beginning that both files have; `digest` is given them."""
    done = 0
    while True:
        ours = writing.read(CHUNK)
        if not ours:
            return done
        theirs = reading.read(len(ours))
        if ours != theirs:
            return done
        digest(ours)
        done += len(ours)
        progress(done)


def _state(path: Path) -> tuple[int, int]:
    about = path.stat()
    return about.st_size, about.st_mtime_ns
