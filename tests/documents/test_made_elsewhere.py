"""Files made with other people's software from our own text: right number of pages, known words on the right page."""

import asyncio
from pathlib import Path

import pytest

from rlm_desk.corpus import Document
from rlm_desk.documents.reader import Extractor

FOLDER = Path(__file__).with_name("files")
CRANE, NOTICE = "The blue crane lifts forty tonnes", "ninety days before the first of March"
# name: pages, what they are, words, and the label of the page they are on
EXPECTED = {
    "chromium.pdf": (1, "page", CRANE, "1"),
    "fees.csv": (1, "cells", '"Three, old",60,190', "A1:C4"),
    "fees.tsv": (1, "cells", "Two\t95\t275", "A1:C4"),
    "libreoffice.docx": (4, "section", CRANE, "Cranes"),
    "pandoc.docx": (4, "section", NOTICE, "Notice"),
    "pandoc.epub": (5, "section", NOTICE, "Notice"),
    "pandoc.html": (5, "section", CRANE, "Cranes"),
    "pandoc.json": (0, "lines", "tonnes", ""),
    "pandoc.md": (1, "lines", NOTICE, "1-19"),
    "pandoc.odt": (4, "section", CRANE, "Cranes"),
    "pandoc.pptx": (4, "slide", CRANE, "3"),
    "pandoc.rtf": (1, "lines", CRANE, ""),
    "pandoc.txt": (1, "lines", CRANE, ""),
    "pdflatex-roman.pdf": (3, "page", "The first chapter names the berths", "1"),
    "pdflatex-three.pdf": (4, "page", NOTICE, "3"),
    "pdflatex-two-columns.pdf": (2, "page", "SECONDCOLUMN begins here", "2"),
}


@pytest.fixture(scope="module")
def read() -> dict[str, Document]:
    async def everything() -> dict[str, Document]:
        extractor = Extractor()
        documents, _ = await extractor.read([FOLDER])
        await extractor.close()
        return {document.name: document for document in documents}

    return asyncio.run(everything())


@pytest.mark.parametrize("name", EXPECTED)
def test_known_words_are_on_the_right_page(name: str, read: dict[str, Document]) -> None:
    pages, kind, words, label = EXPECTED[name]
    document = read[name]
    assert document.page_kind == kind
    assert not pages or len(document.pages) == pages
    flat = {page.label: " ".join(document.text[page.start : page.end].split()) for page in document.pages}
    assert any(" ".join(words.split()) in text and label in ("", at) for at, text in flat.items()), flat
