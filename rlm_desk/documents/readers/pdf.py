"""PDF: text by pdfium, structure by pypdf, which also takes over where pdfium gives up. What cannot be read is said.

A long document is read by several workers at once: each opens it, takes ranges of pages, and one of them puts the
pages together (`open_pages`, `Open.pages`, `Open.finish`). `read` does all of it for a short one.
"""

import contextlib
import io
import logging
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import pypdf
import pypdf.errors
import pypdfium2

from rlm_desk.clean import plural
from rlm_desk.documents.extracted import (
    KEPT_PLAIN,
    NO_TESSERACT,
    Extracted,
    Locked,
    OnPage,
    Unreadable,
    assemble,
    scans_left,
)
from rlm_desk.documents.readers import layout, ocr, pdfium, running, structure
from rlm_desk.documents.readers.layout import Laid

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns about every odd file; our notes say what matters

# A search for "first" must find it, however its f and i were drawn.
_LIGATURES = str.maketrans(
    {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st"}
)
# TeX's own fonts have them at these places, and files without the names of their letters give the places.
_LIGATURES |= {0x1B: "ff", 0x1C: "fi", 0x1D: "fl", 0x1E: "ffi", 0x1F: "ffl"}
_ODD = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f]")
ODD_SHARE = 0.1
"""With more characters that mean nothing, a page's fonts were not understood, and the other library is asked."""

Record = list[Any]
"""A page on its way between workers: lines, indices of those above and below, state."""


def read(data: bytes, name: str, on_page: OnPage, password: str | None = None) -> Extracted:
    """Text of each page under its printed label. Raises Unreadable, Locked."""
    document = open_pages(data, name, password)
    records: list[Record] = []
    for number in range(document.total):
        records += document.pages(number, number + 1)
        on_page(number + 1, document.total)
    if ocr.ready():
        for number in [n for n, record in enumerate(records) if record[3] == "no text layer"]:
            records[number] = document.recognised(number)
            on_page(number + 1, document.total)
    return document.finish(records, whole=True)


def open_pages(data: bytes, name: str, password: str | None = None) -> "Open":
    """A document, ready for its pages to be read. Raises Unreadable, Locked."""
    if not data.strip():
        raise Unreadable("is empty")
    if b"%PDF-" not in data[:1024]:
        raise Unreadable("is not a PDF, whatever its name says")
    return Open(data, name, password)


