"""Pages as pictures, drawn by a real confined worker from files of other people's software."""

import asyncio
import io
import os
import shutil
import zipfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from rlm_desk.confine.worker import Worker
from rlm_desk.corpus import Document
from rlm_desk.documents import answers
from rlm_desk.documents.painter import NoPicture
from rlm_desk.documents.picture import MOST_PIXELS, Picture, fits
from rlm_desk.documents.reader import Extractor
from rlm_desk.errors import UsageError, WorkerDied
from rlm_desk.store import Store

from .making import encrypted, pdf, write

pytestmark = pytest.mark.skipif(os.name == "nt", reason="confinement is POSIX for now")
FILES = Path(__file__).with_name("files")
BOX = (90, 120)


@pytest.fixture
async def extractor() -> AsyncIterator[Extractor]:
    extractor = Extractor()
    await extractor.start(1)
    yield extractor
    await extractor.close()


async def read(extractor: Extractor, path: Path) -> Document:
    documents, skipped = await extractor.read([path])
    assert not skipped
    return documents[0]


def inked(picture: Picture) -> float:
    """Share of pixels that are not white."""
    pixels = [picture.rgb[at : at + 3] for at in range(0, len(picture.rgb), 3)]
    assert len(pixels) == picture.width * picture.height
    return sum(pixel != b"\xff\xff\xff" for pixel in pixels) / len(pixels)


async def test_every_page_is_drawn_as_it_is(extractor: Extractor) -> None:
    path = FILES / "pdflatex-three.pdf"
    document = await read(extractor, path)
    drawn = [await extractor.picture(document, [path], page, *BOX) for page in range(3)]
    for picture in drawn:
        assert picture.width <= 90 and picture.height == 120 and 0.01 < inked(picture) < 0.9
    assert len({picture.rgb for picture in drawn}) == 3
    assert drawn[0] == await extractor.picture(document, [path], 0, *BOX)
    wide = await extractor.picture(document, [path], 0, 400, 30)
    assert wide.height == 30 and wide.width < 30, "a page keeps its proportions"


async def test_a_scan_has_no_text_and_a_picture(tmp_path: Path, extractor: Extractor) -> None:
    write(tmp_path, {"scan.pdf": pdf(["Its first page has text.", None])})
    document = await read(extractor, tmp_path / "scan.pdf")
    assert [page.unread for page in document.pages] == [False, True]
    assert inked(await extractor.picture(document, [tmp_path / "scan.pdf"], 1, *BOX)) > 0.05


async def refused(extractor: Extractor, document: Document, places: Sequence[Path], page: int = 0) -> NoPicture:
    with pytest.raises(NoPicture) as caught:
        await extractor.picture(document, places, page, *BOX)
    assert caught.value.sentence.endswith(".") and caught.value.next_step and document.name in caught.value.sentence
    return caught.value


async def test_what_cannot_be_drawn_says_why(tmp_path: Path, extractor: Extractor) -> None:
    one, other = tmp_path / "one.pdf", tmp_path / "other.pdf"
    shutil.copy(FILES / "libreoffice.pdf", one)
    document = await read(extractor, one)
    assert (await refused(extractor, document, [])).why == "inside"
    assert (await refused(extractor, replace(document, kind="removed"), [one])).why == "no pages"
    await extractor.picture(document, [one], 0, *BOX)
    one.rename(other)
    assert (await refused(extractor, document, [one])).why == "gone"
    await extractor.picture(document, [one, other], 0, *BOX)  # where it lies now
    shutil.copy(FILES / "chromium.pdf", other)
    assert (await refused(extractor, document, [one, other])).why == "changed"


async def test_one_inside_an_archive_or_a_message_is_drawn_from_there(tmp_path: Path, extractor: Extractor) -> None:
    data = (FILES / "pdflatex-three.pdf").read_bytes()
    message = EmailMessage()
    message.set_content("See there.")
    message.add_attachment(data, maintype="application", subtype="pdf", filename="three.pdf")
    write(tmp_path, {"mail.eml": message.as_bytes(), "three.pdf": data})
    with zipfile.ZipFile(tmp_path / "box.zip", "w") as archive:
        archive.writestr("in/three.pdf", data)
    alone = await read(extractor, tmp_path / "three.pdf")
    expected = await extractor.picture(alone, [tmp_path / "three.pdf"], 1, *BOX)
    store = await Store.open(tmp_path / "data")
    try:
        for holder in (tmp_path / "box.zip", tmp_path / "mail.eml"):
            documents, _ = await extractor.read([holder], cache=store)
            inside = next(one for one in documents if one.kind == "pdf")
            assert str(holder) in await store.get_holders(inside.id)
            for _ in range(2):  # unpacked, then held
                assert await extractor.picture(inside, [], 1, *BOX, holders=[holder]) == expected
    finally:
        await store.close()
    holder.write_bytes(b"Subject: nothing\n\nNo longer.")
    with pytest.raises(NoPicture) as caught:
        await extractor.picture(inside, [], 1, *BOX, holders=[holder])
    assert caught.value.why == "changed"


