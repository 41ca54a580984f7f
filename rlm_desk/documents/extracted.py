"""What a reader hands back. Worker side: standard library only."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

OnPage = Callable[[int, int], None]
"""Called by a reader as it goes: pages done, pages in all."""

_SURROGATES = re.compile("[\ud800-\udfff]")


class Unreadable(Exception):
    """A document that gives no text. The message continues its name: "is empty", "is encrypted: ..."."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """Text and pages of one document; pages tile the text."""

    text: str
    page_kind: str
    pages: list[tuple[str, int, int]]
    """Label, start, end; offsets in characters."""
    notes: list[str]


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
