"""Words that are erased, found again in what was told of them."""

import subprocess
import sys

import pytest

from rlm_desk.store.words import Erased


def erased(answer: str) -> Erased:
    return Erased("", answer, "", lambda word: word in ("common",))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("The Brenvale file.", "The [erased] file."),
        ("brenvales_and_more = 1", "[erased] = 1"),
        ("common words stay", "common words stay"),
        ("It says Brenv…", "It says [erased]…"),
        ("It says Brenv", "It says [erased]"),
        ("It says Brenvx", "It says Brenvx"),
        ("Xyloph", "[erased]"),
        ("Bre", "Bre"),
    ],
)
def test_alone_inside_another_and_cut_short(text: str, left: str) -> None:
    assert erased("Brenvale common Xylophone Brenvala").blanked(text) == left


def test_thousands_of_words_are_looked_for_in_one_pass() -> None:
    """In a process of its own: each word of the one against each of the other took a quarter of an hour."""
    code = (
        "from rlm_desk.store.words import Erased\n"
        "one = Erased('', ' '.join(f'hidden{n:x}' for n in range(20_000)), '', lambda word: False)\n"
        "one.blanked(' '.join(f'another{n:x}… brought{n:x}' for n in range(60_000)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
