"""Patterns of what is left out; a folder brings its own, and its maker is a stranger."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_desk.documents.ignore import IGNORE_FILE, MOST_BYTES, MOST_RULES, Ignored, own_rules

NAMES = st.text("ab.", min_size=1, max_size=5)
PARTS = st.one_of(st.just("**"), st.text("ab?*.", min_size=1, max_size=4).filter(lambda part: "**" not in part))


@pytest.mark.parametrize(
    ("pattern", "left_out", "kept"),
    [
        ("*.bak", ["a.bak", "deep/er/a.bak", "A.BAK"], ["a.bak.txt", "a.bak/b"]),
        ("/drafts", ["drafts"], ["old/drafts"]),
        ("old/*.txt", ["old/a.txt"], ["old/er/a.txt", "older/a.txt", "x/old/a.txt"]),
        ("**/old/*.txt", ["old/a.txt", "x/y/old/a.txt"], ["x/old/y/a.txt"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/x/bc", "x/a/b"]),
        ("a/**", ["a/b", "a/x/b", "a/new\nline"], ["a", "b/a/x"]),
        ("*a*b?", ["xaxbx", "abc"], ["ab", "xbxax"]),
    ],
)
def test_patterns(pattern: str, left_out: list[str], kept: list[str]) -> None:
    ignored = Ignored([pattern])
    assert [path for path in left_out if not ignored.file(path)] == []
    assert [path for path in kept if ignored.file(path)] == []


def plainly(parts: list[str], names: list[str]) -> bool:
    """The same, tried out."""
    if not parts:
        return not names
    if parts == ["**"]:
        return bool(names)
    if parts[0] == "**":
        return plainly(parts[1:], names) or (bool(names) and plainly(parts, names[1:]))
    one = re.escape(parts[0]).replace(r"\*", ".*").replace(r"\?", ".")
    return bool(names) and re.fullmatch(one, names[0]) is not None and plainly(parts[1:], names[1:])


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS, min_size=2, max_size=4), st.lists(NAMES, min_size=1, max_size=5))
def test_stars_that_keep_their_place_find_all_there_is(parts: list[str], names: list[str]) -> None:
    assert Ignored(["/".join(parts)]).file("/".join(names)) == plainly(parts, names)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 60 + "b", "a" * 255),
        ("**/a/" * 30 + "b", "a/" * 200 + "c"),
        ("**/*a*a*a/" * 30 + "b", ("a" * 20 + "/") * 100 + "c"),
        ("?*" * 100 + "b", "a" * 255),
    ],
)
def test_a_folder_s_pattern_of_many_stars_holds_nobody_up(pattern: str, path: str) -> None:
    """In a process of its own: a pattern that goes back would hold this one for years."""
    code = f"from rlm_desk.documents.ignore import Ignored\nassert not Ignored([{pattern!r}]).file({path!r})"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_folder_s_own_patterns_are_no_more_than_so_many(tmp_path: Path) -> None:
    (tmp_path / IGNORE_FILE).write_text("# ours\n\n*.bak \n" + "*.x\n" * 2 * MOST_RULES)
    assert own_rules(tmp_path) == ["*.bak", *["*.x"] * (MOST_RULES - 1)]
    (tmp_path / IGNORE_FILE).write_bytes(b"a" * (MOST_BYTES + 1000))
    assert own_rules(tmp_path) == ["a" * MOST_BYTES]