class Open:
    """A PDF in a worker's hands."""

    def __init__(self, data: bytes, name: str, password: str | None) -> None:
        self._data, self._name, self._password = data, name, password
        self._cut = b"%%EOF" not in data[-2048:]
        self.no_ocr = NO_TESSERACT
        """Why there is no OCR, where there is none."""
        self._second: pypdf.PdfReader | None = None
        self._document: pypdfium2.PdfDocument | None = None
        try:
            self._document = pdfium.opened(data, password)
            self.total = len(self._document)
        except pdfium.Locked as problem:
            raise Locked(problem.tried) from problem
        except pypdfium2.PdfiumError as problem:
            print(f"{name}: {problem!r}", file=sys.stderr)
            self.total = len(self._reader().pages)
        if not self.total:
            raise Unreadable(self._damage())
        if self.total > len(data):  # a count that somebody wrote down: looking for each would take hours
            raise Unreadable(f"is damaged: it claims {self.total:,} pages, more than it has bytes")

    def pages(self, first: int, last: int) -> list[Record]:
        """Records of pages from `first` on, `last` not included."""
        return [self._page(number) for number in range(first, last)]

    def recognised(self, number: int) -> Record:
        """A page read by OCR; as it was when nothing was recognised."""
        if self._document is None:
            return [[], [], [], "no text layer"]
        try:
            text = ocr.text(*pdfium.picture(self._document, number, ocr.DOTS_PER_INCH))
        except (pypdfium2.PdfiumError, RuntimeError) as problem:
            print(f"{self._name}, page {number + 1}: {problem!r}", file=sys.stderr)
            return [[], [], [], "no text layer"]
        return [text.split("\n"), [], [], "ocr"] if text.strip() else [[], [], [], "no text layer"]

    def picture(self, number: int, width: int, height: int) -> tuple[bytes, int, int]:
        """A page drawn into a box of pixels: RGB rows, width, height. Raises Unreadable."""
        if self._document is None:
            raise Unreadable("is damaged: its pages cannot be drawn")
        try:
            return pdfium.drawn(self._document, number, width, height)
        except pypdfium2.PdfiumError as problem:
            print(f"{self._name}, page {number + 1}: {problem!r}", file=sys.stderr)
            raise Unreadable("is damaged there: this page cannot be drawn") from problem

    def finish(self, records: Sequence[Record], whole: bool) -> Extracted:
        """The document, from the records of all its pages. Raises Unreadable.

        Args:
            records: one for each page.
            whole: look for labels, outline and facts too; without, when that has killed a worker before.
        """
        states = {number: str(record[3]) for number, record in enumerate(records) if record[3]}
        kept, notes = running.without_running([Laid(record[0], record[1], record[2]) for record in records])
        texts = running.unbroken([_spaced(lines) for lines in kept])
        counts = {state: sum(1 for one in states.values() if one == state) for state in set(states.values())}
        if not any(text.strip() for text in texts):
            raise Unreadable(self._why_empty(counts), self.total)
        found = structure.read(self._unpaged, self.total) if whole else structure.Structure()
        made = assemble(zip(found.labels or map(str, range(1, self.total + 1)), texts, strict=True), "page", [])
        return Extracted(
            text=made.text,
            page_kind="page",
            pages=made.pages,
            notes=[*self._notes(counts), *notes],
            states=states,
            outline=structure.located(found.outline, made),
            facts=found.facts,
        )

    def _page(self, number: int) -> Record:
        laid, pictures = Laid([], [], []), True
        broken = self._document is None
        if self._document is not None:
            try:
                sheet = pdfium.sheet(self._document, number)
                laid, pictures = layout.lay(sheet), sheet.pictures
            except (MemoryError, ImportError):
                raise
            except Exception as problem:  # whatever the bytes provoke: the other library is asked
                print(f"{self._name}, page {number + 1}: {problem!r}", file=sys.stderr)
                broken = True
        lines = [line.translate(_LIGATURES) for line in laid.lines]
        oddness = _oddness(lines)
        if broken or oddness > ODD_SHARE or (not lines and not pictures):
            try:
                other = self._reader().pages[number].extract_text().translate(_LIGATURES).split("\n")
                broken = False
                if any(line.strip() for line in other) and _oddness(other) <= oddness:
                    return [other, [], [], ""]
            except (MemoryError, ImportError):
                raise
            except Exception as problem:  # pypdf raises what the bytes provoke
                print(f"{self._name}, page {number + 1}: {problem!r}", file=sys.stderr)
        state = "" if lines else "damaged" if broken else "no text layer" if pictures else ""
        return [lines, laid.above, laid.below, state]

    def _reader(self) -> pypdf.PdfReader:
        """The document as pypdf has it, its pages found. Raises Unreadable, Locked."""
        reader = self._unpaged()
        with self._guarded():
            len(reader.pages)
        return reader

    def _unpaged(self) -> pypdf.PdfReader:
        """The same, without having looked for its pages, which takes long in a long document."""
        if self._second is None:
            with self._guarded():
                reader = pypdf.PdfReader(io.BytesIO(self._data), strict=False)
                if reader.is_encrypted and not reader.decrypt(self._password or ""):
                    raise Locked(self._password is not None)
                self._second = reader
        return self._second

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """What pypdf raises, as what it means. Raises Unreadable, Locked."""
        try:
            yield
        except (MemoryError, ImportError, Locked):
            raise
        except pypdf.errors.FileNotDecryptedError as problem:
            raise Locked(self._password is not None) from problem
        except (NotImplementedError, pypdf.errors.DependencyError) as problem:
            raise Unreadable("is encrypted in a way that cannot be opened here") from problem
        except Exception as problem:  # as above: whatever the bytes provoke
            print(f"{self._name}: {problem!r}", file=sys.stderr)
            raise Unreadable(self._damage()) from problem

    def _damage(self) -> str:
        return "is cut off or damaged: no page of it can be read" if self._cut else "is damaged"

    def _why_empty(self, counts: dict[str, int]) -> str:
        if counts.get("no text layer"):
            missing = ": its text could not be recognised" if ocr.ready() else f" (scanned?): {scans_left(self.no_ocr)}"
            return f"has no text layer on any of its {self.total} pages{missing}"
        if counts.get("damaged") or self._cut:
            return self._damage()
        return f"has {plural(self.total, 'page')} without any text"

    def _notes(self, counts: dict[str, int]) -> list[str]:
        notes = []
        if self._cut:
            notes.append("The file is cut off; what could be recovered was read.")
        if number := counts.get("damaged"):
            notes.append(f"{number} of {self.total} pages are damaged and could not be read.")
        if number := counts.get("no text layer"):
            hint = "OCR found no text on them" if ocr.ready() else scans_left(self.no_ocr)
            notes.append(f"{number} of {self.total} pages have no text layer (scanned?): {hint}.")
        if number := counts.get("ocr"):
            notes.append(f"{number} of {self.total} pages are scans, read by OCR: expect mistakes in their text.")
        if self._password:
            notes.append(KEPT_PLAIN)
        return notes


def _spaced(lines: Sequence[str]) -> str:
    """Lines as a text, no two empty ones together."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines))


def _oddness(lines: Sequence[str]) -> float:
    text = "".join(lines)
    return len(_ODD.findall(text)) / max(len(text), 1)
