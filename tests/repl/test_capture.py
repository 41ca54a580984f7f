"""Captured output."""

import pytest

from rlm_desk.repl.capture import Capture
from rlm_desk.repl.protocol import cut


def test_what_fits_is_kept_whole() -> None:
    capture = Capture(10)
    print("12345", "789", file=capture)
    assert capture.text() == "12345 789\n"


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_head_and_tail_are_kept(size: int) -> None:
    capture = Capture(10)
    text = "abcdefghij" * 300
    for at in range(0, len(text), size):
        capture.write(text[at : at + size])
    assert capture.text() == "abcde\n... 2,990 characters left out ...\nfghij"


def test_memory_stays_small() -> None:
    capture = Capture(100)
    for _ in range(10_000):
        capture.write("x" * 1000)
    assert sum(map(len, capture._tail)) <= 150


def test_bytes_are_refused_like_by_a_text_stream() -> None:
    with pytest.raises(TypeError):
        Capture(10).write(b"x")  # type: ignore[arg-type]


def test_the_host_cuts_what_a_worker_did_not() -> None:
    assert cut("x" * 1050, 1000) == "x" * 1050
    assert len(cut("x" * 5000, 1000)) < 1100
