"""Fuzz target for the other document readers: those of zips get one's parts, changed, in a zip that is sound again."""

import io
import struct
import zipfile
from email.message import EmailMessage
from types import ModuleType

import docx
import openpyxl
import pptx

from rlm_desk.documents.extracted import Extracted, Unreadable
from rlm_desk.documents.readers import (
    archive,
    code,
    delimited,
    eml,
    epub,
    markdown,
    mbox,
    msg,
    odt,
    records,
    rtf,
    xlsx,
)
from rlm_desk.documents.readers import docx as word
from rlm_desk.documents.readers import pptx as slides

READERS: tuple[tuple[ModuleType, bool], ...] = (
    *((one, False) for one in (code, delimited, eml, markdown, mbox, msg, records, rtf, archive)),
    *((one, True) for one in (word, xlsx, slides, odt, epub)),
)
"""Each, and whether what it reads is a zip of parts. The first byte of an input chooses one."""


def office(data: bytes) -> None:
    """What the worker does with a reader: text in pages that tile it, or an error that becomes a named refusal."""
    reader, zipped = READERS[data[0] % len(READERS)] if data else READERS[0]
    raw = packed(data[1:]) if zipped else data[1:]
    try:
        found = reader.read(raw, "name.py", lambda done, total: None)
    except (Unreadable, Exception) as problem:  # `documents.worker` makes a sentence of any of them
        assert not isinstance(problem, ImportError), "something was not loaded before the lock"
        return
    tiled(found)


def tiled(found: Extracted) -> None:
    """Assert that pages follow one another from the text's beginning to its end."""
    end = 0
    for _, start, stop in found.pages:
        assert start == end and stop >= start
        end = stop
    assert end == len(found.text)


def unpacked(raw: bytes) -> bytes:
    """A zip as a fuzzer can change it: length and name, length and bytes of each member."""
    out = b""
    with zipfile.ZipFile(io.BytesIO(raw)) as source:
        for name in source.namelist():
            content = source.read(name)
            if len(content) <= 3000:  # a style sheet says nothing
                out += struct.pack("<HI", len(name), len(content)) + name.encode() + content
    return out


def packed(data: bytes) -> bytes:
    """The zip of it, as far as it goes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        at, seen = 0, set()
        while at + 6 <= len(data) and len(seen) < 64:
            names, size = struct.unpack_from("<HI", data, at)
            at += 6
            name = data[at : at + names % 200].decode("utf-8", "replace").replace("\0", "")
            content = data[at + names : at + names + size % 20_000]
            at += names + size
            if name and name not in seen:
                seen.add(name)
                target.writestr(name, content)
    return out.getvalue()


def _saved(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def seeds() -> list[bytes]:
    """One small document for each reader."""
    letter = EmailMessage()
    letter["From"], letter["Subject"] = "a@b.example", "Fees"
    letter.set_content("The fee is 40.")
    letter.add_attachment(b"x", maintype="application", subtype="pdf", filename="a.pdf")
    paper, book, show = docx.Document(), openpyxl.Workbook(), pptx.Presentation()
    paper.add_heading("Fees", 1)
    paper.add_table(1, 2).cell(0, 0).text = "Item"
    book.active.append(["Item", 3, "=A1"])
    show.slides.add_slide(show.slide_layouts[0]).shapes.title.text = "Fees"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as inside:
        inside.writestr("a.txt", "x")
    plain: dict[ModuleType, bytes] = {
        code: b"def f():\n    return 1\n",
        delimited: b'a,b\n1,"2\n3"\n',
        eml: bytes(letter),
        markdown: b"# A\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
        mbox: b"From a Mon Jan  1 00:00:00 2024\n" + bytes(letter),
        msg: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504),
        records: b'{"a": 1}\n{"b": [2]}\n',
        rtf: rb"{\rtf1\ansi Fees \b 40\b0\par \'e9 \u8364?}",
        archive: out.getvalue(),
        word: unpacked(_saved(paper)),
        xlsx: unpacked(_saved(book)),
        slides: unpacked(_saved(show)),
        odt: b"",
        epub: b"",
    }
    parts = {
        odt: {
            "content.xml": "<office:document-content xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0'/>"
        },
        epub: {"META-INF/container.xml": "<container><rootfiles><rootfile full-path='a.opf'/></rootfiles></container>"},
    }
    for reader, files in parts.items():
        plain[reader] = b"".join(
            struct.pack("<HI", len(name), len(content)) + f"{name}{content}".encode() for name, content in files.items()
        )
    return [bytes([number]) + plain[reader] for number, (reader, _) in enumerate(READERS)]
