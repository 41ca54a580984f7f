"""HTML by lxml: what a reader would see, with headings as sections and tables as tables."""

import re
from typing import Any

import lxml.etree  # type: ignore[import-untyped]
import lxml.html  # type: ignore[import-untyped]

from rlm_desk.documents.extracted import Extracted, OnPage, Unreadable
from rlm_desk.documents.readers.hidden import take_out
from rlm_desk.documents.readers.text import decode
from rlm_desk.documents.sectioning import Outline

_UNSEEN = {"script", "style", "noscript", "template", "head", "svg", "iframe", "object", "select", "button"}
_BLOCKS = set(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer"
    " form header hr html legend li main menu nav ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.I)
MOST_COLUMNS = 100
"""That a cell is taken to span at most."""
_DEEPEST = 400
"""Elements inside one another that are followed; what lies deeper is taken as plain text."""


def read(data: bytes, name: str, on_page: OnPage) -> Extracted:
    """The text of a page. Raises Unreadable."""
    if not data.strip():
        raise Unreadable("is empty")
    outline = Outline()
    fill(outline, source(data, outline.notes))
    return outline.extracted()


def source(data: bytes, notes: list[str]) -> str:
    """Its characters: by byte order mark, by the encoding it names, else like any text. Raises Unreadable."""
    named = _CHARSET.search(data[:4096])
    if named and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        encoding = named[1].decode("ascii").lower()
        # Browsers read these names as Windows' encoding, and pages are written for browsers.
        encoding = "cp1252" if encoding in ("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii") else encoding
        try:
            return data.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            notes.append("It names an encoding that is not its own.")
    text, guesses = decode(data)
    notes += guesses
    return text


def fill(outline: Outline, html: str) -> None:
    """Add the text of some HTML to an outline."""
    html = re.sub(r"\A\s*<\?xml[^>]*\?>", "", html.replace("\0", ""))
    if not html.strip():
        return
    # Without huge_tree what lies 256 elements deep would be dropped without a word.
    parser = lxml.html.HTMLParser(huge_tree=True)
    try:
        root = lxml.html.document_fromstring(html, parser=parser)
    except lxml.etree.ParserError:  # markup with nothing in it, `<!` for instance
        return
    if any("depth" in entry.message.lower() for entry in parser.error_log):
        outline.notes.append("Elements more than 2,000 deep inside one another were not read.")
    outline.hidden += take_out(root)
    title = root.findtext(".//head/title")
    if title and title.strip():
        outline.add(" ".join(title.split()))
        outline.add("")
    body = root.find(".//body")
    walker = _Walker(outline)
    walker.element(root if body is None else body, 0)
    walker.flush()


class _Walker:
    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._line: list[str] = []

    def element(self, element: Any, depth: int) -> None:
        tag = element.tag if isinstance(element.tag, str) else ""
        if not tag or tag in _UNSEEN:
            return
        if depth > _DEEPEST:
            self._line.append(element.text_content())
            return
        if tag in _HEADINGS:
            self.flush()
            self._outline.heading(element.text_content(), int(tag[1]))
            return
        if tag == "pre":
            self.flush()
            self._outline.add(element.text_content())
            return
        if tag == "table" and element.find(".//table") is None and element.find(".//tr/*[2]") is not None:
            self.flush()
            self._outline.table([_row(row) for row in element.iter("tr")])
            return
        if tag in _BLOCKS:
            self.flush()
        if tag == "br":
            self._line.append("\n")
        elif tag == "li":
            self._line.append("- ")
        elif tag == "img" and element.get("alt"):
            self._line.append(f"[{element.get('alt')}]")
        self._line.append(_spaces(element.text))
        for child in element:
            self.element(child, depth + 1)
            self._line.append(_spaces(child.tail))
        if tag in _BLOCKS:
            self.flush()

    def flush(self) -> None:
        text = re.sub(r" *\n *", "\n", re.sub(r"[ \t]+", " ", "".join(self._line))).strip()
        self._line = []
        if text and text != "-":
            self._outline.add(text)


def _row(row: Any) -> list[str]:
    """Its cells; one that spans several columns is followed by empty ones, so that columns stay below one another."""
    cells: list[str] = []
    for cell in row:
        if cell.tag in ("td", "th"):
            span = str(cell.get("colspan", "1")).strip()
            cells += [_words(cell), *[""] * (min(int(span), MOST_COLUMNS) - 1 if span.isdecimal() else 0)]
    return cells


def _words(element: Any) -> str:
    return " ".join(str(element.text_content()).split())


def _spaces(text: str | None) -> str:
    return re.sub(r"\s+", " ", text) if text else ""
