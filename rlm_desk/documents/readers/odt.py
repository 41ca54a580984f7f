"""OpenDocument text, spreadsheets and presentations: an XML file in an archive, walked in order."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from rlm_desk.clean import plural
from rlm_desk.documents.extracted import Extracted, OnPage, Unreadable, assemble
from rlm_desk.documents.readers.zipped import DAMAGE, opened
from rlm_desk.documents.sectioning import PAGE_CHARS, Outline, column_name

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_MOST_COLUMNS = 500
_SIGNS = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n", f"{_TEXT}s": " "}
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
"""A covered one lies under its neighbour that spans it: empty, and columns stay below one another."""
_SKIP = {f"{_TEXT}tracked-changes", f"{_TEXT}sequence-decls", f"{_OFFICE}forms", f"{_OFFICE}annotation"}


def read(data: bytes, name: str, on_page: OnPage) -> Extracted:
    """Paragraphs, lists and tables. Raises Unreadable."""
    archive = opened(data)
    try:
        if b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise Unreadable("is encrypted: open it with its password and save a copy without")
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        body = etree.fromstring(archive.read("content.xml"), parser).find(f"{_OFFICE}body")
    except (KeyError, ValueError, OSError, *DAMAGE, etree.XMLSyntaxError) as problem:
        raise Unreadable("is damaged, or no OpenDocument text") from problem
    if body is None:
        raise Unreadable("is damaged: it has no body")
    sheets, slides = body.find(f"{_OFFICE}spreadsheet"), body.find(f"{_OFFICE}presentation")
    if sheets is not None:
        return _spreadsheet(sheets)
    if slides is not None:
        return _presentation(slides)
    outline = Outline()
    _blocks(body, outline, "")
    for title, texts in (("Comments", _comments(body)), *_running(archive, parser)):
        if texts:
            outline.heading(title)
            for text in dict.fromkeys(texts):
                outline.add(text)
    return outline.extracted()


def _comments(body: Any) -> list[str]:
    """What was noted in the margin, each on one line, behind the name of who wrote it."""
    found = []
    for note in body.iter(f"{_OFFICE}annotation"):
        who = (note.findtext(f"{_DC}creator") or "").strip()
        text = " ".join(" ".join(_words(part).split()) for part in note.iter(f"{_TEXT}p")).strip()
        found += [f"{who}: {text}" if who else text] if text else []
    return found


def _running(archive: Any, parser: Any) -> list[tuple[str, list[str]]]:
    """Headers and footers, which stand with the styles. What is wrong with those costs no text of the body."""
    try:
        styles = etree.fromstring(archive.read("styles.xml"), parser)
    except (KeyError, ValueError, OSError, *DAMAGE, etree.XMLSyntaxError):
        return []
    found = []
    for title, kind in (("Headers", "header"), ("Footers", "footer")):
        parts = [part for name in (kind, f"{kind}-left", f"{kind}-first") for part in styles.iter(f"{_STYLE}{name}")]
        texts = [" ".join(_words(line).split()) for part in parts for line in part.iter(f"{_TEXT}p")]
        found.append((title, [text for text in texts if any(map(str.isalpha, text))]))  # a page's number is no text
    return found


def _spreadsheet(body: Any) -> Extracted:
    """Rows as lines of a table, in blocks labelled by sheet and range of cells."""
    pages: list[tuple[str, str]] = []
    outline: list[str] = []
    for table in body.iterchildren(f"{_TABLE}table"):
        title = table.get(f"{_TABLE}name", "Sheet")
        for first, last, widest, lines in _row_blocks(table):
            pages.append((f"{title}!A{first}:{column_name(widest)}{last}", "\n".join(lines)))
            outline.append(title)
    made = assemble(pages, "sheet", [])
    begins = [(title, 1, made.pages[n][1]) for n, title in enumerate(outline) if n == 0 or outline[n - 1] != title]
    return replace(made, outline=begins)


def _row_blocks(table: Any) -> Iterator[tuple[int, int, int, list[str]]]:
    """First row, last row, widest row and lines of blocks of about a page."""
    lines: list[str] = []
    first = number = chars = 0
    widest = 1
    for row in _rows(table):
        repeated = _count(row.get(f"{_TABLE}number-rows-repeated"))
        cells: list[str] = []
        for cell in row:
            if cell.tag in _CELLS and len(cells) < _MOST_COLUMNS:
                text = " ".join(_words(cell).split()).replace("|", "/")
                cells += [text] * (min(_count(cell.get(f"{_TABLE}number-columns-repeated")), 200) if text else 1)
        while cells and not cells[-1]:
            cells.pop()
        for _ in range(min(repeated, 1000) if cells else 0):
            number += 1
            line = f"| {' | '.join(cells)} |"
            if lines and chars + len(line) > PAGE_CHARS:
                yield first, number - 1, widest, lines
                lines, chars, widest = [], 0, 1
            first = first if lines else number
            lines.append(line)
            chars, widest = chars + len(line), max(widest, len(cells))
        number += 0 if cells else repeated
    if lines:
        yield first, number, widest, lines


def _presentation(body: Any) -> Extracted:
    """One page a slide, its notes behind it."""
    pages: list[tuple[str, str]] = []
    for number, slide in enumerate(body.iterchildren(f"{_DRAW}page"), 1):
        outline = Outline()
        _blocks(slide, outline, "")
        try:
            text = outline.extracted().text
        except Unreadable:
            text = ""
        pages.append((str(number), text))
    if not any(text.strip() for _, text in pages):
        raise Unreadable(f"has {plural(len(pages), 'slide')} without any text (pictures?)", len(pages))
    made = assemble(pages, "slide", [])
    titles = [text.strip().split("\n", 1)[0][:200] for _, text in pages]
    return replace(made, outline=[(title, 1, page[1]) for title, page in zip(titles, made.pages, strict=True) if title])


def _count(said: str | None) -> int:
    return int(said) if said and said.isdecimal() and len(said) < 8 else 1


def _blocks(parent: Any, outline: Outline, bullet: str) -> None:
    for child in parent:
        if child.tag == f"{_TEXT}h":
            outline.heading(_words(child), _count(child.get(f"{_TEXT}outline-level")))
        elif child.tag == f"{_TEXT}p":
            outline.add(bullet + _words(child))
        elif child.tag == f"{_TEXT}list":
            _blocks(child, outline, "- ")
        elif child.tag == f"{_TABLE}table":
            outline.table([[_words(cell) for cell in row if cell.tag in _CELLS] for row in _rows(child)])
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
