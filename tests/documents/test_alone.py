"""Each format alone, in a worker that has loaded no other: what its library asks for late must be there already."""

import os
from pathlib import Path

import pytest

from rlm_desk.documents.reader import Extractor

pytestmark = pytest.mark.skipif(os.name == "nt", reason="confinement is POSIX for now")
FILES = Path(__file__).with_name("files")
NAMES = (
    "libreoffice.docx msoffcrypto.docx calc.xlsx msoffcrypto.xlsx impress.pptx libreoffice.odt calc.ods"
    " libreoffice.epub libreoffice.html libreoffice.rtf python.eml python.mbox sheetjs.msg"
    " info-zip.zip fees.csv pandoc.json"
).split()


@pytest.mark.parametrize("name", NAMES)
async def test_it_is_read_by_a_worker_of_its_own(name: str) -> None:
    extractor = Extractor()
    await extractor.start(1)
    extractor.passwords = ["harbour"]
    try:
        documents, skipped = await extractor.read([FILES / name])
    finally:
        await extractor.close()
    assert documents and not skipped
