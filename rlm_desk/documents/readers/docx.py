"""Word documents by python-docx, walked as XML so that nothing is dropped: inserted text, controls, boxes, notes.

Pages are not kept in the file, so its sections are its pages. Deleted (tracked) text is left out;
hidden text is too, and that is said.
"""

import io
from collections.abc import Iterator
from typing import Any

import docx
from docx.oxml.ns import qn
from lxml import etree  # type: ignore[import-untyped]

from rlm_desk.documents.extracted import Extracted, OnPage, Unreadable
from rlm_desk.documents.readers import formulas
from rlm_desk.documents.readers.locked import unlocked
from rlm_desk.documents.readers.zipped import core_facts, opened
from rlm_desk.documents.sectioning import Outline

_P, _TBL, _TR, _TC, _T = (qn(f"w:{name}") for name in ("p", "tbl", "tr", "tc", "t"))
_SKIP = {qn("w:del"), qn("w:moveFrom"), qn("w:instrText"), qn("w:pPr"), qn("w:rPr"), qn("w:tbl")}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_RUN, _HIDDEN = qn("w:r"), qn("w:vanish")
_SIGNS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
MOST_COLUMNS = 63
"""What Word allows in a table."""
_EXTRAS = (
    ("footnotes", "Footnotes"),
    ("endnotes", "Endnotes"),
    ("comments", "Comments"),
    ("header", "Headers"),
    ("footer", "Footers"),
)


def read(data: bytes, name: str, on_page: OnPage, password: str | None = None) -> Extracted:
    """Paragraphs, lists and tables in order, then footnotes, comments, headers and footers.

    Raises Unreadable, Locked.
    """
    data = unlocked(data, "Word", ".docx", password)
    opened(data)
    try:
        document = docx.Document(io.BytesIO(data))
    except (MemoryError, ImportError):
        raise
    except Exception as problem:  # python-docx raises what the bytes provoke
        raise Unreadable("is damaged, or no Word document") from problem
    styles = {style.style_id: (style.name or "") for style in document.styles}
    outline = Outline()
    outline.facts = core_facts(document.core_properties)
    outline.hidden = _take_out_hidden(document.element.body)
    _blocks(document.element.body, outline, styles)
    for kind, title in _EXTRAS:
        texts = [text for text in (_part_text(part) for part in _parts(document, kind)) if text]
        if texts:
            outline.heading(title)
            for text in dict.fromkeys(texts):
                outline.add(text)
    return outline.extracted()


def _take_out_hidden(body: Any) -> int:
    """Empty the runs of text that Word does not show; how many characters that were, without white space."""
    taken = 0
    for mark in list(body.iter(_HIDDEN)):
        run = mark.getparent().getparent()
        if run is None or run.tag != _RUN or mark.get(qn("w:val"), "1") in ("0", "false", "off"):
            continue
        for text in run.iter(_T):
            taken += len("".join((text.text or "").split()))
            text.text = ""
    return taken


def _blocks(parent: Any, outline: Outline, styles: dict[str, str]) -> None:
    for child in parent:
        if child.tag == _P:
            text = _text(child)
            if level := _heading(child, styles):
                outline.heading(text, level)
            else:
                outline.add(_bullet(child) + text)
        elif child.tag == _TBL:
            outline.table(_table(child))
        elif child.tag not in _SKIP and child.tag != _FALLBACK:  # content controls and the like
            _blocks(child, outline, styles)


def _text(element: Any) -> str:
    return "".join(_runs(element))


def _runs(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag == _T:
            yield child.text or ""
        elif child.tag == formulas.FORMULA:
            yield formulas.line(child)
        elif child.tag in _SIGNS:
            yield _SIGNS[child.tag]
        elif child.tag not in _SKIP and child.tag != _FALLBACK:
            if child.tag == _P:  # a text box inside the paragraph
                yield "\n"
            yield from _runs(child)


def _table(table: Any) -> list[list[str]]:
    """Its cells, row by row; one that spans several columns is followed by empty ones, so that columns stay below
    one another."""
    rows = []
    for row in _within(table, _TR):
        cells: list[str] = []
        for cell in _within(row, _TC):
            cells += [_cell(cell), *[""] * (_span(cell) - 1)]
        rows.append(cells)
    return rows


def _within(parent: Any, tag: str) -> Iterator[Any]:
    """A table's own rows, a row's own cells: also those in content controls, not those of tables inside."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag not in _SKIP and child.tag != _TC:
            yield from _within(child, tag)


def _span(cell: Any) -> int:
    """Columns that it spans."""
    found = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
    said = found.get(qn("w:val"), "") if found is not None else ""
    return min(max(int(said), 1), MOST_COLUMNS) if said.isdecimal() else 1


def _cell(cell: Any) -> str:
    """Its text on one line; a table in it as rows of cells: `e, f; g, h`."""
    parts: list[str] = []
    for child in cell:
        if child.tag == _P:
            parts.append(_text(child))
        elif child.tag == _TBL:
            parts.append("; ".join(", ".join(text for text in row if text) for row in _table(child)))
        elif child.tag not in _SKIP and child.tag != _FALLBACK:
            parts.append(_cell(child))
    return " ".join(part for part in parts if part.strip())


def _heading(paragraph: Any, styles: dict[str, str]) -> int:
    """Its level from 1; 0 when it is none."""
    style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    name = (styles.get(style.get(qn("w:val")), "") if style is not None else "").lower()
    if name.startswith("title"):
        return 1
    last = name.rsplit(" ", 1)[-1]
    return (int(last) if last.isdecimal() and len(last) == 1 else 1) if name.startswith("heading") else 0


def _bullet(paragraph: Any) -> str:
    return "- " if paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None else ""


def _parts(document: Any, kind: str) -> Iterator[Any]:
    for part in document.part.package.iter_parts():
        file = str(part.partname).rsplit("/", 1)[-1]
        if file.startswith(kind) and file.endswith(".xml"):
            yield part


def _part_text(part: Any) -> str:
    root = etree.fromstring(part.blob, etree.XMLParser(resolve_entities=False, no_network=True))
    return "\n".join(text for text in (_text(paragraph).strip() for paragraph in root.iter(_P)) if text)
