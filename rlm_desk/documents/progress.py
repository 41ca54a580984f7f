"""How far a reading is, in figures and in words."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from rlm_desk.corpus import Document

TELL_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reading is."""

    done: int
    """Files finished, skipped ones too; what lies inside archives and messages counts."""
    total: int
    name: str
    """The file that was finished last, or whose page is."""
    chars: int
    """Characters extracted so far."""
    seconds: float
    page: int = 0
    """Within a long document: pages done; 0 when a document was finished."""
    pages: int = 0
    pages_done: int = 0
    """Pages of all documents so far, or what stands for them."""
    ocr: bool = False
    """The pages counted are scans being read by OCR."""
    share: float = 0.0
    """Of the bytes of all files, how much is read, 0 to 1: what `seconds_left` goes by."""
    first_pages: tuple[str, ...] = ()
    """Texts of a long document's first pages, once, as soon as they are read: something to look at meanwhile."""

    @property
    def pages_per_second(self) -> float:
        """Pages, or what stands for them, a second."""
        return self.pages_done / max(self.seconds, 0.01)

    @property
    def seconds_left(self) -> float | None:
        """About; None when it is too early to say."""
        if self.share < 0.01 or self.seconds < 0.5:
            return None
        return self.seconds / self.share * max(1 - self.share, 0.0)

    def line(self) -> str:
        """``3 of 12 files, 40 of 117 pages of a.pdf, 85 pages/s, about 9 s left``."""
        parts = [f"{self.done:,} of {self.total:,} files"]
        if self.pages:
            what = "scanned pages" if self.ocr else "pages"
            parts.append(f"{self.page:,} of {self.pages:,} {what} of {self.name}")
        rate = self.pages_per_second
        parts.append(f"{rate:,.0f} pages/s" if rate >= 1 else f"{rate:.1f} pages/s")
        if self.seconds_left is not None and self.seconds_left >= 1:
            parts.append(f"about {self.seconds_left:,.0f} s left")
        return ", ".join(parts)


OnProgress = Callable[[Progress], None]


class Tally:
    """Counts what is read, and says so: after every file, and about four times a second within a long one."""

    def __init__(self, files: int, size: int, on_progress: OnProgress) -> None:
        """`size`: bytes of all files."""
        self._on_progress = on_progress
        self._total, self._bytes_total = files, size
        self._done = self._chars = self._pages = self._bytes_done = 0
        self._under_way: dict[str, int] = {}
        """Pages read of long documents, by name."""
        self._started = time.monotonic()
        self._told = 0.0

    def more(self, size: int) -> None:
        """A file was found inside another."""
        self._total += 1
        self._bytes_total += size

    def finished(self, name: str, size: int, document: Document | None) -> None:
        """A file is done; without a document when it gave none."""
        self._under_way.pop(name, None)
        self._done += 1
        self._bytes_done += size
        if document is not None:
            self._pages += len(document.pages)
            self._chars += len(document.text)
        self.tell(name)

    def tell(
        self,
        name: str,
        page: int = 0,
        pages: int = 0,
        ocr: bool = False,
        first_pages: tuple[str, ...] = (),
        size: int = 0,
    ) -> None:
        """Say how far it is. `page` of `pages` are done of a file of `size` bytes; 0 when a file was finished."""
        now = time.monotonic()
        if page and not ocr:
            self._under_way[name] = page
        if page and not first_pages and now - self._told < TELL_SECONDS:
            return
        self._told = now
        done = self._bytes_done + (size * page / pages if pages else 0)
        self._on_progress(
            Progress(
                done=self._done,
                total=self._total,
                name=name,
                chars=self._chars,
                seconds=now - self._started,
                page=page,
                pages=pages,
                pages_done=self._pages + sum(self._under_way.values()),
                ocr=ocr,
                share=done / max(self._bytes_total, 1),
                first_pages=first_pages,
            )
        )
