"""Hostile archives: office files, books, archives in archives."""

import io
import struct
import zipfile

from tests.escapes.documents.made import MIB, hostile


def archive(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in members.items():
            zipped.writestr(name, data)
    return out.getvalue()


TYPES = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'  # noqa: E501
RELS = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>'  # noqa: E501


def docx(document: bytes, **more: bytes) -> bytes:
    return archive({"[Content_Types].xml": TYPES, "_rels/.rels": RELS, "word/document.xml": document} | more)


WORD = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>%s</w:body></w:document>'
PARAGRAPH = b"<w:p><w:r><w:t>The fee is 40 euros.</w:t></w:r></w:p>"


@hostile("bomb.docx")
def _() -> bytes:
    return docx(WORD % (b" " * (60 * MIB)))


@hostile("entities.docx")
def _() -> bytes:
    lol = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    return docx(b'<!DOCTYPE d [<!ENTITY l0 "lol">' + lol + b"]>" + WORD % b"<w:p><w:r><w:t>&l9;</w:t></w:r></w:p>")


@hostile("a file from outside.docx")
def _() -> bytes:
    return docx(
        b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + WORD % b"<w:p><w:r><w:t>&x;</w:t></w:r></w:p>"
    )


@hostile("deep.docx")
def _() -> bytes:
    return docx(WORD % (b"<w:sdt><w:sdtContent>" * 20_000 + PARAGRAPH + b"</w:sdtContent></w:sdt>" * 20_000))


@hostile("members that climb.docx")
def _() -> bytes:
    return docx(WORD % PARAGRAPH) + archive({"../../../../tmp/climbed": b"x"})


@hostile("a size that lies.docx")
def _() -> bytes:
    return docx(WORD % PARAGRAPH).replace(struct.pack("<I", len(WORD % PARAGRAPH)), struct.pack("<I", 2**31))


@hostile("an archive in an archive.zip")
def _() -> bytes:
    inner = archive({"a.txt": b"\0" * (16 * MIB)})
    for _ in range(6):
        inner = archive({f"{n}.zip": inner for n in range(4)})
    return inner


@hostile("many members.epub")
def _() -> bytes:
    return archive({f"{n}.xhtml": b"x" for n in range(5000)})
