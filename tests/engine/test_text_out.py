import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desk.engine.text import TextOut


@given(st.text(), st.data())
def test_text_survives_any_split_of_its_bytes(text: str, data: st.DataObject) -> None:
    raw = text.encode("utf-8", "replace")
    out, shown, at = TextOut(), [], 0
    while at < len(raw):
        step = data.draw(st.integers(1, 4))
        shown.append(out.feed(raw[at : at + step]))
        at += step
    shown.append(out.finish())
    assert "".join(shown) == out.text == raw.decode()


@given(st.text("ab|", max_size=30), st.lists(st.text("ab|", min_size=1, max_size=4), min_size=1, max_size=3), st.data())
def test_a_stop_string_ends_the_text_and_never_shows(text: str, stops: list[str], data: st.DataObject) -> None:
    out, shown = TextOut(tuple(stops)), ""
    ended = ""
    for letter in text:
        ended += letter
        shown += out.feed(letter.encode())
        if out.stopped:
            break
        assert not any(stop in shown for stop in stops)
    shown += out.finish()
    first = min((ended.find(stop) for stop in stops if stop in ended), default=-1)
    assert shown == (ended if first < 0 else ended[:first])
    assert out.stopped == (first >= 0)


def test_what_may_begin_a_stop_string_is_held_back() -> None:
    out = TextOut(("<end>",))
    assert out.feed(b"yes <e") == "yes "
    assert out.feed(b"ek") == "<eek"
    assert out.feed(b" <end") == " "
    assert out.finish() == "<end"


def test_half_a_character_waits_and_nonsense_is_marked() -> None:
    out = TextOut()
    assert out.feed("é".encode()[:1]) == ""
    assert out.feed("é".encode()[1:]) == "é"
    assert out.feed(b"\xff") == "\ufffd"


@pytest.mark.parametrize("stop", [(), ("",)])
def test_no_stop_strings_hold_nothing_back(stop: tuple[str, ...]) -> None:
    assert TextOut(stop).feed(b"abc") == "abc"
