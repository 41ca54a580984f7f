"""A reader of documents that nobody asks computes nothing, and ends at once all the same."""

import asyncio
import sys
from pathlib import Path

import pytest

from rlm_desk.documents import reading
from rlm_desk.documents.reader import Extractor


def state(pid: int) -> str:
    """The kernel's letter for what a process does: T is stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a stopped worker would outlive its parent")
async def test_it_is_stopped_between_documents_and_goes_on(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(f"The fee in {name} is 40 euros.")
    extractor = Extractor()
    try:
        for name in ("a.txt", "b.txt"):
            documents, _ = await extractor.read([tmp_path / name])
            assert documents[0].text.startswith(f"The fee in {name}")
            (pid,) = [one._worker.pid for one in extractor._workers if one._worker]
            for _ in range(500):  # the signal takes a moment to arrive
                if state(pid) == "T":
                    break
                await asyncio.sleep(0.01)
            assert state(pid) == "T"
    finally:
        await extractor.close()


def test_a_small_document_has_little_time_and_a_large_one_more() -> None:
    assert reading.most_seconds(1024) < 21
    assert reading.most_seconds(10 * 2**20) > 600
