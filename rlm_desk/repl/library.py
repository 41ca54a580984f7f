"""The documents as a cell sees them: objects that know where they lie in `context`. Worker side: standard library only.

Nothing is copied until its text is asked for, and asking for it is what the ledger of reads records: text that only
travels to a sub-call goes as offsets and is never "scanned".
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, overload

Range = tuple[int, int]
_ENDS = set(".!?:;|\"')]\u2026\u201d")
"""What a page ends with that does not end in mid-sentence."""


class Reads:
    """Which characters the running cell has had in its hands, by helper."""

    def __init__(self) -> None:
        self._ranges: dict[tuple[str, str], set[Range]] = {}

    def add(self, how: str, helper: str, start: int, end: int) -> None:
        """Note characters start to end as `returned` by a helper or `scanned` by code."""
        if start < end:
            self._ranges.setdefault((how, helper), set()).add((start, end))

    def take(self) -> list[tuple[str, str, list[Range]]]:
        """All that was noted, ranges merged, and begin anew."""
        taken = [(how, helper, merged(ranges)) for (how, helper), ranges in self._ranges.items()]
        self._ranges = {}
        return taken


def merged(ranges: set[Range]) -> list[Range]:
    """The same characters in the fewest ranges, in order."""
    joined: list[Range] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


class Piece:
    """Some characters: of the context, or given literally. Behaves like its text where a string is wanted."""

    def __init__(self, library: "Library", start: int, end: int, literal: str | None = None) -> None:
        self._library = library
        self.start = start
        self.end = end
        self._literal = literal

    @property
    def text(self) -> str:
        """The characters themselves."""
        if self._literal is not None:
            return self._literal
        self._library.reads.add("scanned", "text", self.start, self.end)
        return self._library.context[self.start : self.end]

    @property
    def located(self) -> bool:
        """Whether it is characters of the context, and not a text of the code's own."""
        return self._literal is None

    @property
    def document(self) -> "Document | None":
        """The document it begins in."""
        return self._library.document_at(self.start) if self.located else None

    @property
    def page(self) -> str:
        """The label of the page it begins on; empty outside documents."""
        document = self.document
        return document.page_label(self.start) if document else ""

    def __str__(self) -> str:
        return self.text

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __len__(self) -> int:
        return self.end - self.start

    def __bool__(self) -> bool:
        return True

    def __contains__(self, wanted: str) -> bool:
        return wanted in self.text

    def __getitem__(self, index: "int | slice") -> str:
        return self.text[index]

    def __iter__(self) -> Iterator[str]:
        return iter(self.text)

    def __add__(self, other: object) -> str:
        return self.text + str(other)

    def __radd__(self, other: object) -> str:
        return str(other) + self.text

    def __getattr__(self, name: str) -> Any:
        """Methods of strings: `part.lower()`, `hit.splitlines()`."""
        if not name.startswith("_") and hasattr(str, name):
            return getattr(self.text, name)
        raise AttributeError(f"a {type(self).__name__} has no attribute {name!r}; its text is in .text")

    def __repr__(self) -> str:
        document = self.document
        where = f"{document.name!r} {document.place(self.start)}, " if document else ""
        return f"<{type(self).__name__} {where}characters {self.start:,} to {self.end:,}>"


class Part(Piece):
    """What `split`, `page` and `pages` give."""


class Hit(Piece):
    """A place that `search` found, with some text around it."""

    def __init__(self, library: "Library", start: int, end: int, match: Range) -> None:
        super().__init__(library, start, end)
        self._at = match[0]
        self.match = library.context[match[0] : match[1]]
        """The characters that fitted."""

    @property
    def text(self) -> str:
        """The match with what stands around it; already noted as returned by `search`."""
        return self._library.context[self.start : self.end]

    @property
    def page(self) -> str:
        """The label of the page the match is on; what stands around it may begin on the one before."""
        document = self.document
        return document.page_label(self._at) if document else ""

    def __repr__(self) -> str:
        document = self.document
        where = f"{document.name!r} {document.place(self._at)}" if document else "''"
        return f"<Hit {where}: …{' '.join(self.text.split())}…>"


