"""A PDF's pages by pdfium: their words and where they stand, and pictures of them.

Loaded before the lock: pypdfium2 binds a native library, which asks the kernel for memory only.
"""

import math
from dataclasses import dataclass
from typing import Any

import pypdfium2
from PIL import Image, ImageFile  # noqa: F401 - Pillow asks for it when it takes pixels over: after the lock
from pypdfium2 import raw

from rlm_desk.documents.picture import fits
from rlm_desk.documents.readers import rightleft
from rlm_desk.documents.readers.words import Word, characters, lines_of

pypdfium2.PdfDocument.new().close()  # the library is made ready while files can still be opened

FINER = 3
"""A page is drawn so many times larger each way and averaged down: pdfium makes no line thinner than a pixel, which
in a picture of a hundred pixels turns a drawing of thin lines into a black patch."""


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
        left, bottom, right, top = page.get_cropbox()
        turned = page.get_rotation() != 0
        text = page.get_textpage()
        try:
            whole = characters(text)
            if not turned and rightleft.FOUND.search(whole):
                lines = rightleft.lines_of(text, whole, left, right)
            else:
                lines = lines_of(text, whole)
        finally:
            text.close()
        pictures = False if any(lines) else _pictures(page)
        return Sheet(lines, left, bottom, right, top, turned, pictures)
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


def drawn(document: pypdfium2.PdfDocument, number: int, width: int, height: int) -> tuple[bytes, int, int]:
    """A page in its colours, in a box of `width` by `height` pixels: RGB rows, and the sides it really has.

    Raises pypdfium2.PdfiumError, also for a page without a size.
    """
    page = document[number]
    try:
        across, up = page.get_size()
        if not (0 < across < math.inf and 0 < up < math.inf):
            raise pypdfium2.PdfiumError("a page without a size")
        scale = min(width / across, height / up)
        # Never past the box: its pixels were counted before a buffer for them is asked for.
        wide, high = (max(1, min(most, round(side * scale))) for side, most in ((across, width), (up, height)))
        finer = FINER if fits(wide * FINER, high * FINER) else 1
        bitmap = pypdfium2.PdfBitmap.new_native(wide * finer, high * finer, raw.FPDFBitmap_BGR, rev_byteorder=True)
        try:
            bitmap.fill_rect((255, 255, 255, 255), 0, 0, wide * finer, high * finer)
            how = raw.FPDF_ANNOT | raw.FPDF_REVERSE_BYTE_ORDER
            raw.FPDF_RenderPageBitmap(bitmap, page, 0, 0, wide * finer, high * finer, 0, how)
            size = (wide * finer, high * finer)
            large = Image.frombuffer("RGB", size, bytes(bitmap.buffer), "raw", "RGB", bitmap.stride, 1)
            return large.reduce(finer).tobytes(), wide, high
        finally:
            bitmap.close()
    finally:
        page.close()


def _pictures(page: Any) -> bool:
    kinds = (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM, raw.FPDF_PAGEOBJ_SHADING)
    return any(True for _ in page.get_objects(filter=kinds, max_depth=1))
