"""Words of a PDF's pages and where they stand, by pdfium: some ten times faster than reading the page in Python.

Loaded before the lock: pypdfium2 binds a native library, which asks the kernel for memory only.
"""

import ctypes
from dataclasses import dataclass
from typing import Any

import pypdfium2
from pypdfium2 import raw

HYPHEN = "\ufffe"
"""Stands for the hyphen of a word that was broken at the end of a line."""
_LETTERS = "\x1c\x1d\x1e\x1f"
"""Python takes them for white space; they are the ligatures of TeX's fonts (see pdf.py)."""
_MARKS = str.maketrans({"\x02": HYPHEN, "\0": None, "\xa0": " "})

pypdfium2.PdfDocument.new().close()  # the library is made ready while files can still be opened


@dataclass(frozen=True, slots=True)
class Word:
    """Characters without a space between, and their box in points; the page's origin is at its lower left."""

    text: str
    left: float
    right: float
    bottom: float
    top: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as pdfium sees it."""

    lines: list[list[Word]]
    """In the order of the file, which is mostly that of reading."""
    left: float
    bottom: float
    right: float
    top: float
    turned: bool
    """Shown turned by a quarter or half: boxes do not mean what they seem to."""
    pictures: bool
    """Whether anything but text is drawn with a picture or a form."""


class Locked(Exception):
    """A password is needed; `tried` says whether one was given and is wrong."""

    def __init__(self, tried: bool) -> None:
        super().__init__("password")
        self.tried = tried


def opened(data: bytes, password: str | None) -> pypdfium2.PdfDocument:
    """The document. Raises Locked, or pypdfium2.PdfiumError for what it cannot make sense of."""
    try:
        return pypdfium2.PdfDocument(data, password=password)
    except pypdfium2.PdfiumError as problem:
        if getattr(problem, "err_code", None) == raw.FPDF_ERR_PASSWORD:
            raise Locked(password is not None) from problem
        raise


def sheet(document: pypdfium2.PdfDocument, number: int) -> Sheet:
    """A page's words. Raises pypdfium2.PdfiumError."""
    page = document[number]
    try:
        text = page.get_textpage()
        try:
            lines = _lines(text)
        finally:
            text.close()
        left, bottom, right, top = page.get_cropbox()
        pictures = False if any(lines) else _pictures(page)
        return Sheet(lines, left, bottom, right, top, page.get_rotation() != 0, pictures)
    finally:
        page.close()


def picture(document: pypdfium2.PdfDocument, number: int, dots_per_inch: int) -> tuple[bytes, int, int, int]:
    """A page as grey pixels: bytes, width, height, bytes a line. Raises pypdfium2.PdfiumError."""
    page = document[number]
    try:
        bitmap = page.render(scale=dots_per_inch / 72, grayscale=True)
        try:
            return bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride
        finally:
            bitmap.close()
    finally:
        page.close()


def _lines(text: Any) -> list[list[Word]]:
    count = text.count_chars()
    whole: str = text.get_text_range()
    if len(whole) != count:  # characters beyond the first 65,536: ask for each
        whole = "".join(chr(raw.FPDFText_GetUnicode(text.raw, index)) for index in range(count))
    whole = whole.translate(_MARKS) if len(whole.translate(_MARKS)) == count else whole.replace("\0", " ")
    lines: list[list[Word]] = []
    line: list[Word] = []
    box = raw.FS_RECTF()
    at = ctypes.byref(box)
    get, handle = raw.FPDFText_GetLooseCharBox, text.raw
    start = 0
    for index, character in enumerate(whole + "\n"):
        if character != HYPHEN and (character in _LETTERS or not character.isspace()):
            continue
        if start < index:
            get(handle, start, at)
            left, bottom, top = box.left, box.bottom, box.top
            if index - start > 1:
                get(handle, index - 1, at)
            text_of = whole[start:index] + (HYPHEN if character == HYPHEN else "")
            line.append(Word(text_of, left, box.right, bottom, top))
        start = index + 1
        if line and character in ("\n", HYPHEN):
            lines.append(line)
            line = []
    if line:
        lines.append(line)
    return lines


def _pictures(page: Any) -> bool:
    kinds = (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM, raw.FPDF_PAGEOBJ_SHADING)
    return any(True for _ in page.get_objects(filter=kinds, max_depth=1))
