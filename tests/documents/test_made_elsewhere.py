"""Files made with other people's software from our own text: right number of pages, known words on the right page."""

import asyncio
from pathlib import Path

import pytest

from rlm_desk.corpus import Document
from rlm_desk.documents.formats import BY_KIND
from rlm_desk.documents.reader import Extractor

FOLDER = Path(__file__).with_name("files")
CRANE, NOTICE = "The blue crane lifts forty tonnes", "ninety days before the first of March"
# name: pages, what they are, words, and the label of the page they are on
EXPECTED = {
    "calc.ods": (1, "sheet", "| Three, old | 60 | 190 |", "fees!A1:C4"),
    "calc.pdf": (1, "page", "| Three, old | 60 | 190 |", "1"),
    "calc.xlsx": (1, "sheet", "| Three, old | 60 | 190 |", "fees!A1:C4"),
    "chromium.pdf": (1, "page", CRANE, "1"),
    "chromium-arabic.pdf": (1, "page", "في المكتب رقم 12. يجب تقديم الإشعار كتابة قبل تسعين يوما من 1 مارس 2026.", "1"),
    "chromium-three.pdf": (3, "page", "| Three | 60 m | 190 |", "3"),
    "fees.csv": (1, "cells", '"Three, old",60,190', "A1:C4"),
    "fees.tsv": (1, "cells", "Two\t95\t275", "A1:C4"),
    "impress.odp": (4, "slide", CRANE, "3"),
    "impress.pdf": (4, "page", CRANE, "3"),
    "impress.pptx": (4, "slide", CRANE, "3"),
    "info-zip.zip/fees.csv": (1, "cells", "One,120,340", "A1:C4"),
    "info-zip.zip/pandoc.md": (1, "lines", CRANE, "1-19"),
    "libreoffice-hebrew.pdf": (2, "page", 'יורו (כולל מע"מ), ומשולמים ל-Harbour Office Ltd עד סוף שנת 2027.', "2"),
    "libreoffice.docx": (4, "section", CRANE, "Cranes"),
    "libreoffice.epub": (1, "lines", CRANE, "1-14"),
    "libreoffice.html": (4, "section", CRANE, "Cranes"),
    "libreoffice.odt": (4, "section", NOTICE, "Notice"),
    "libreoffice.pdf": (1, "page", "| Three | 60 m | 190 |", "1"),
    "libreoffice.rtf": (1, "lines", NOTICE, "1-12"),
    "libreoffice-password.pdf": (1, "page", NOTICE, "1"),
    "lualatex-outline.pdf": (4, "page", NOTICE, "4"),
    "msoffcrypto.docx": (4, "section", NOTICE, "Notice"),
    "msoffcrypto.xlsx": (1, "sheet", "| Three, old | 60 | 190 |", "fees!A1:C4"),
    "pandoc.docx": (4, "section", NOTICE, "Notice"),
    "pandoc.epub": (5, "section", NOTICE, "Notice"),
    "pandoc.html": (5, "section", CRANE, "Cranes"),
    "pandoc.json": (0, "lines", "tonnes", ""),
    "pandoc.md": (1, "lines", NOTICE, "1-19"),
    "pandoc.odt": (4, "section", CRANE, "Cranes"),
    "pandoc.pptx": (4, "slide", CRANE, "3"),
    "pandoc.rtf": (1, "lines", CRANE, ""),
    "pandoc.tex": (0, "lines", "lifts forty tonnes", ""),
    "pandoc.txt": (1, "lines", CRANE, ""),
    "pandoc.xml": (0, "lines", "lifts forty tonnes", ""),
    "pdflatex-roman.pdf": (3, "page", "The first chapter names the berths", "1"),
    "pdflatex-three.pdf": (4, "page", NOTICE, "3"),
    "pdflatex-two-columns.pdf": (2, "page", "SECONDCOLUMN begins here", "2"),
    "python.eml": (1, "message", CRANE, "1 Cranes"),
    "python.eml/fees.csv": (1, "cells", "One,120,340", "A1:C4"),
    "python.mbox": (3, "message", NOTICE, "3 Notice"),
    "sheetjs.msg": (1, "message", CRANE, "1 Cranes"),
    "sheetjs.msg/fees.csv": (1, "cells", "One,120,340", "A1:C4"),
    "tesseract.pdf": (1, "page", CRANE, "1"),
}
# name: words of the reason
SKIPPED = {
    "calc.xls": "is an old Excel file: save it as .xlsx",
    "cut-off.docx": "is damaged or cut off",
    "cut-off.odt": "is damaged or cut off",
    "cut-off.pdf": "is cut off or damaged",
    "libreoffice.doc": "is an old Word file: save it as .docx",
    "pillow-scan.pdf": "has no text layer on any of its 1 pages",
}
LOCKED = ("libreoffice-password.pdf", "msoffcrypto.docx", "msoffcrypto.xlsx")
PASSWORD = "harbour"


Outcome = tuple[dict[str, Document], dict[str, str]]


def opened(*passwords: str) -> Outcome:
    """Documents, and reasons of what was skipped, by name."""

    async def everything() -> Outcome:
        extractor = Extractor()
        extractor.passwords = list(passwords)
        documents, skipped = await extractor.read([FOLDER])
        await extractor.close()
        return {document.name: document for document in documents}, {one.name: one.reason for one in skipped}

    return asyncio.run(everything())


@pytest.fixture(scope="module")
def read() -> Outcome:
    return opened("wrong", PASSWORD)


@pytest.mark.parametrize("name", EXPECTED)
def test_known_words_are_on_the_right_page(name: str, read: Outcome) -> None:
    pages, kind, words, label = EXPECTED[name]
    document = read[0][name]
    assert document.page_kind == kind
    assert not pages or len(document.pages) == pages
    flat = {page.label: " ".join(document.text[page.start : page.end].split()) for page in document.pages}
    assert any(" ".join(words.split()) in text and label in ("", at) for at, text in flat.items()), flat


def test_every_format_has_such_a_file(read: Outcome) -> None:
    archives = {"archive"}  # what lies in one is a document, the archive itself is none
    assert {document.kind for document in read[0].values()} == set(BY_KIND) - archives
    assert any(name.startswith("info-zip.zip/") for name in read[0])
    assert len(EXPECTED) + len(SKIPPED) >= 25


@pytest.mark.parametrize("name", SKIPPED)
def test_what_cannot_be_read_is_named_as_what_it_is(name: str, read: Outcome) -> None:
    assert SKIPPED[name] in read[1][name]


def test_no_file_is_forgotten(read: Outcome) -> None:
    files = {path.name for path in FOLDER.iterdir()} - {"SOURCES.md", "pandoc.org", "pandoc.rst"}
    assert {name.split("/")[0] for name in (*EXPECTED, *SKIPPED)} == files


def test_a_locked_file_wants_its_password_and_says_that_its_text_is_kept_without(read: Outcome) -> None:
    without = opened()[1]
    wrong = opened("wrong")[1]
    for name in LOCKED:
        assert "is encrypted: give its password" in without[name]
        assert "those given are wrong" in wrong[name]
        assert any("without encryption" in note for note in read[0][name].notes)
