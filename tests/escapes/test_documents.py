"""Hostile documents through the real, locked extraction: each ends in text or in a named reason, within its limits."""

import os
import resource
import sys
import time
from pathlib import Path

import pytest
import pytest_asyncio

from rlm_desk.clean import clean
from rlm_desk.corpus import Document
from rlm_desk.documents import reading
from rlm_desk.documents.find import MAX_BYTES, Skipped
from rlm_desk.documents.reader import Extractor
from tests.escapes.documents import MADE

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the boundary is built for Linux so far"),
    pytest.mark.asyncio(loop_scope="module"),
]
SECONDS = 2.5
"""What one document may take here, so that all of them end within half a minute; a person's own have two and more."""
Outcomes = dict[str, list[Document | Skipped]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """Every document read once, by file; what lies inside an archive goes under the archive's name."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, make in MADE.items():
        (folder / name).write_bytes(make())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "BASE_SECONDS", SECONDS)
        patch.setattr(reading, "STALL_SECONDS", SECONDS)
        patch.setattr(reading, "SECONDS_PER_BYTE", 0.0)
        extractor = Extractor()
        try:
            documents, skipped = await extractor.read([folder])
        finally:
            await extractor.close()
    found: Outcomes = {name: [] for name in MADE}
    for one in (*documents, *skipped):
        found[next(name for name in sorted(MADE, key=len, reverse=True) if one.name.startswith(name))].append(one)
    return found


@pytest.mark.parametrize("name", MADE)
async def test_each_ends_in_text_or_a_named_reason(outcomes: Outcomes, name: str) -> None:
    assert outcomes[name]
    for one in outcomes[name]:
        if isinstance(one, Skipped):
            assert one.reason and one.reason == clean(one.reason) and "\n" not in one.reason
        else:
            assert one.text.strip() and "\0" not in one.text
            assert one.pages[0].start == 0 and one.pages[-1].end == len(one.text)


async def test_there_are_enough_of_them() -> None:
    assert len(MADE) >= 40


async def test_what_is_only_odd_is_read(outcomes: Outcomes) -> None:
    (one,) = outcomes["scripts and actions.pdf"]
    assert isinstance(one, Document) and "The fee is 40 euros." in one.text, one


async def test_pages_that_are_not_there_are_refused_unread(outcomes: Outcomes) -> None:
    (one,) = outcomes["a million pages that are not there.pdf"]
    assert isinstance(one, Skipped) and "claims 1,000,000 pages" in one.reason


async def test_a_long_document_ends_with_its_time(outcomes: Outcomes) -> None:
    (one,) = outcomes["a million pages, and bytes enough for them.pdf"]
    assert isinstance(one, Skipped) and "of 1,000,000 pages were read in its time" in one.reason


async def test_no_file_from_outside_comes_in(outcomes: Outcomes) -> None:
    for one in outcomes["a file from outside.docx"]:
        assert isinstance(one, Skipped) or "root:" not in one.text
    assert not Path("/tmp/climbed").exists()


async def test_injected_words_are_text_like_any_other(outcomes: Outcomes) -> None:
    (one,) = outcomes["injection.txt"]
    assert isinstance(one, Document) and "<|im_start|>" in one.text


async def test_control_characters_do_not_reach_a_screen(outcomes: Outcomes) -> None:
    (one,) = outcomes["bidi and escapes.txt"]
    assert isinstance(one, Document)
    shown = clean(one.text)
    assert not {"\x1b", "\x9b", "\x07", "\u202e", "\u2066"} & set(shown) and "The fee is 40 euros." in shown


async def test_a_gigabyte_of_one_line_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "gigabyte.txt"
    with path.open("wb") as file:
        os.truncate(file.fileno(), 1024**3)  # sparse: it takes no room
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    extractor = Extractor()
    try:
        documents, skipped = await extractor.read([path])
    finally:
        await extractor.close()
    assert not documents and "too large" in skipped[0].reason and path.stat().st_size > MAX_BYTES
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024  # KiB
    assert time.process_time() - started < 5
