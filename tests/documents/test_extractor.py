"""The whole way, through real confined workers."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from rlm_desk.confine.worker import Worker
from rlm_desk.corpus import Corpus, Document
from rlm_desk.documents import answers, reading, worker
from rlm_desk.documents.formats import BY_KIND, Format
from rlm_desk.documents.reader import Extractor, Progress, none_readable
from rlm_desk.documents.reading import ReadingWorker
from rlm_desk.wire import Header

from .making import encrypted, pdf, write

pytestmark = pytest.mark.skipif(os.name == "nt", reason="confinement is POSIX for now")


@pytest.fixture
async def extractor() -> AsyncIterator[Extractor]:
    extractor = Extractor()
    await extractor.start(2)
    yield extractor
    await extractor.close()


async def test_documents_come_in_the_order_found(tmp_path: Path, extractor: Extractor) -> None:
    texts = {f"{n}.txt": f"Number {n}.\n" * (3000 if n % 3 == 0 else 1) for n in range(40)}
    write(tmp_path, texts)
    seen: list[Progress] = []
    documents, skipped = await extractor.read([tmp_path], seen.append)
    assert skipped == []
    assert [document.name for document in documents] == list(texts)
    assert [document.text for document in documents] == list(texts.values())
    assert [progress.done for progress in seen] == list(range(1, 41))
    assert seen[-1].chars == sum(map(len, texts.values()))
    assert {progress.total for progress in seen} == {40}


async def test_bad_files_are_skipped_with_their_reason(tmp_path: Path, extractor: Extractor) -> None:
    whole = pdf(["The fee is 40 euros.", "Notice: 90 days."])
    files: dict[str, bytes | str] = {
        "binary.txt": bytes(range(256)) * 20,
        "contract.pdf": whole,
        "cut.pdf": whole[:400],
        "empty.md": "",
        "locked.pdf": encrypted(["x"], "word"),
        "notes.md": "# Notes\nAll fine.\n",
        "open.pdf": encrypted(["Opened with an empty password."], ""),
        "posing.txt": whole,
        "scan.pdf": pdf([None]),
    }
    write(tmp_path, files)
    documents, skipped = await extractor.read([tmp_path])
    assert {one.name: one.reason.split(":")[0] for one in skipped} == {
        "binary.txt": "is not text",
        "cut.pdf": "is cut off or damaged",
        "empty.md": "is empty",
        "locked.pdf": "is encrypted",
        "scan.pdf": "has no text layer on any of its 1 pages (scanned?)",
    }
    assert [(document.name, document.kind) for document in documents] == [
        ("contract.pdf", "pdf"),
        ("notes.md", "markdown"),
        ("open.pdf", "pdf"),
        ("posing.txt", "pdf"),
    ]
    corpus = Corpus(documents)
    located = corpus.locate(corpus.text.index("90 days"))
    assert located is not None
    assert located[0].document.name == "contract.pdf"
    assert located[1].label == "2"
    error = none_readable(skipped)
    assert error.exit_code == 3
    assert "binary.txt is not text" in str(error)
    assert "2 more" in str(error)


async def test_the_worker_reports_a_boundary(extractor: Extractor) -> None:
    worker = await Worker.spawn("extraction")
    assert {layer.name: layer.state for layer in worker.layers}["syscalls"] != "off"
    await worker.close()


async def test_a_file_that_kills_its_worker_costs_only_itself(
    tmp_path: Path, extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {f"{n}.txt": f"Number {n}." for n in range(6)})
    ask = ReadingWorker._ask

    async def kill_at_three(self: ReadingWorker, worker: Worker, asked: Header, *rest: Any) -> tuple[Header, bytes]:
        if asked.get("name") == "3.txt":
            os.kill(worker.pid, signal.SIGKILL)
        return await ask(self, worker, asked, *rest)

    monkeypatch.setattr(ReadingWorker, "_ask", kill_at_three)
    documents, skipped = await extractor.read([tmp_path])
    assert [document.name for document in documents] == ["0.txt", "1.txt", "2.txt", "4.txt", "5.txt"]
    assert [(one.name, one.reason) for one in skipped] == [("3.txt", "made its reader stop (ended by SIGKILL)")]


async def test_a_file_that_takes_too_long_is_given_up(
    tmp_path: Path, extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = ReadingWorker._ask

    async def never(self: ReadingWorker, worker: Worker, asked: Header, *rest: Any) -> tuple[Header, bytes]:
        if asked.get("name") == "long.pdf":
            raise TimeoutError
        return await ask(self, worker, asked, *rest)

    monkeypatch.setattr(ReadingWorker, "_ask", never)
    write(tmp_path, {"long.pdf": pdf(["Page"]), "short.txt": "Done."})
    documents, skipped = await extractor.read([tmp_path])
    assert [document.name for document in documents] == ["short.txt"]
    assert skipped[0].reason.startswith("took too long")


async def test_a_document_that_needs_too_much_memory(
    tmp_path: Path, extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_MEMORY", 192 * 2**20)
    write(tmp_path, {"large.txt": "word " * 14_000_000, "small.txt": "Done."})
    documents, skipped = await extractor.read([tmp_path])
    assert [document.name for document in documents] == ["small.txt"]
    assert "memory" in skipped[0].reason


async def test_reading_can_be_cancelled_and_done_again(tmp_path: Path, extractor: Extractor) -> None:
    write(tmp_path, {f"{n}.pdf": pdf([f"Page {m} of {n}" for m in range(60)]) for n in range(4)})
    first = asyncio.Event()
    task = asyncio.create_task(extractor.read([tmp_path], lambda progress: first.set()))
    await first.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    documents, skipped = await extractor.read([tmp_path])
    assert len(documents) == 4
    assert "Page 59 of 3" in documents[3].text
    assert skipped == []


async def test_a_file_that_is_something_else_than_its_name_says(tmp_path: Path, extractor: Extractor) -> None:
    write(tmp_path, {"a.txt": "Fees.", "posing.txt": pdf(["Notice: 90 days."]), "z.txt": "Law."})
    documents, skipped = await extractor.read([tmp_path])
    assert [document.kind for document in documents] == ["text", "pdf", "text"]
    assert skipped == []


def test_a_library_that_is_not_installed_costs_its_formats_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "FORMATS", (Format("x", "no_such_library.reader", 1, (".x",)), BY_KIND["text"]))
    readers, missing = worker._preload(["x", "text"])
    assert list(readers) == ["text"]
    assert missing == {"x": "no_such_library"}


class FakeCache:
    """Keeps documents in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str | None], Document] = {}
        self.inside: dict[tuple[str, str], list[tuple[str, str, str, str]]] = {}
        self.files: dict[tuple[str, int, int], str] = {}

    async def get_kept(
        self, wanted: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], tuple[Document | None, list[tuple[str, str, str, str]] | None]]:
        return {one: (self.kept.get(one), self.inside.get(one)) for one in wanted}

    async def put_document(self, document: Document, reader: str = "") -> None:
        self.kept[document.id, reader] = document

    async def put_members(self, id: str, reader: str, members: Sequence[tuple[str, str, str, str]]) -> None:
        self.inside[id, reader] = list(members)

    async def get_files(self, files: Sequence[tuple[str, int, int]]) -> dict[str, str]:
        return {
            path: self.files[path, size, changed]
            for path, size, changed in files
            if (path, size, changed) in self.files
        }

    async def put_files(self, files: Sequence[tuple[str, int, int, str]]) -> None:
        self.files |= {(path, size, changed): id for path, size, changed, id in files}


