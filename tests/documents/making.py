"""PDFs made for the tests, by reportlab and by hand."""

import io
from collections.abc import Sequence
from pathlib import Path

import pypdf
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas


def pdf(pages: Sequence[str | None]) -> bytes:
    """A PDF with one text per page; None is a page that only shows a picture."""
    out = io.BytesIO()
    canvas = Canvas(out)
    for text in pages:
        if text is None:
            canvas.drawImage(ImageReader(_picture()), 50, 50, 300, 300)
        else:
            lines = canvas.beginText(72, 700)
            for line in text.split("\n"):
                lines.textLine(line)
            canvas.drawText(lines)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def encrypted(pages: Sequence[str | None], password: str, algorithm: str = "AES-256") -> bytes:
    writer = pypdf.PdfWriter(io.BytesIO(pdf(pages)))
    writer.encrypt(password, owner_password="owner", algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def labelled(pages: Sequence[str | None], style: str = "/r") -> bytes:
    writer = pypdf.PdfWriter(io.BytesIO(pdf(pages)))
    writer.set_page_label(0, len(pages) - 1, style=style)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _picture() -> io.BytesIO:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    out.seek(0)
    return out


def write(folder: Path, files: dict[str, bytes | str]) -> Path:
    """Files below a folder, by name."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder
