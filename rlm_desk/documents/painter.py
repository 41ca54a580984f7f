"""Pictures of pages, drawn by a confined worker of their own, so that none of them waits for a reading that goes on."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from rlm_desk.corpus import Document
from rlm_desk.documents.answers import Read
from rlm_desk.documents.find import MAX_BYTES, Found, Skipped
from rlm_desk.documents.formats import BY_SUFFIX, suffix
from rlm_desk.documents.picture import MOST_PIXELS, Picture, fits
from rlm_desk.documents.reading import Locked, Many, ReadingWorker, Source
from rlm_desk.errors import DocumentError, UsageError, WorkerDied

Why = Literal["no pages", "inside", "gone", "changed", "encrypted", "damaged"]


class NoPicture(DocumentError):
    """A page cannot be drawn; its text is there all the same."""

    def __init__(self, why: Why, sentence: str, next_step: str) -> None:
        super().__init__(sentence, next_step)
        self.why = why


class Painter:
    """One worker, started with the first picture, and the document it holds open. Nothing is written to the disk."""

    def __init__(self, allow_unconfined: bool = False) -> None:
        self._worker = ReadingWorker(allow_unconfined=allow_unconfined)
        self._busy = asyncio.Lock()
        self._open: Many | None = None

    async def close(self) -> None:
        """End the worker."""
        self._open = None
        await self._worker.close()

    async def picture(
        self,
        document: Document,
        places: Sequence[Path],
        passwords: Sequence[str],
        page: int,
        width: int,
        height: int,
        holders: Sequence[Path] = (),
    ) -> Picture:
        """A page in a box of `width` by `height` pixels. One at a time; one that is cancelled ends its worker.

        Args:
            places: where files with these bytes were last seen.
            passwords: to be tried where it is encrypted.
            page: its index.
            holders: archives and messages in which it lay; looked into, in the worker, where no place has it.

        Raises:
            NoPicture: it is no PDF, its file is gone or has changed, it is encrypted or damaged.
            UsageError: it has no such page, or the box is too large.
            ConfinementError: this machine cannot confine the worker.
        """
        name = document.name
        if document.kind != "pdf":
            raise NoPicture("no pages", f"{name} is no PDF: only a PDF has pages to draw.", "Read its text instead.")
        if not 0 <= page < len(document.pages):
            raise UsageError(f"{name} has {len(document.pages):,} pages.", "Ask for one of them.")
        if not fits(width, height):
            raise UsageError(f"A picture has at most {MOST_PIXELS:,} pixels.", "Ask for a smaller one.")
        async with self._busy:
            try:
                many = await self._held(document, places, holders, passwords)
                drawn = await self._worker.picture(many, page, width, height)
            except (WorkerDied, TimeoutError) as problem:
                tries = "took too long to draw" if isinstance(problem, TimeoutError) else "made its reader stop"
                raise NoPicture("damaged", f"{name} {tries}.", "Read its text instead.") from problem
        if isinstance(drawn, Skipped):
            raise NoPicture("damaged", f"{name} {drawn.reason}.", "Read its text instead.")
        return drawn

    async def _held(
        self, document: Document, places: Sequence[Path], holders: Sequence[Path], passwords: Sequence[str]
    ) -> Many:
        """The document in the worker's hands, its file as it was when it was read. Raises as `picture` does."""
        held = self._open
        if held is not None and held.source.identity == document.id and held.source.found.path in (*places, *holders):
            found = held.source.found
            if await asyncio.to_thread(_stamp, found.path) == (found.size, found.changed):
                return held
        self._open = None
        source = await self._source(document, places, holders, passwords)
        for password in (None, *passwords):
            opened = await self._worker.hold(replace(source, password=password))
            if isinstance(opened, Many) and opened.total == len(document.pages):
                self._open = opened
                return opened
            if not isinstance(opened, Locked):
                reason = opened.reason if isinstance(opened, Skipped) else "is damaged: its pages cannot be told"
                raise NoPicture("damaged", f"{document.name} {reason}.", "Read its text instead.")
        raise NoPicture("encrypted", f"{document.name} is encrypted.", "Open it again: its password is asked for then.")

    async def _source(
        self, document: Document, places: Sequence[Path], holders: Sequence[Path], passwords: Sequence[str]
    ) -> Source:
        """The document's bytes: its file's, else those that a holder has of it. Raises NoPicture."""
        name, changed = document.name, False
        if not places and not holders:
            sentence = f"The file of {name} is not known on this machine, or lies in an archive inside another one."
            raise NoPicture("inside", sentence, "Open the PDF itself to see its pages.")
        for path in places:
            source = await asyncio.to_thread(_loaded, path, name, "pdf")
            if source is not None and source.identity == document.id:
                return source
            changed = changed or await asyncio.to_thread(_stamp, path) is not None
        for path in holders:
            source = await self._inside(document, path, passwords)
            if source is not None:
                return source
            changed = changed or await asyncio.to_thread(_stamp, path) is not None
        if changed:
            raise NoPicture("changed", f"The file of {name} has changed since it was read.", "Open it again.")
        raise NoPicture("gone", f"The file of {name} is not where it was.", "Put it back, or open it from where it is.")

    async def _inside(self, document: Document, path: Path, passwords: Sequence[str]) -> Source | None:
        """The document as it lies in an archive or message, unpacked by the worker with its limits; None: not there."""
        format = BY_SUFFIX.get(suffix(path.name))
        holder = await asyncio.to_thread(_loaded, path, path.name, format.kind) if format else None
        if format is None or holder is None or not format.holds_files:
            return None
        self._worker.prepare({format.kind, "pdf"})
        for password in (None, *passwords):
            read = await self._worker.extract(replace(holder, password=password), _ignore)
            if isinstance(read, Read):
                for one in read.inside:
                    if hashlib.sha256(one.data).hexdigest() == document.id:
                        held = replace(holder.found, name=document.name, kind="pdf")
                        return Source(held, document.id, one.data)
            if not isinstance(read, Locked):
                break
        return None


def _ignore(done: int, total: int) -> None:
    """Nobody waits for the pages of a holder."""


def _stamp(path: Path) -> tuple[int, int] | None:
    """Size and time of change of a file; None where it cannot be looked at. Blocking."""
    try:
        info = path.stat()
    except OSError:
        return None
    return info.st_size, info.st_mtime_ns


def _loaded(path: Path, name: str, kind: str) -> Source | None:
    """A file with the sha256 it has now; None where it is gone, is none, or is too large. Blocking."""
    stamp = _stamp(path)
    if stamp is None or not path.is_file() or stamp[0] > MAX_BYTES:
        return None
    try:
        data = path.read_bytes()
    except OSError:
        return None
    return Source(Found(path, name, kind, *stamp), hashlib.sha256(data).hexdigest(), data)
