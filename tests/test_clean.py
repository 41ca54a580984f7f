"""Nothing a terminal obeys gets through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desk.clean import clean, one_line

HOSTILE = ["\x1b[2J", "\x9b31m", "\x07", "\x00", "a\rb", "\u202etxt.exe", "\u2066x\u2069", "\x7f", "\ufeff", "\ud800"]


@pytest.mark.parametrize("text", HOSTILE)
def test_controls_become_visible(text: str) -> None:
    assert "\ufffd" in clean(text)
    clean(text).encode("utf-8")


def test_ordinary_text_stays() -> None:
    text = "Größe\t5 €\nيوم 日本語 🙂 naïve"
    assert clean(text) == text
    assert clean("a\r\nb") == "a\nb"


@given(st.text(max_size=300))
def test_any_text_is_printable_and_labels_are_one_line(text: str) -> None:
    for shown in (clean(text), one_line(text)):
        assert all(char.isprintable() or char in "\n\t" or ord(char) > 0x9F for char in shown)
    assert "\n" not in one_line(text)
    assert len(one_line(text, 20)) <= 20