async def test_thin_lines_are_pale(tmp_path: Path, extractor: Extractor) -> None:
    """A tenth of what is under them is ink, and not all of it."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(600, 600))
    canvas.drawString(9, 9, "Lines")
    canvas.setLineWidth(0.5)
    for at in range(0, 600, 5):
        canvas.line(at, 0, at, 600)
    canvas.save()
    write(tmp_path, {"lines.pdf": out.getvalue()})
    document = await read(extractor, tmp_path / "lines.pdf")
    picture = await extractor.picture(document, [tmp_path / "lines.pdf"], 0, 120, 120)
    assert sum(picture.rgb) / len(picture.rgb) > 150


async def test_an_encrypted_one_is_drawn_with_the_password_it_was_read_with(
    tmp_path: Path, extractor: Extractor
) -> None:
    path = tmp_path / "locked.pdf"
    write(tmp_path, {"locked.pdf": encrypted(["The fee is 40 euros."], "word")})
    extractor.passwords = ["wrong", "word"]
    document = await read(extractor, path)
    assert inked(await extractor.picture(document, [path], 0, *BOX)) > 0
    closed = Extractor()
    try:
        assert (await refused(closed, document, [path])).why == "encrypted"
    finally:
        await closed.close()


async def test_too_many_pixels_are_refused_before_any_is_made(extractor: Extractor) -> None:
    path = FILES / "pdflatex-three.pdf"
    document = await read(extractor, path)
    for width, height in ((MOST_PIXELS + 1, 1), (4096, 4096), (0, 10), (10, -1)):
        assert not fits(width, height)
        with pytest.raises(UsageError):
            await extractor.picture(document, [path], 0, width, height)
    with pytest.raises(UsageError):
        await extractor.picture(document, [path], len(document.pages), *BOX)


async def test_the_worker_refuses_too_many_pixels_itself() -> None:
    worker = await Worker.spawn("extraction", {"kinds": ["pdf"]})
    try:
        data = (FILES / "pdflatex-three.pdf").read_bytes()
        await worker.send({"type": "hold", "id": 1, "name": "a.pdf", "kind": "pdf", "password": None}, data)
        assert (await worker.receive(30))[0]["type"] == "many"
        await worker.send({"type": "picture", "id": 1, "page": 0, "width": 2**16, "height": 2**16})
        with pytest.raises(WorkerDied):
            while True:
                header, _ = await worker.receive(30)
                assert header["type"] == "failed"
    finally:
        await worker.close()


@pytest.mark.parametrize(
    ("width", "height", "body"),
    [(91, 1, 273), (1, 121, 363), (2, 2, 11), (2, 2, 13), (0, 0, 0), (-1, -1, 3), (True, 1, 3), ("2", 2, 12)],
)
def test_a_picture_that_is_none_is_not_taken(width: object, height: object, body: int) -> None:
    with pytest.raises(ValueError):
        answers.picture({"type": "picture", "width": width, "height": height}, bytes(body), *BOX)


async def test_one_that_is_cancelled_gives_way_to_the_next(extractor: Extractor) -> None:
    path = FILES / "pdflatex-three.pdf"
    document = await read(extractor, path)
    for _ in range(3):
        task = asyncio.create_task(extractor.picture(document, [path], 0, *BOX))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert inked(await extractor.picture(document, [path], 1, *BOX)) > 0.01


async def test_it_does_not_wait_for_a_reading(tmp_path: Path, extractor: Extractor) -> None:
    path = FILES / "pdflatex-three.pdf"
    document = await read(extractor, path)
    async with extractor._busy:
        assert inked(await asyncio.wait_for(extractor.picture(document, [path], 0, *BOX), 60)) > 0.01
