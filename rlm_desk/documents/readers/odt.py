"""OpenDocument text: an XML file in an archive, walked in order; headings are sections, tables are tables."""

from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from rlm_desk.documents.extracted import Extracted, OnPage, Unreadable
from rlm_desk.documents.readers.zipped import DAMAGE, opened
from rlm_desk.documents.sectioning import Outline

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_SIGNS = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n", f"{_TEXT}s": " "}
_SKIP = {f"{_TEXT}tracked-changes", f"{_TEXT}sequence-decls", f"{_OFFICE}forms", f"{_OFFICE}annotation"}


def read(data: bytes, name: str, on_page: OnPage) -> Extracted:
    """Paragraphs, lists and tables. Raises Unreadable."""
    archive = opened(data, "OpenDocument")
    try:
        if b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise Unreadable("is encrypted: open it with its password and save a copy without")
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        body = etree.fromstring(archive.read("content.xml"), parser).find(f"{_OFFICE}body")
    except (KeyError, ValueError, OSError, *DAMAGE, etree.XMLSyntaxError) as problem:
        raise Unreadable("is damaged, or no OpenDocument text") from problem
    if body is None:
        raise Unreadable("is damaged: it has no body")
    outline = Outline()
    _blocks(body, outline, "")
    return outline.extracted()


def _blocks(parent: Any, outline: Outline, bullet: str) -> None:
    for child in parent:
        if child.tag == f"{_TEXT}h":
            outline.heading(_words(child))
        elif child.tag == f"{_TEXT}p":
            outline.add(bullet + _words(child))
        elif child.tag == f"{_TEXT}list":
            _blocks(child, outline, "- ")
        elif child.tag == f"{_TABLE}table":
            rows = [[_words(cell) for cell in row if cell.tag == f"{_TABLE}table-cell"] for row in _rows(child)]
            outline.table(rows)
        elif isinstance(child.tag, str) and child.tag not in _SKIP:
            _blocks(child, outline, bullet)


def _rows(table: Any) -> list[Any]:
    return list(table.iter(f"{_TABLE}table-row"))


def _words(element: Any) -> str:
    parts = [element.text or ""]
    for child in element:
        if child.tag == f"{_TEXT}s":
            count = child.get(f"{_TEXT}c", "1")
            parts.append(" " * min(int(count) if count.isdecimal() else 1, 80))
        elif child.tag in _SIGNS:
            parts.append(_SIGNS[child.tag])
        elif isinstance(child.tag, str) and child.tag not in _SKIP:
            parts.append(_words(child) + ("\n" if child.tag == f"{_TEXT}p" else ""))
        parts.append(child.tail or "")
    return "".join(parts)
