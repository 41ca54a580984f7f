"""Documents and the one string they become. Offsets are characters (Unicode code points), end exclusive."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath


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
    """What a reader calls it: ``12``, ``xiv``, ``Sheet1``."""
    start: int
    end: int


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
    """What `pages` are: ``page``, ``section``, ``lines``."""
    text: str
    pages: tuple[Page, ...]
    notes: tuple[str, ...] = ()
    """Sentences a reader should know: ``3 of 12 pages have no text layer``."""

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


class Corpus:
    """One string, and the map from its offsets back to documents and pages.

    Before each document stands a heading line (`[document 3: name]`) so that code and models that look at the
    raw string see where one ends; headings belong to no document and never count as read.
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        parts: list[str] = []
        placed: list[Placed] = []
        offset = 0
        for index, document in enumerate(documents):
            heading = f"{'' if index == 0 else chr(10) * 2}[document {index}: {document.name}]\n"
            placed.append(Placed(document, offset + len(heading)))
            parts += (heading, document.text)
            offset += len(heading) + len(document.text)
        self.text = "".join(parts)
        self.documents: Sequence[Placed] = tuple(placed)
        self._starts = [p.start for p in placed]

    def __len__(self) -> int:
        return len(self.text)

    @property
    def pages(self) -> int:
        """Pages in all documents."""
        return sum(len(p.document.pages) for p in self.documents)

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
        for placed in self.documents:
            if placed.end <= span.start or placed.start >= span.end:
                continue
            for page in placed.document.pages:
                if placed.start + page.start < span.end and placed.start + page.end > span.start:
                    yield placed, page

    def select(self, indices: Iterable[int]) -> "Corpus":
        """A corpus of some of the documents, for a child."""
        return Corpus(self.documents[i].document for i in indices)
