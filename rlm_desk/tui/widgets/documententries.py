"""The lines of the documents tree: folders, documents, what was skipped. Plain data, no widget."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle
from typing import Literal

from rlm_desk.clean import clean, one_line
from rlm_desk.corpus import Corpus, Placed
from rlm_desk.tui.port import Skipped

DEEPEST = 12
"""Folders that are drawn inside one another; what lies deeper shares a line."""

UNITS = {"page": "p", "section": "sec", "lines": "part", "sheet": "sheet", "slide": "slide", "chapter": "ch"}


@dataclass(frozen=True, slots=True)
class Entry:
    """What a line of the tree stands for."""

    kind: Literal["folder", "document", "skipped"]
    name: str
    level: int = 0
    document: str = ""
    """The document's id."""
    reason: str = ""
    """Why a file was skipped."""
    ranges: tuple[tuple[int, int], ...] = ()
    """Its characters in the corpus."""
    pages: int = 0
    unit: str = ""
    documents: int = 0
    """How many a folder holds, at any depth."""
    above: int = 0
    """Characters of `name` that the folders above it say."""
    noted: bool = False
    """The reader left a note about it."""

    @property
    def shown(self) -> str:
        """The name without the folders above it."""
        return self.name[self.above :]

    @property
    def chars(self) -> int:
        """Characters in all."""
        return sum(end - start for start, end in self.ranges)


@dataclass(slots=True)
class _Folder:
    folders: dict[str, "_Folder"] = field(default_factory=dict)
    documents: list[Placed] = field(default_factory=list)


def natural(name: str) -> list[tuple[bool, int, str]]:
    """Sorts ``Contract 9`` before ``Contract 10``."""
    parts = re.split(r"([0-9]{1,18})", name.casefold())
    # Every second part is a number.
    return [(bool(odd), int(part) if odd else 0, part) for part, odd in zip(parts, cycle((0, 1)), strict=False)]


def entries(corpus: Corpus, skipped: Sequence[Skipped]) -> list[Entry]:
    """All lines, folders before documents, then what was skipped."""
    top = _Folder()
    for placed in corpus.documents:
        at = top
        parts = placed.document.folder.split("/", DEEPEST) if placed.document.folder else []
        for part in parts:
            at = at.folders.setdefault(part, _Folder())
        at.documents.append(placed)
    found: list[Entry] = []
    _descend(top, "", 0, found)
    if skipped:
        found.append(Entry("skipped", "", documents=len(skipped)))
        found += [Entry("skipped", one.name, 1, reason=one_line(one.reason, 200)) for one in skipped]
    return found


def _descend(folder: _Folder, path: str, level: int, found: list[Entry]) -> list[Placed]:
    """Add a folder's lines; all its documents."""
    every: list[Placed] = []
    for name in sorted(folder.folders, key=natural):
        inside, shown = folder.folders[name], name
        # A folder that holds nothing but one folder shares its line.
        while not inside.documents and len(inside.folders) == 1:
            ((only, inside),) = inside.folders.items()
            shown = f"{shown}/{only}"
        whole = f"{path}{shown}"
        place = len(found)
        below = _descend(inside, f"{whole}/", level + 1, found)
        ranges = tuple((p.start, p.end) for p in below)
        pages = sum(len(p.document.pages) for p in below)
        entry = Entry("folder", whole, level, ranges=ranges, pages=pages, unit="p", documents=len(below))
        found.insert(place, replace(entry, above=len(path)))
        every += below
    for placed in sorted(folder.documents, key=lambda p: natural(p.document.name)):
        document = placed.document
        found.append(
            Entry(
                "document",
                document.name,
                level,
                document.id,
                ranges=((placed.start, placed.end),),
                pages=len(document.pages),
                unit=clean(UNITS.get(document.page_kind, document.page_kind))[:4],
                above=document.name.rfind("/") + 1,
                noted=bool(document.notes),
            )
        )
    return [*every, *folder.documents]
