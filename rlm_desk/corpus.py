"""Documents and the one string they become. Offsets are characters (Unicode code points), end exclusive."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import PurePosixPath
from typing import Literal

PageState = Literal["", "no text layer", "damaged", "ocr"]
"""What is special about a page: a scan that nobody could read, one that cannot be opened, one read by OCR."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of characters."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Page:
    """A page, or what stands for one (`Document.page_kind`)."""

    label: str
    """What a reader calls it: ``12``, ``xiv``, ``Prices!A1:D40``."""
    start: int
    end: int
    state: PageState = ""
    """Anything but empty: why the page has no text, or where its text is from."""

    @property
    def unread(self) -> bool:
        """Whether nobody could read it: a scan without a text layer, or damage. A blank page was read."""
        return self.state in ("no text layer", "damaged")


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of a document's outline."""

    title: str
    level: int
    """1 for the highest."""
    start: int
    """Where its part begins, in characters of the document's text."""


@dataclass(frozen=True, slots=True)
class Document:
    """Text read from one file. Page offsets are relative to `text`."""

    id: str
    """sha256 of the file's bytes, hex."""
    name: str
    """Path below what the person opened, with forward slashes: ``Harbour/Brenvale Logistics.pdf``."""
    kind: str
    """``text``, ``markdown``, ``pdf``..."""
    page_kind: str
    """What `pages` are: ``page``, ``section``, ``lines``, ``sheet``, ``slide``, ``message``... (`place` names one)."""
    text: str
    pages: tuple[Page, ...]
    notes: tuple[str, ...] = ()
    """Sentences a reader should know: ``3 of 12 pages have no text layer``."""
    outline: tuple[Heading, ...] = ()
    """Its headings or bookmarks, in the order of the text; empty where the file names none."""
    facts: tuple[tuple[str, str], ...] = ()
    """What the file says about itself: ``("author", "A. Reader")``, ``("permissions", "printing, copying")``."""

    @property
    def unread(self) -> tuple[Page, ...]:
        """Pages that nobody could read."""
        return tuple(page for page in self.pages if page.unread)

    def page_at(self, offset: int) -> Page:
        """The page that holds a character of the text."""
        found = bisect_right([page.start for page in self.pages], offset) - 1
        return self.pages[max(found, 0)]

    def place(self, page: Page) -> str:
        """A page as a citation names it: ``p. 12``, ``slide 3``, ``lines 40-80``, ``sheet Prices!A1:D40``."""
        return place(self.page_kind, page.label)

    @property
    def title(self) -> str:
        """The file's name without folder and extension."""
        return PurePosixPath(self.name).stem

    @property
    def folder(self) -> str:
        """The folder's name below what was opened; empty at the top."""
        parent = str(PurePosixPath(self.name).parent)
        return "" if parent == "." else parent


@dataclass(frozen=True, slots=True)
class Placed:
    """A document and where its text lies in the corpus."""

    document: Document
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.document.text)


_UNITS = {
    "page": ("page", "pages"),
    "lines": ("part", "parts"),
    "section": ("section", "sections"),
    "sheet": ("range of cells", "ranges of cells"),
    "cells": ("range of cells", "ranges of cells"),
    "slide": ("slide", "slides"),
    "message": ("message", "messages"),
    "records": ("part", "parts"),
}


def place(page_kind: str, label: str) -> str:
    """A page, or what stands for one, as a citation names it."""
    if page_kind == "lines" and "-" not in label:
        page_kind = "line"
    return f"p. {label}" if page_kind == "page" else f"{page_kind} {label}"


def units(page_kind: str, count: int) -> str:
    """How many pages, named as what they are: ``12 pages``, ``1 slide``, ``3 ranges of cells``."""
    one, several = _UNITS.get(page_kind, (page_kind, f"{page_kind}s"))
    return f"{count:,} {one if count == 1 else several}"


class Corpus:
    """One string, and the map from its offsets back to documents and pages.

    Before each document stands a heading line (`[document 3: name]`) so that code and models that look at the
    raw string see where one ends; headings belong to no document and never count as read.
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        placed: list[Placed] = []
        offset = 0
        for index, document in enumerate(documents):
            offset += len(_heading(index, document))
            placed.append(Placed(document, offset))
            offset += len(document.text)
        self.documents: Sequence[Placed] = tuple(placed)
        self._length = offset
        self._starts = [p.start for p in placed]
        self.pages = sum(len(p.document.pages) for p in placed)
        """Pages in all documents."""

    @cached_property
    def text(self) -> str:
        """All of it; joined when it is first asked for, since opening documents does not need it."""
        return "".join(
            part
            for index, placed in enumerate(self.documents)
            for part in (_heading(index, placed.document), placed.document.text)
        )

    @property
    def unread(self) -> list[tuple[Placed, Page]]:
        """Pages that nobody could read, with their documents."""
        return [(placed, page) for placed in self.documents for page in placed.document.unread]

    def __len__(self) -> int:
        return self._length

    def locate(self, offset: int) -> tuple[Placed, Page] | None:
        """The document and page that hold a character, or None between documents."""
        index = bisect_right(self._starts, offset) - 1
        if index < 0 or offset >= self.documents[index].end:
            return None
        placed = self.documents[index]
        inside = offset - placed.start
        pages = placed.document.pages
        found = bisect_right([page.start for page in pages], inside) - 1
        return placed, pages[max(found, 0)]

    def cite(self, span: Span) -> Iterator[tuple[Placed, Page]]:
        """The pages a span touches, in order."""
        first = max(bisect_right(self._starts, span.start) - 1, 0)
        for placed in islice(self.documents, first, None):
            if placed.end <= span.start:
                continue
            if placed.start >= span.end:
                return
            for page in placed.document.pages:
                if placed.start + page.start < span.end and placed.start + page.end > span.start:
                    yield placed, page

    def select(self, indices: Iterable[int]) -> "Corpus":
        """A corpus of some of the documents, for a child."""
        return Corpus(self.documents[i].document for i in indices)


def _heading(index: int, document: Document) -> str:
    return f"{'' if index == 0 else chr(10) * 2}[document {index}: {document.name}]\n"
