"""Files inside files, long documents, passwords and OCR: the whole way, through real confined workers."""

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rlm_desk.documents.reader import Extractor, Progress, Rules
from rlm_desk.documents.readers import ocr
from rlm_desk.documents.reading import ReadingWorker

from .making import encrypted, pdf, write
from .test_extractor import FakeCache


@pytest.fixture
async def extractor() -> AsyncIterator[Extractor]:
    extractor = Extractor()
    yield extractor
    await extractor.close()


def archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in files.items():
            made.writestr(name, data)
    return out.getvalue()


MAIL = (
    b"From: a@b.c\nSubject: Offer\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nSee below.\n"
    b"--x\nContent-Type: text/csv\nContent-Disposition: attachment; filename=prices.csv\n\nitem,price\ndesk,90\n\n--x\n"
    b"Content-Type: image/png\nContent-Disposition: attachment; filename=logo.png\n\nxx\n--x--\n"
)


async def test_what_lies_inside_becomes_documents_of_its_own(
    tmp_path: Path, extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = archive({"deep.txt": b"Deep."})
    data = archive({"f/b.md": b"# Bee", "a.eml": MAIL, "inner.zip": inner, "x.exe": b"MZ", "../../e.txt": b"Evil."})
    write(tmp_path, {"all.zip": data, "z.txt": "Last."})
    cache = FakeCache()
    documents, skipped = await extractor.read([tmp_path], cache=cache)
    assert [(one.name, one.kind, one.page_kind, one.pages[0].label) for one in documents] == [
        ("all.zip/f/b.md", "markdown", "lines", "1"),
        ("all.zip/a.eml", "email", "message", "1 Offer"),
        ("all.zip/a.eml/prices.csv", "csv", "cells", "A1:B2"),
        ("all.zip/inner.zip/deep.txt", "text", "lines", "1"),
        ("all.zip/e.txt", "text", "lines", "1"),
        ("z.txt", "text", "lines", "1"),
    ]
    assert [one.name for one in skipped] == ["all.zip/x.exe"]
    assert "logo.png" in documents[1].notes[1]
    asked: list[str] = []
    extract = ReadingWorker.extract

    async def counted(self: ReadingWorker, source: object, *rest: object) -> object:
        asked.append(source.found.name)  # type: ignore[attr-defined]
        return await extract(self, source, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(ReadingWorker, "extract", counted)
    again, _ = await extractor.read([tmp_path], cache=cache)
    assert again == documents
    assert asked == ["all.zip"]  # it holds an archive, so it is opened again; nothing in it is


async def test_a_mailbox_is_read_message_by_message(tmp_path: Path, extractor: Extractor) -> None:
    plain = b"From: g@h.i\nSubject: Second\n\nFirst line.\n>From the quoted line.\n"
    write(tmp_path, {"in.mbox": b"From a@b.c Mon\n" + MAIL + b"\nFrom g@h.i Tue\n" + plain, "no.mbox": "just words"})
    (box, prices), (bad,) = await extractor.read([tmp_path])
    assert [page.label for page in box.pages] == ["1 Offer", "2 Second"]
    assert "\nFrom the quoted line." in box.text
    assert [heading.title for heading in box.outline] == ["Offer", "Second"]
    assert prices.name == "in.mbox/message 1/prices.csv"
    assert "no mailbox" in bad.reason


async def test_a_long_document_is_read_by_all_workers(tmp_path: Path, extractor: Extractor) -> None:
    write(tmp_path, {"long.pdf": pdf([f"Agreement {n} says {n * 7}." for n in range(1, 151)])})
    seen: list[Progress] = []
    (document,), skipped = await extractor.read([tmp_path], seen.append)
    assert skipped == []
    assert len(document.pages) == 150
    for number, page in enumerate(document.pages, 1):
        assert document.text[page.start : page.end].strip() == f"Agreement {number} says {number * 7}."
    first = next(one for one in seen if one.first_pages)
    assert first.first_pages[0] == "Agreement 1 says 7."
    assert sum(worker._worker is not None for worker in extractor._workers) >= 2


async def test_a_page_that_kills_its_worker_costs_only_itself(
    tmp_path: Path, extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rlm_desk.errors import WorkerDied

    write(tmp_path, {"long.pdf": pdf([f"Page {n}." for n in range(1, 41)])})
    read = ReadingWorker.pages

    async def die_at_ten(self: ReadingWorker, many: object, first: int, last: int) -> list[object]:
        if first <= 10 < last:
            raise WorkerDied("extraction", "ended by SIGSEGV")
        return await read(self, many, first, last)  # type: ignore[arg-type]

    monkeypatch.setattr(ReadingWorker, "pages", die_at_ten)
    (document,), _ = await extractor.read([tmp_path])
    assert [page.label for page in document.unread] == ["11"]
    assert "Page 12." in document.text
    assert "1 of 40 pages are damaged" in document.notes[0]


async def test_passwords_are_tried_then_asked_for(tmp_path: Path, extractor: Extractor) -> None:
    write(tmp_path, {"a.pdf": encrypted(["Alpha"], "one"), "b.pdf": encrypted(["Beta"], "two")})
    asked: list[tuple[str, bool]] = []

    async def ask(name: str, wrong: bool) -> str | None:
        asked.append((name, wrong))
        return "two" if wrong else "guess"

    extractor.passwords = ["one"]
    await extractor.start(1)
    documents, skipped = await extractor.read([tmp_path])
    assert [one.name for one in documents] == ["a.pdf"]
    assert skipped[0].reason.startswith("is encrypted: give its password (those given are wrong)")
    extractor.ask_password = ask
    documents, _ = await extractor.read([tmp_path])
    assert [one.name for one in documents] == ["a.pdf", "b.pdf"]
    assert asked == [("b.pdf", False), ("b.pdf", True)]


def scan(lines: list[str]) -> bytes:
    """A PDF whose page is a picture of words."""
    import pypdfium2

    rendered = pypdfium2.PdfDocument(pdf(["\n".join(lines)]))[0].render(scale=200 / 72).to_pil()
    out = io.BytesIO()
    rendered.convert("RGB").save(out, "PDF", resolution=200)
    return out.getvalue()


@pytest.mark.skipif(ocr._library() is None, reason="tesseract is not installed")
async def test_scans_are_read_by_ocr_behind_the_lock(tmp_path: Path) -> None:
    write(tmp_path, {"scan.pdf": scan(["The notice period is ninety days."])})
    without = Extractor()
    _, (skipped,) = await without.read([tmp_path])
    assert skipped.reason.startswith("has no text layer on any of its 1 pages")
    assert skipped.pages == 1
    assert "OCR is switched off" in skipped.reason and "install" not in skipped.reason  # tesseract is there
    await without.close()
    foreign = Extractor(ocr="xyz")
    _, (skipped,) = await foreign.read([tmp_path])
    assert skipped.reason.endswith("(scanned?): tesseract has no language file for xyz")
    await foreign.close()
    extractor = Extractor(ocr="eng")
    if not await extractor.recognises():
        await extractor.close()
        pytest.skip("tesseract has no English language file")
    (document,), _ = await extractor.read([tmp_path])
    assert "notice period is ninety days" in document.text
    assert document.pages[0].state == "ocr"
    assert "read by OCR" in document.notes[0]
    worker = next(one._worker for one in extractor._workers if one._worker is not None)
    assert {layer.name: layer.state for layer in worker.layers}["syscalls"] != "off"
    await extractor.close()


async def test_what_is_kept_of_scans_says_what_is_so_now(tmp_path: Path) -> None:
    write(tmp_path, {"half.pdf": pdf(["Fees.", None])})
    cache = FakeCache()
    notes = []
    for ocr_languages in ("", "", "xyz", "xyz", ""):
        extractor = Extractor(ocr=ocr_languages)
        (document,), _ = await extractor.read([tmp_path], cache=cache)
        notes.append(document.notes[0])
        await extractor.close()
    off, other = notes[0], notes[2]
    assert notes == [off, off, other, other, off]
    assert "OCR is switched off" in off and "1 of 2 pages have no text layer" in off
    assert "tesseract" in other and "switched off" not in other


async def test_rules_leave_files_out_and_bound_a_reading(tmp_path: Path) -> None:
    from rlm_desk.documents.find import find
    from rlm_desk.errors import DocumentError

    files = ["a.txt", "b.bak.txt", "drafts/c.txt", "keep/drafts/d.txt", "node_modules/e.txt", "~$a.txt", "x/y/z.txt"]
    write(tmp_path, dict.fromkeys(files, "words"))
    write(tmp_path, {".rlmdeskignore": "# ours\n*.bak.txt\n/drafts/\n"})
    names = [one.name for one in find([tmp_path], Rules(("x/**", "!x/y/")))[0]]
    assert names == ["a.txt", "keep/drafts/d.txt"]
    with pytest.raises(DocumentError, match="read at once"):
        find([tmp_path], Rules(most_bytes=3))