class Document(Piece):
    """One document. `str(document)` and printing it name it; its text is in `.text`."""

    def __init__(self, library: "Library", index: int, entry: dict[str, Any]) -> None:
        super().__init__(library, int(entry["start"]), int(entry["end"]))
        self.index = index
        self.name: str = entry["title"]
        self.title: str = entry["title"]
        self.path: str = entry["path"]
        self.folder: str = entry["folder"]
        self.kind: str = entry["kind"]
        self.page_kind: str = entry.get("page_kind", "page")
        self.headings: list[tuple[str, int, int]] = [
            (title, level, self.start + start) for title, level, start in entry.get("outline", ())
        ]
        """Title, level from 1, where it stands in the context."""
        self._pages: list[tuple[str, int, int]] = [(label, start, end) for label, start, end in entry["pages"]]

    @property
    def document(self) -> "Document":
        """Itself, so that documents and parts can be used alike."""
        return self

    @property
    def pages(self) -> "Pages":
        """Its pages as parts, first page at index 0."""
        return Pages(self)

    def place(self, offset: int) -> str:
        """The page that holds a character of the context, named as what it is: `p. 3`, `slide 2`, `lines 1-40`."""
        label = self.page_label(offset)
        return f"p. {label}" if self.page_kind == "page" else f"{self.page_kind} {label}"

    def page_label(self, offset: int) -> str:
        """The label of the page that holds a character of the context."""
        inside = offset - self.start
        found = bisect_right([start for _, start, _ in self._pages], inside) - 1
        return self._pages[max(found, 0)][0] if self._pages else ""

    def page_range(self, number: "int | str") -> Range:
        """Characters of the context of a page, by number from 1 or by label. Raises IndexError naming what exists."""
        labels = [label for label, _, _ in self._pages]
        if isinstance(number, str) and number in labels:
            position = labels.index(number)
        elif str(number).strip().isdigit() and 1 <= int(number) <= len(labels):
            position = int(number) - 1
        else:
            raise IndexError(f"{self.name!r} has pages 1 to {len(labels)}, not {number!r}")
        _, start, end = self._pages[position]
        return self.start + start, self.start + end

    def __str__(self) -> str:
        return repr(self)

    def __repr__(self) -> str:
        return f"<Document {self.name!r}, {len(self._pages)} pages, {len(self):,} characters>"


class Section(Part):
    """A line of an outline, and the text that stands below it."""

    def __init__(self, library: "Library", start: int, end: int, title: str, level: int) -> None:
        super().__init__(library, start, end)
        self.title = title
        self.level = level

    def __repr__(self) -> str:
        document = self.document
        where = f" ({document.place(self.start)})" if document else ""
        return f"{'  ' * (self.level - 1)}{self.title}{where}"


class Pages(Sequence[Part]):
    """A document's pages, made when they are asked for."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def __len__(self) -> int:
        return len(self._document._pages)

    @overload
    def __getitem__(self, index: int) -> Part: ...

    @overload
    def __getitem__(self, index: slice) -> "list[Part]": ...

    def __getitem__(self, index: "int | slice") -> "Part | list[Part]":
        chosen = self._document._pages[index]
        base, library = self._document.start, self._document._library
        if isinstance(chosen, list):
            return [Part(library, base + start, base + end) for _, start, end in chosen]
        return Part(library, base + chosen[1], base + chosen[2])

    def __repr__(self) -> str:
        return f"<{len(self)} pages of {self._document.name!r}>"


class Library:
    """The context, its documents, and the ledger of reads."""

    def __init__(self, context: str, entries: list[dict[str, Any]]) -> None:
        self.context = context
        self.reads = Reads()
        self.documents = tuple(Document(self, index, entry) for index, entry in enumerate(entries))
        self._starts = [document.start for document in self.documents]

    def ends(self, start: int, end: int) -> list[int]:
        """Where sections begin between two characters, and pages that do not in mid-sentence: good places to cut."""
        found: set[int] = set()
        first = max(bisect_right(self._starts, start) - 1, 0)
        for document in self.documents[first:]:
            if document.start >= end:
                break
            found.update(at for _, _, at in document.headings)
            begins = (document.start + at for _, at, _ in document._pages)
            found.update(at for at in begins if self.context[max(at - 40, 0) : at].rstrip()[-1:] in _ENDS)
        return sorted(at for at in found if start < at < end)

    def document_at(self, offset: int) -> Document | None:
        """The document that holds a character, or None between documents."""
        index = bisect_right(self._starts, offset) - 1
        if index < 0 or offset >= self.documents[index].end:
            return None
        return self.documents[index]
