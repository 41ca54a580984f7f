"""A close look at what an extraction worker says: its words are a stranger's until they have passed here. Host side."""

import json
from dataclasses import dataclass
from typing import Any, get_args

from rlm_desk.clean import clean, one_line
from rlm_desk.corpus import Document, Heading, Page, PageState
from rlm_desk.documents.extracted import MOST_TEXT
from rlm_desk.documents.formats import BY_KIND, PAGE_KINDS
from rlm_desk.documents.picture import Picture
from rlm_desk.wire import Header

MAX_NOTES = 20
MAX_HEADINGS = 10_000
MAX_FACTS = 20
MAX_INNER = 10_000
MAX_PAGES = 1 << 24
"""The index of full-text search counts a document's pages up to here."""


@dataclass(frozen=True, slots=True)
class Inside:
    """A file that lies inside another."""

    name: str
    """Path inside it, forward slashes, safe to show."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Read:
    """What one file gave."""

    document: Document | None
    """None for an archive."""
    inside: tuple[Inside, ...]
    notes: tuple[str, ...] = ()


def document(header: Header, body: bytes, name: str, identity: str) -> Read:
    """A `document` or `files` frame. Raises ValueError, TypeError or KeyError on anything that is not exactly one."""
    notes = header["notes"]
    if not isinstance(notes, list) or len(notes) > MAX_NOTES:
        raise ValueError("notes")
    said = tuple(one_line(str(note), 300) for note in notes)
    if header["type"] == "files":
        return Read(None, _inside(header["inner"], body), said)
    length = header.get("text_bytes", len(body))
    if type(length) is not int or not 0 <= length <= len(body):
        raise ValueError("text")
    if length > MOST_TEXT:  # before it is decoded, when it may become four times as large
        raise ValueError("more text than one document may have")
    text = body[:length].decode("utf-8")
    kind, page_kind = header["kind"], header["page_kind"]
    if kind not in BY_KIND or page_kind not in PAGE_KINDS:
        raise ValueError("unknown kind")
    made = Document(
        id=identity,
        name=name,
        kind=kind,
        page_kind=page_kind,
        text=text,
        pages=tuple(_pages(header["pages"], len(text))),
        notes=said,
        outline=_outline(header.get("outline", []), len(text)),
        facts=_facts(header.get("facts", [])),
    )
    return Read(made, _inside(header.get("inner", []), body[length:]))


def records(body: bytes, count: int) -> list[Any]:
    """A `pages` frame's body: one record a page, to be handed to another worker. Raises ValueError or TypeError."""
    found = json.loads(body)
    if not isinstance(found, list) or len(found) != count or not all(isinstance(one, list) for one in found):
        raise ValueError("records that are none")
    for one in found:
        lines, above, below, state = one
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            raise ValueError("lines that are none")
        if not all(type(at) is int and 0 <= at < len(lines) for at in (*above, *below)):
            raise ValueError("margins that are none")
        if state not in get_args(PageState):
            raise ValueError("a state that is none")
    return found


def picture(header: Header, body: bytes, width: int, height: int) -> Picture:
    """A `picture` frame, no larger than the box it was asked for. Raises ValueError or KeyError."""
    wide, high = header["width"], header["height"]
    if type(wide) is not int or type(high) is not int or not (0 < wide <= width and 0 < high <= height):
        raise ValueError("sides that are none")
    if len(body) != wide * high * 3:
        raise ValueError("pixels that are none")
    return Picture(wide, high, body)


def _pages(raw: Any, length: int) -> list[Page]:
    """Pages that tile the text. Raises ValueError or TypeError."""
    pages: list[Page] = []
    offset = 0
    for label, start, end, *rest in raw:
        if type(start) is not int or type(end) is not int or start != offset or not start <= end <= length:
            raise ValueError("pages that do not follow each other")
        state: PageState = rest[0] if rest else ""
        if state not in get_args(PageState):
            raise ValueError("a state that is none")
        pages.append(Page(one_line(str(label), 60), start, end, state))
        offset = end
    if offset != length or not 0 < len(pages) < MAX_PAGES:
        raise ValueError("pages that do not cover the text")
    return pages


def _outline(raw: Any, length: int) -> tuple[Heading, ...]:
    if not isinstance(raw, list) or len(raw) > MAX_HEADINGS:
        raise ValueError("outline")
    headings = []
    for title, level, start in raw:
        if type(level) is not int or type(start) is not int or not 1 <= level <= 100 or not 0 <= start <= length:
            raise ValueError("a heading that is none")
        headings.append(Heading(one_line(str(title), 200), level, start))
    return tuple(headings)


def _facts(raw: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(raw, list) or len(raw) > MAX_FACTS:
        raise ValueError("facts")
    return tuple((one_line(str(name), 40), one_line(str(value), 500)) for name, value in raw)


def _inside(raw: Any, body: bytes) -> tuple[Inside, ...]:
    if not isinstance(raw, list) or len(raw) > MAX_INNER:
        raise ValueError("files inside")
    found, at = [], 0
    for name, size in raw:
        if type(size) is not int or not 0 <= size <= len(body) - at:
            raise ValueError("sizes that are none")
        found.append(Inside(_inner_name(str(name)), body[at : at + size]))
        at += size
    if at != len(body):
        raise ValueError("bytes that belong to nothing")
    return tuple(found)


def _inner_name(name: str) -> str:
    """A path inside a file: only ever shown and compared, never opened."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return one_line(clean("/".join(parts)), 300) or "unnamed"
