"""What a reader hands back. Worker side: standard library only."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

OnPage = Callable[[int, int], None]
"""Called by a reader as it goes: pages done, pages in all."""

MOST_TEXT = 128 * 2**20
"""Bytes of text, in UTF-8, of one document: some thirty million tokens. The app holds up to four times that."""
TOO_MUCH = f"holds more text than one document may have ({MOST_TEXT // 2**20} MB): split it"
KEPT_PLAIN = "It is encrypted; the text that was read is kept here without encryption until it is purged."
"""What a person must know who gave a password."""

NO_TESSERACT = "tesseract is not installed"
OCR_IS_OFF = "OCR is switched off, and --ocr eng (or the setting ocr) switches it on"
"""Why scanned pages were not read; tesseract's other reasons are about its languages."""

_SURROGATES = re.compile("[\ud800-\udfff]")


class Unreadable(Exception):
    """A document that gives no text. The message continues its name: "is empty", "is encrypted: ..."."""

    def __init__(self, reason: str, pages: int = 0) -> None:
        super().__init__(reason)
        self.pages = pages
        """How many pages nobody could read, where that is known."""


class Locked(Exception):
    """A password is needed."""

    def __init__(self, tried: bool = False) -> None:
        super().__init__("a password is needed")
        self.tried = tried
        """One was given, and is not the right one."""


@dataclass(frozen=True, slots=True)
class Inner:
    """A file inside another: in an archive, attached to a message."""

    name: str
    """Path inside it, forward slashes."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Extracted:
    """Text and pages of one document; pages tile the text."""

    text: str
    page_kind: str
    pages: list[tuple[str, int, int]]
    """Label, start, end; offsets in characters."""
    notes: list[str]
    states: dict[int, str] = field(default_factory=dict)
    """By index, for pages of which there is something to say: `no text layer`, `damaged`, `ocr`."""
    outline: list[tuple[str, int, int]] = field(default_factory=list)
    """Title, level from 1, start."""
    facts: list[tuple[str, str]] = field(default_factory=list)
    """What the file says about itself."""
    inner: list[Inner] = field(default_factory=list)
    """Files that are read as documents of their own."""


def scans_left(why: str) -> str:
    """The end of a sentence on scanned pages that were not read."""
    return "install tesseract to read them" if why == NO_TESSERACT else why


def plain(text: str) -> str:
    """Text as the house keeps it: LF line ends, no NUL, no BOM, no lone surrogates."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").removeprefix("\ufeff")
    return _SURROGATES.sub("\ufffd", text)


def assemble(pages: Iterable[tuple[str, str]], page_kind: str, notes: list[str]) -> Extracted:
    """A document of labelled page texts, a blank line between them. Raises Unreadable when all are empty."""
    parts: list[str] = []
    ranges: list[tuple[str, int, int]] = []
    offset = 0
    for label, raw in pages:
        text = plain(raw).strip("\n") + "\n\n"
        parts.append(text)
        ranges.append((label, offset, offset + len(text)))
        offset += len(text)
    whole = "".join(parts)
    if not whole.strip():
        raise Unreadable("is empty")
    return Extracted(whole, page_kind, ranges, notes)
