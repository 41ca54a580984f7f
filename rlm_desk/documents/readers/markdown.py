"""Markdown: plain text, with its headings as outline."""

import re
from collections.abc import Iterator
from dataclasses import replace

from rlm_desk.documents.extracted import Extracted, OnPage
from rlm_desk.documents.readers import text

_LINE = re.compile(r"^(?:(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*|(```|~~~).*)$", re.M)


def read(data: bytes, name: str, on_page: OnPage) -> Extracted:
    """Its text. Raises Unreadable."""
    found = text.read(data, name, on_page)
    return replace(found, outline=list(_headings(found.text)))


def _headings(whole: str) -> Iterator[tuple[str, int, int]]:
    """Lines that begin with `#`, but for those in blocks of code."""
    fence = ""
    for match in _LINE.finditer(whole):
        marks, title, fenced = match.groups()
        if fenced:
            fence = "" if fence == fenced else fence or fenced
        elif not fence:
            yield title[:200], len(marks), match.start()
