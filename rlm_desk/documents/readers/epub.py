"""Electronic books: HTML files in an archive, in the order of the book's spine; its headings are the sections."""

import posixpath
from typing import Any
from urllib.parse import unquote

from lxml import etree  # type: ignore[import-untyped]

from rlm_desk.documents.extracted import Extracted, OnPage, Unreadable
from rlm_desk.documents.readers.html import fill, source
from rlm_desk.documents.readers.zipped import DAMAGE, opened
from rlm_desk.documents.sectioning import Outline

_PAGES = ("application/xhtml+xml", "text/html")


def read(data: bytes, name: str, on_page: OnPage) -> Extracted:
    """The book's text. Raises Unreadable."""
    archive = opened(data)
    try:
        container = _parse(archive.read("META-INF/container.xml"))
        package_name = container.find(".//{*}rootfile").get("full-path")
        package = _parse(archive.read(package_name))
        items = {item.get("id"): item for item in package.iterfind(".//{*}manifest/{*}item")}
        spine = [items[ref.get("idref")] for ref in package.iterfind(".//{*}spine/{*}itemref")]
    except (KeyError, ValueError, AttributeError, OSError, *DAMAGE, etree.XMLSyntaxError) as problem:
        raise Unreadable("is damaged, or no EPUB book") from problem
    outline = Outline()
    missing = 0
    for number, item in enumerate(spine, 1):
        if item.get("media-type") not in _PAGES:
            continue
        path = posixpath.normpath(posixpath.join(posixpath.dirname(package_name), unquote(item.get("href", ""))))
        try:
            fill(outline, source(archive.read(path), []))
        except (KeyError, OSError, Unreadable, *DAMAGE, etree.ParserError):
            missing += 1
        on_page(number, len(spine))
    if missing:
        outline.notes.append(f"{missing} of {len(spine)} chapters are missing, empty or damaged.")
    return outline.extracted()


def _parse(raw: bytes) -> Any:
    return etree.fromstring(raw, etree.XMLParser(resolve_entities=False, no_network=True))
