"""Plain text: encodings, binary data, pages."""

import codecs
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desk.documents.extracted import Extracted, Unreadable
from rlm_desk.documents.readers import text
from rlm_desk.documents.sectioning import PAGE_CHARS, sections

RUSSIAN = "Договор вступает в силу с момента подписания обеими сторонами и действует до конца года. " * 5
FRENCH = "La durée du préavis est fixée à trois mois ; le délai court à compter de la réception. Où ça ? Déjà là. " * 5

POLISH = "Umowa obowiązuje przez okres dwóch lat i może zostać wypowiedziana; okres wynosi trzy miesiące. Żółć. " * 5
JAPANESE = "名前,年齢,住所\n佐藤太郎,30,東京\n三木英子,25,大阪\n髙橋淳,35,名古屋\n"


def read(data: bytes) -> Extracted:
    return text.read(data, "name", lambda done, total: None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_byte_order_marks(encoding: str) -> None:
    mark = {name: mark for mark, name in text._BOMS}[encoding]
    assert read(mark + RUSSIAN.encode(encoding)).text == RUSSIAN


def test_utf16_without_a_mark() -> None:
    assert read(b"Fees are due.\n".decode().encode("utf-16-le")).text == "Fees are due.\n"
    assert read(b"Fees are due.\n".decode().encode("utf-16-be")).text == "Fees are due.\n"


@pytest.mark.parametrize(
    ("words", "encoding"),
    [(RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r"), (FRENCH, "cp1252"), (POLISH, "cp1250"), (JAPANESE, "cp932")],
)
def test_a_guessed_encoding_is_said(words: str, encoding: str) -> None:
    found = read(words.encode(encoding))
    assert found.text == words
    assert found.notes[0].startswith("The encoding was guessed")


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("naïve;é;1,5\nñ;ü;2", "cp1252"),
        ("Die Gebühr – „40“ – ist’s", "cp1252"),
    ],
)
def test_a_short_text_with_a_few_accents(words: str, encoding: str) -> None:
    assert read(words.encode(encoding)).text == words


def test_signs_inside_words_are_of_another_encoding() -> None:
    found = read("Die Gebühr beträgt 40 Euro, zu zahlen für das Jahr im März oder später.".encode("cp850"))
    assert "cp1252" not in found.notes[0]


def test_a_few_broken_bytes_do_not_turn_utf8_into_something_else() -> None:
    found = read(RUSSIAN.encode() + b"\xff" + FRENCH.encode())
    assert found.text == RUSSIAN + "\ufffd" + FRENCH
    assert "1 byte(s)" in found.notes[0]


def test_line_ends_are_one_kind() -> None:
    assert read(b"a\r\nb\rc\n").text == "a\nb\nc\n"


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 40,
        b"\x7fELF\x02\x01\x01" + b"\0" * 200 + b"text" * 100,
        b"\x89PNG\r\n\x1a\n" + bytes((7 * n * n) % 256 for n in range(4000)),
        b"ab\x01\x02\x03" * 100,
        b"PK\x03\x04" + bytes((n * n + 3 * n) % 251 for n in range(3000)),
    ],
)
def test_binary_data_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable, match="binary"):
        read(data)


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", b"\0\0\0\0", codecs.BOM_UTF8])
def test_nothing_in_it(data: bytes) -> None:
    with pytest.raises(Unreadable, match="empty"):
        read(data)


def test_form_feeds_are_pages() -> None:
    found = read(b"first\fsecond\fthird\f")
    assert found.page_kind == "page"
    assert [(label, found.text[a:b].strip()) for label, a, b in found.pages] == [
        ("1", "first"),
        ("2", "second"),
        ("3", "third"),
    ]


def test_a_short_text_is_one_page_and_a_long_one_several() -> None:
    assert read(b"a\nb\nc\n").pages == [("1-3", 0, 6)]
    found = read(b"".join(b"line %d of the agreement\n" % n for n in range(1, 1001)))
    assert found.page_kind == "lines"
    for label, start, end in found.pages:
        first, last = label.split("-")
        lines = found.text[start:end].splitlines()
        assert lines[0].startswith(f"line {first} ")
        assert lines[-1].startswith(f"line {last} ")
        assert end - start < PAGE_CHARS * 1.5


def test_one_endless_line_is_cut() -> None:
    found = read(json.dumps(list(range(9000))).encode())
    assert [label for label, _, _ in found.pages[:2]] == ["1 (1)", "1 (2)"]
    assert max(end - start for _, start, end in found.pages) == PAGE_CHARS


@given(st.lists(st.tuples(st.integers(0, 12000), st.sampled_from(["\n", "\n\n", "", "\x0b", "\u2028\n"])), max_size=12))
def test_sections_tile_any_text(lines: list[tuple[int, str]]) -> None:
    whole = "".join("x" * length + end for length, end in lines)
    offset = 0
    for _, start, end in sections(whole):
        assert start == offset
        assert end > start or not whole
        offset = end
    assert offset == len(whole)
