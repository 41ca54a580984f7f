"""More text than one document may have is refused by name, by the worker and by the app, which believes no worker."""

from pathlib import Path

import pytest

from rlm_desk.documents import answers, paging, worker
from rlm_desk.documents.extracted import TOO_MUCH, Extracted, Unreadable
from rlm_desk.documents.reader import Extractor
from rlm_desk.wire import Header

from .making import pdf


def test_the_worker_refuses_it_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Extracted("Fees.", "lines", [("1", 0, 5)], [])
    assert worker._document(1, "text", made)[1] == b"Fees."
    monkeypatch.setattr(worker, "MOST_TEXT", 4)
    answer, body = worker._guarded(1, lambda: worker._document(1, "text", made))
    assert answer == {"type": "skipped", "id": 1, "reason": TOO_MUCH, "pages": 1}
    assert body == b""
    with pytest.raises(Unreadable, match="more text than one document may have"):
        worker._document(1, "text", made)


def test_the_app_takes_none_from_a_worker_that_sends_it_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    header: Header = {"type": "document", "kind": "text", "page_kind": "lines", "notes": [], "pages": [["1", 0, 5]]}
    assert answers.document(header, b"Fees.", "a.txt", "id").document is not None
    monkeypatch.setattr(answers, "MOST_TEXT", 4)
    with pytest.raises(ValueError, match="more text"):
        answers.document(header, b"Fees.", "a.txt", "id")


async def test_a_long_document_is_given_up_when_its_pages_are_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "long.pdf").write_bytes(pdf([f"Page {number} of the register." for number in range(60)]))
    monkeypatch.setattr(paging, "MOST_WEIGHT", 1000)
    extractor = Extractor()
    try:
        documents, skipped = await extractor.read([tmp_path / "long.pdf"])
        assert documents == []
        assert [(one.reason, one.pages) for one in skipped] == [(TOO_MUCH, 60)]
        monkeypatch.undo()
        documents, skipped = await extractor.read([tmp_path / "long.pdf"])  # and the workers are as before
        assert len(documents[0].pages) == 60
    finally:
        await extractor.close()