async def test_what_was_read_before_is_not_read_again(
    tmp_path: Path, extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"a.txt": "Fees.", "b.pdf": pdf(["Notice."])})
    cache = FakeCache()
    documents, _ = await extractor.read([tmp_path], cache=cache)
    (tmp_path / "a.txt").rename(tmp_path / "c.txt")

    async def never(*args: object) -> Document:
        raise AssertionError("a worker was asked")

    monkeypatch.setattr(ReadingWorker, "extract", never)
    again, _ = await extractor.read([tmp_path], cache=cache)
    assert [(document.name, document.text) for document in again] == [
        ("b.pdf", documents[1].text),
        ("c.txt", "Fees."),
    ]
    assert sorted(tag for _, tag in cache.kept if tag) == [BY_KIND["pdf"].tag, BY_KIND["text"].tag]


@pytest.mark.parametrize(
    "answer",
    [
        {"pages": []},
        {"pages": [["1", 0, 3]]},
        {"pages": [["1", 0, 2], ["2", 1, 5]]},
        {"pages": [["1", 0, 99]]},
        {"pages": [["1", 0, "5"]]},
        {"pages": [["1", 0, True]]},
        {"pages": None},
        {"kind": "../etc"},
        {"page_kind": "scroll"},
        {"notes": "sentence"},
        {"notes": ["x"] * 100},
        {"pages": [["1", 0, 5, "lost"]]},
        {"outline": [["Title", 0, 0]]},
        {"outline": [["Title", 1, 6]]},
        {"facts": [["author"]]},
        {"inner": [["a.txt", 1]]},
        {"text_bytes": 99},
        {"text_bytes": 3},
    ],
)
def test_a_worker_is_not_believed(answer: dict[str, object]) -> None:
    header: dict[str, object] = {"type": "document", "kind": "text", "page_kind": "lines"}
    header |= {"notes": [], "pages": [["1", 0, 5]]}
    sound = answers.document(header, b"Fees.", "a.txt", "id").document
    assert sound is not None
    assert sound.text == "Fees."
    with pytest.raises((ValueError, TypeError, KeyError)):
        answers.document({**header, **answer}, b"Fees.", "a.txt", "id")


def test_labels_and_notes_are_safe_to_show() -> None:
    header = {
        "type": "document",
        "kind": "text",
        "page_kind": "lines",
        "notes": ["a\x1b[31m\nb"],
        "pages": [["\u202e1\x07", 0, 5]],
    }
    document = answers.document(header, b"Fees.", "a.txt", "id").document
    assert document is not None
    assert document.notes == ("a\ufffd[31m b",)
    assert document.pages[0].label == "\ufffd1\ufffd"
