"""PDFs: text by page, labels, and every way in which one can be no use."""

import codecs
import io
import subprocess
import sys

import pypdf._cmap
import pytest

from rlm_desk.documents.extracted import Extracted, Locked, Unreadable
from rlm_desk.documents.readers import pdf as reader
from rlm_desk.documents.worker import CODECS_OF_PDF

from .making import encrypted, labelled, pdf


def read(data: bytes) -> Extracted:
    return reader.read(data, "name.pdf", lambda done, total: None)


def pages(found: Extracted) -> list[tuple[str, str]]:
    return [(label, found.text[start:end].strip()) for label, start, end in found.pages]


def test_each_text_is_on_its_page() -> None:
    found = read(pdf(["The fee is 40 euros.", "Notice: 90 days.", "Law: Norway."]))
    assert pages(found) == [("1", "The fee is 40 euros."), ("2", "Notice: 90 days."), ("3", "Law: Norway.")]
    assert found.notes == []


def test_pages_are_reported_as_they_are_done() -> None:
    seen: list[tuple[int, int]] = []
    reader.read(pdf(["a", "b"]), "name.pdf", lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]


def test_printed_labels() -> None:
    assert [label for label, _ in pages(read(labelled(["a", "b", "c"])))] == ["i", "ii", "iii"]


def test_scanned_pages_are_counted_and_blank_ones_are_not() -> None:
    found = read(pdf(["text", None, ""]))
    assert found.notes == ["1 of 3 pages have no text layer (scanned?): install tesseract to read them."]
    assert found.states == {1: "no text layer"}
    assert len(found.pages) == 3


def test_a_scan() -> None:
    with pytest.raises(Unreadable, match="no text layer on any of its 2 pages"):
        read(pdf([None, None]))


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_encryption(algorithm: str) -> None:
    assert "secret" in read(encrypted(["secret"], "", algorithm)).text  # an empty password opens it
    locked = encrypted(["secret"], "word", algorithm)
    with pytest.raises(Locked) as problem:
        read(locked)
    assert not problem.value.tried
    with pytest.raises(Locked) as problem:
        reader.read(locked, "name.pdf", lambda done, total: None, "wrong")
    assert problem.value.tried
    found = reader.read(locked, "name.pdf", lambda done, total: None, "word")
    assert "secret" in found.text
    assert "without encryption" in found.notes[0]


def test_cut_off() -> None:
    whole = pdf([f"Page {n} of the agreement." for n in range(20)])
    for share in (0.1, 0.5, 0.9, 0.99):
        try:
            found = read(whole[: int(len(whole) * share)])
        except Unreadable as problem:
            assert "cut off" in str(problem)
        else:
            assert "cut off" in found.notes[0]


def test_no_pdf_at_all() -> None:
    with pytest.raises(Unreadable, match="not a PDF"):
        read(b"just words")
    with pytest.raises(Unreadable, match="empty"):
        read(b"")
    with pytest.raises(Unreadable, match=r"damaged|cut off"):
        read(b"%PDF-1.7\n" + bytes(range(256)) * 30)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("D:20240131093000+01'00'", "2024-01-31"),
        ("D:20240131093000Z'", "2024-01-31"),
        ("D:20240131093000Z00'00'", "2024-01-31"),
        ("20240131", "2024-01-31"),
        ("D:202401", "2024-01"),
        ("D:2024", "2024"),
        ("D:20241331000000Z", ""),
        ("yesterday", ""),
    ],
)
def test_the_day_it_was_made(written: str, day: str) -> None:
    writer = pypdf.PdfWriter(io.BytesIO(pdf(["Fees."])))
    writer.add_metadata({"/CreationDate": written, "/Title": "Fees\x00"})
    out = io.BytesIO()
    writer.write(out)
    facts = dict(read(out.getvalue()).facts)
    assert facts.get("created", "") == day and facts["title"] == "Fees"


def test_ligatures_are_letters() -> None:
    assert "ffi fi".translate(reader._LIGATURES) == "\ufb03 \ufb01".translate(reader._LIGATURES)


def test_what_pypdf_decodes_with_is_loaded_before_the_lock() -> None:
    named = {codecs.lookup(name).name.replace("-", "_") for name in pypdf._cmap._predefined_cmap.values()}
    assert len(named) > 4
    assert named <= set(CODECS_OF_PDF)


def test_a_worker_for_pdfs_loads_few_codecs() -> None:
    code = (
        "import sys\n"
        "from rlm_desk.documents import worker\n"
        "worker._preload(['pdf'])\n"
        "print('encodings.gbk' in sys.modules, 'encodings.cp037' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True, text=True)
    assert done.stdout == "True False\n"
