"""Documents made with other people's software. They do not live in the repository: named by RLM_DESK_REAL_DOCUMENTS,
or beside the checkout in shared/documents.
"""

import asyncio
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
    "markitdown-test_mskanji.csv": (1, "A1:C4", "佐藤太郎,30,東京"),
    "unstructured-codeblock.md": (1, "1-33", "HTML Example"),
    "unstructured-fake-text-utf-16-be.txt": (1, "1-9", "Doylestown"),
    "unstructured-simple.json": (1, "1-127", "element_id"),
    "markitdown-test.docx": (4, "AutoGen: Enabling Next-Gen LLM Applications via Mu", "AutoGen"),
    "markitdown-equations.docx": (1, "1-5", "The angle"),
    "unstructured-docx-tables.docx": (1, "1-21", "| Header Col 1 | Header Col 2 |"),
    "unstructured-handbook-1p.docx": (3, "Beginning", "INTRODUCTION"),
    "markitdown-test.pptx": (6, "1", "AutoGen"),
    "markitdown-test.xlsx": (2, "Sheet1!A1:D24", "| Alpha | Beta | Gamma | Delta |"),
    "unstructured-stanley-cups.xlsx": (2, "Stanley Cups!A1:C5", "| Team | Location |"),
    "markitdown-test_blog.html": (6, "Beginning", "Does Model and Inference Parameter Matter"),
    "unstructured-fake-html-cp1252.html": (1, "1-10", "My First Heading"),
    "unstructured-fake-email-attachment.eml": (1, "1 Fake email with attachment", "Mallori Harrell"),
    "markitdown-test_outlook_msg.msg": (1, "1 Test Email Message", "Kurtulu\u015f"),
    "markitdown-test.rtf": (1, "1-3", "Sample RTF File"),
    "markitdown-test.epub": (4, "Beginning", "Test EPUB Document"),
    "unstructured-simple.odt": (1, "1-10", "Parrots"),
    "libreoffice-writer-password.pdf": (1, "1", "Lorem ipsum"),
    "unstructured-password.pdf": (1, "1", "File with password"),
    "imagemagick-images.pdf": (6, "1", "Background"),
    "pdflatex-forms.pdf": (1, "1", ""),
    "source.odt": (1, "1", ""),
    "unstructured-all-number-table.pdf": (1, "1", "| 1600.01 | 15 |"),
    "unstructured-eng_spa_mult.epub": (1, "1-7", ""),
    "unstructured-fake-email-attachment.eml/fake-attachment.txt": (1, "1", "Hey this is a fake attachment!"),
    "unstructured-fake-email-b64.eml": (1, "1 Test Email", "Roses are red"),
    "unstructured-fake-email.msg": (1, "1 Test Email", "Roses are red"),
    "unstructured-header-test-doc.pdf": (1, "1", "Here is a lovely sentence"),
    "unstructured-semicolon-delimited.csv": (1, "A1:C5", ";"),
    "unstructured-mime-multipart-digest.eml": (4, "1 Example Multipart Digest Email", "alice@example.com"),
}
SKIPPED = {
    "unstructured-password_protected.xlsx": "encrypted",
    "unstructured-empty.xlsx": "empty",
    "unstructured-picture.pptx": "without any text",
}


Outcome = tuple[dict[str, Document], dict[str, Skipped]]


@pytest.fixture(scope="module")
def read() -> Outcome:
    async def everything() -> Outcome:
        extractor = Extractor(ocr="eng")
        extractor.passwords = ["openpassword", "password"]
        documents, skipped = await extractor.read([FOLDER])
        await extractor.close()
        return {document.name: document for document in documents}, {one.name: one for one in skipped}

    return asyncio.run(everything())


@pytest.mark.parametrize("name", EXPECTED)
def test_it_opens(name: str, read: Outcome) -> None:
    pages, label, words = EXPECTED[name]
    if name in read[1] and read[1][name].reason.endswith("is not installed"):
        pytest.skip(read[1][name].reason)
    document = read[0][name]
    assert len(document.pages) == pages
    first = document.pages[0]
    assert first.label == label
    assert words in document.text[first.start : first.end]


@pytest.mark.parametrize("name", SKIPPED)
def test_it_is_named_as_what_it_is(name: str, read: Outcome) -> None:
    if read[1][name].reason.endswith("is not installed"):
        pytest.skip(read[1][name].reason)
    assert SKIPPED[name] in read[1][name].reason
