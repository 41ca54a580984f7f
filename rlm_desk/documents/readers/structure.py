"""What a PDF says about itself, by pypdf: printed page labels, outline, metadata, permissions."""

import datetime
import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdf

from rlm_desk.documents.extracted import Extracted, Locked, Unreadable

# pypdf imports many of its modules when a file needs them; behind the lock there is no file system to do so from.
for _module in pkgutil.walk_packages(pypdf.__path__, "pypdf."):
    try:
        importlib.import_module(_module.name)
    except ModuleNotFoundError as _problem:
        if (_problem.name or "pypdf").startswith("pypdf"):
            raise  # else: an optional dependency we do without

datetime.datetime.strptime("2000", "%Y")  # as does the standard library

MOST_HEADINGS = 5000
DEEPEST = 12
_LABEL = re.compile(r"[\w.:/ -]{1,20}")
_DATE = re.compile(r"\s*(?:D:)?(\d{4})(?:(\d{2})(\d{2})?)?", re.ASCII)
_FACTS = (("title", "/Title"), ("author", "/Author"), ("subject", "/Subject"), ("keywords", "/Keywords"))
_PERMISSIONS = (
    ("PRINT", "printing"),
    ("EXTRACT", "copying text"),
    ("MODIFY", "changing"),
    ("ADD_OR_MODIFY", "notes"),
    ("FILL_FORM_FIELDS", "filling in forms"),
)
_Reader = Callable[[], pypdf.PdfReader]


@dataclass(frozen=True, slots=True)
class Structure:
    """What was found; empty where the file says nothing, or nothing sound."""

    labels: list[str] = field(default_factory=list)
    outline: list[tuple[str, int, int]] = field(default_factory=list)
    """Title, level from 1, index of the page."""
    facts: list[tuple[str, str]] = field(default_factory=list)


def read(reader: _Reader, total: int) -> Structure:
    """All of it. A broken part of a file costs that part, not the document."""
    try:
        document = reader()
    except (Unreadable, Locked):  # pdfium could read it
        return Structure()
    return Structure(
        labels=_tried(lambda: _labels(document, total)),
        outline=_tried(lambda: list(_outline(document))),
        facts=[*_tried(lambda: _metadata(document)), *_tried(lambda: _permissions(document))],
    )


def located(outline: list[tuple[str, int, int]], made: Extracted) -> list[tuple[str, int, int]]:
    """Headings with the place of their words on the page, or the page's beginning."""
    found = []
    for title, level, page in outline:
        if not 0 <= page < len(made.pages):
            continue
        _, start, end = made.pages[page]
        words = r"\s+".join(re.escape(word) for word in title.split())
        match = re.search(words, made.text[start:end], re.I) if words else None
        found.append((title, level, start + match.start() if match else start))
    return found


def _tried(work: Callable[[], list[Any]]) -> list[Any]:
    try:
        return work()
    except (MemoryError, ImportError):
        raise
    except Exception as problem:  # pypdf raises what the bytes provoke
        print(f"structure: {problem!r}", file=sys.stderr)
        return []


def _labels(document: pypdf.PdfReader, total: int) -> list[str]:
    """Printed labels where all are sound and different, else none."""
    if "/PageLabels" not in document.root_object:  # else pypdf looks at every page to number it
        return []
    labels = [str(label).strip() for label in document.page_labels]
    sound = len(labels) == total and len(set(labels)) == total and all(_LABEL.fullmatch(label) for label in labels)
    return labels if sound else []


def _outline(document: pypdf.PdfReader) -> Iterator[tuple[str, int, int]]:
    if "/Outlines" not in document.root_object:
        return
    pages = {page.indirect_reference.idnum: n for n, page in enumerate(document.pages) if page.indirect_reference}
    stack: list[tuple[Any, int]] = [(iter(document.outline), 1)]
    count = 0
    while stack and count < MOST_HEADINGS:
        items, level = stack[-1]
        item = next(items, None)
        if item is None:
            stack.pop()
        elif isinstance(item, list):
            if level < DEEPEST:
                stack.append((iter(item), level + 1))
        else:
            title = " ".join(str(item.title or "").replace("\0", "").split())[:200]
            page = getattr(item.page, "idnum", None)
            number = pages.get(page) if page is not None else item.page if isinstance(item.page, int) else None
            if title and number is not None:
                count += 1
                yield title, level, int(number)


def _metadata(document: pypdf.PdfReader) -> list[tuple[str, str]]:
    about = document.metadata
    if not about:
        return []
    facts = [(name, _words(str(about.get(key) or ""))) for name, key in _FACTS]
    facts.append(("created", _day(str(about.get("/CreationDate") or ""))))
    return [(name, value) for name, value in facts if value]


def _words(written: str) -> str:
    """Without the NUL and the like that some programs end a string with."""
    return " ".join("".join(one for one in written[:5000] if one.isspace() or one.isprintable()).split())[:500]


def _day(written: str) -> str:
    """The day of a PDF's date (`D:20240131093000+01'00'`), as far as it is given; empty where it is none.

    pypdf wants the whole of it in order, and many programs end it in a way of their own: `Z'`, `Z00'00'`, `+0100`.
    """
    found = _DATE.match(written)
    if not found:
        return ""
    parts = [part for part in found.groups() if part]
    try:
        datetime.date(*(int(part) for part in [*parts, "1", "1"][:3]))
    except ValueError:
        return ""
    return "-".join(parts)


def _permissions(document: pypdf.PdfReader) -> list[tuple[str, str]]:
    if not document.is_encrypted or document.user_access_permissions is None:
        return []
    allowed = document.user_access_permissions
    named = [words for flag, words in _PERMISSIONS if getattr(type(allowed), flag) in allowed]
    return [("permissions", ", ".join(named) or "none")]
