"""The files of the repository are read as they say; and a text that says something else is found out."""

import pytest

from . import pdf_quality
from .pdf_quality import FILES, FOLDERS, Known, judged


@pytest.mark.parametrize("name", [name for name in FILES if (FOLDERS[0] / name).exists()])
def test_what_a_file_says_is_read(name: str) -> None:
    held = judged(pdf_quality.ours((FOLDERS[0] / name).read_bytes()), FILES[name])
    assert [said for checks in held.values() for said, holds in checks if not holds] == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Head\nThe fee is forty.\n| a | b |", []),
        ("Head\nThe fee is for-\nty.\n| a | b |", ["The fee is forty.", "forty"]),
        ("The fee is forty.\nHead\na   b", ["forty"]),
        ("Head\nThe fee is forty.\na\nb", ["a | b"]),
        ("Head\nThe fee is forty.\na b\nHead", ["Head"]),
        ("Head\nThe fee is forty.\na b c", ["a | b"]),
    ],
)
def test_a_wrong_text_is_found_out(text: str, wrong: list[str]) -> None:
    known = Known(whole=("The fee is forty.",), order=("Head", "forty"), rows=(("a", "b"),), once=("Head",))
    assert [said for checks in judged(text, known).values() for said, holds in checks if not holds] == wrong
