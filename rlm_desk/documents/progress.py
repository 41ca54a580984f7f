"""How far a reading is, in figures and in words."""

from collections.abc import Callable
from dataclasses import dataclass


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
