"""Documents made with other people's software. They do not live in the repository: named by RLM_DESK_REAL_DOCUMENTS,
or beside the checkout in shared/documents.
"""

import os
from pathlib import Path

import pytest

from rlm_desk.corpus import Document
from rlm_desk.documents.find import Skipped
from rlm_desk.documents.reader import Extractor

FOLDER = Path(os.environ.get("RLM_DESK_REAL_DOCUMENTS") or Path(__file__).resolve().parents[3] / "shared" / "documents")
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the folder of real documents is not here")

EXPECTED = {
    "GeoTopo-komprimiert.pdf": (117, "i", "Einführung"),
    "google-doc-document.pdf": (1, "1", "Beautiful is better than ugly"),
    "habibi.pdf": (1, "1", "habibi"),
    "markitdown-movie-theater-booking-2024.pdf": (1, "1", "BOOKING ORDER"),
    "markitdown-SPARSE-2024-INV-1234_borderless_table.pdf": (2, "1", "INVENTORY RECONCILIATION REPORT"),
    "minimal-document.pdf": (1, "1", "Lorem ipsum dolor sit amet"),
    "multicolumn.pdf": (3, "1", "Two-Column Document"),
    "pdflatex-4-pages.pdf": (4, "1", "Hello, here is some text"),
    "pdflatex-outline.pdf": (4, "1", "Contents"),
    "unstructured-fake-memo.pdf": (1, "1", "20,000 bottles"),
    "unstructured-rotated-page-90.pdf": (1, "1", "Rotated page"),
    "markitdown-test_mskanji.csv": (1, "1-4", "佐藤太郎,30,東京"),
    "unstructured-codeblock.md": (1, "1-33", "HTML Example"),
    "unstructured-fake-text-utf-16-be.txt": (1, "1-9", "Doylestown"),
    "unstructured-simple.json": (1, "1-127", "element_id"),
}
SKIPPED = {
    "libreoffice-writer-password.pdf": "encrypted",
    "unstructured-password.pdf": "encrypted",
    "markitdown-MEDRPT-2024-PAT-3847_medical_report_scan.pdf": "no text layer",
}


@pytest.fixture(scope="module")
async def read() -> tuple[dict[str, Document], dict[str, Skipped]]:
    extractor = Extractor()
    documents, skipped = await extractor.read([FOLDER])
    await extractor.close()
    return {document.name: document for document in documents}, {one.name: one for one in skipped}


@pytest.mark.parametrize("name", EXPECTED)
async def test_it_opens(name: str, read: tuple[dict[str, Document], dict[str, Skipped]]) -> None:
    pages, label, words = EXPECTED[name]
    document = read[0][name]
    assert len(document.pages) == pages
    first = document.pages[0]
    assert first.label == label
    assert words in document.text[first.start : first.end]


@pytest.mark.parametrize("name", SKIPPED)
async def test_it_is_named_as_what_it_is(name: str, read: tuple[dict[str, Document], dict[str, Skipped]]) -> None:
    assert SKIPPED[name] in read[1][name].reason
