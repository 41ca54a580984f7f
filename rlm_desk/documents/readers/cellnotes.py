"""Comments on the cells of an Excel workbook, which openpyxl leaves out of a file that it reads row by row."""

import posixpath
import zipfile
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from rlm_desk.documents.readers.zipped import DAMAGE

_KIND = "/relationships/comments"


def comments(archive: zipfile.ZipFile, sheet: str) -> list[str]:
    """`B3, A. Reader: Ask again.` of every comment on a sheet, by the path of its file in the archive.

    What is wrong with them costs no cell: there are none then.
    """
    folder, file = posixpath.split(sheet.lstrip("/"))
    try:
        found = []
        for relation in _parse(archive.read(f"{folder}/_rels/{file}.rels")):
            if str(relation.get("Type", "")).endswith(_KIND):
                target = relation.get("Target", "")
                path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
                found += _notes(_parse(archive.read(path)))
        return found
    except (KeyError, ValueError, OSError, *DAMAGE, etree.XMLSyntaxError):
        return []


def _notes(root: Any) -> list[str]:
    authors = [(one.text or "").strip() for one in root.iterfind(".//{*}authors/{*}author")]
    found = []
    for one in root.iterfind(".//{*}commentList/{*}comment"):
        number = one.get("authorId", "")
        who = authors[int(number)] if number.isdecimal() and int(number) < len(authors) else ""
        text = " ".join("".join(part.text or "" for part in one.iter("{*}t")).split())
        text = text.removeprefix(f"{who}:").strip()  # Excel writes the name at the head of the text too
        if text:
            found.append(f"{one.get('ref', '')}, {who}: {text}" if who else f"{one.get('ref', '')}: {text}")
    return found


def _parse(raw: bytes) -> Any:
    return etree.fromstring(raw, etree.XMLParser(resolve_entities=False, no_network=True))
