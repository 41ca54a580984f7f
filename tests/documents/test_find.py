"""Files found, named and put in order."""

import os
from pathlib import Path

import pytest

from rlm_desk.documents.find import MAX_BYTES, find, natural
from rlm_desk.errors import DocumentError

from .making import write


def names(paths: list[Path | str]) -> list[str]:
    return [one.name for one in find(paths)[0]]


def test_a_folder_is_walked_in_natural_order(tmp_path: Path) -> None:
    write(tmp_path, dict.fromkeys(("b/page 10.txt", "b/page 9.txt", "B2/a.md", "a.txt", "Z.pdf", "c/d/e.csv"), "x"))
    assert names([tmp_path]) == ["a.txt", "b/page 9.txt", "b/page 10.txt", "B2/a.md", "c/d/e.csv", "Z.pdf"]


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    write(tmp_path, {".git/config": "x", ".hidden.txt": "x", "a.xyz": "x", "a.txt": "x", "Makefile": "x"})
    os.mkfifo(tmp_path / "pipe.txt")
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    (tmp_path / "gone.txt").symlink_to("nowhere")
    found, skipped = find([tmp_path])
    assert [(one.name, one.kind) for one in found] == [("a.txt", "text"), ("Makefile", "text")]
    assert {one.name: one.reason.split("(")[0].strip() for one in skipped} == {
        ".git": "is hidden",
        ".hidden.txt": "is hidden",
        "a.xyz": "is of a kind that is not read",
        "pipe.txt": "is not an ordinary file",
        "huge.txt": "is too large",
        "gone.txt": "cannot be opened: No such file or directory",
    }


def test_a_named_file_is_tried_whatever_its_suffix(tmp_path: Path) -> None:
    write(tmp_path, {"a.xyz": "x", ".notes": "x"})
    assert [(one.name, one.kind) for one in find([tmp_path / "a.xyz", tmp_path / ".notes"])[0]] == [
        ("a.xyz", "text"),
        (".notes", "text"),
    ]


def test_patterns(tmp_path: Path) -> None:
    write(tmp_path, dict.fromkeys(("a/1.txt", "a/b/2.txt", "a/b/3.md", "x.txt"), "x"))
    assert names([tmp_path / "a" / "**" / "*.txt"]) == ["1.txt", "b/2.txt"]
    assert names([str(tmp_path / "*.txt")]) == ["x.txt"]
    write(tmp_path, {"odd[1].txt": "x"})
    assert names([tmp_path / "odd[1].txt"]) == ["odd[1].txt"]


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="no file or folder"):
        find([tmp_path / "missing.pdf"])
    with pytest.raises(DocumentError, match="Nothing matches"):
        find([tmp_path / "*.pdf"])
    assert find([tmp_path]) == ([], [])


def test_names_that_clash_take_their_folders(tmp_path: Path) -> None:
    write(tmp_path, {n: n for n in ("a/x/1.txt", "b/x/1.txt", "c/2.txt")})
    assert names([tmp_path / "a", tmp_path / "b", tmp_path / "c"]) == ["a/x/1.txt", "b/x/1.txt", "2.txt"]
    assert names([tmp_path / "a/x/1.txt", tmp_path / "b/x/1.txt"]) == ["a/x/1.txt", "b/x/1.txt"]


def test_a_file_opened_twice_is_one(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": "x"})
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert names([tmp_path, tmp_path / "a.txt", f"{tmp_path}/*.txt"]) == ["a.txt"]


def test_a_file_goes_by_its_own_name_where_links_lead_to_it_too(tmp_path: Path) -> None:
    write(tmp_path, {"in/own.txt": "x", "out.txt": "x"})
    for name, target in (("a.txt", "own.txt"), ("b.txt", "../out.txt"), ("c.txt", "../out.txt")):
        (tmp_path / "in" / name).symlink_to(target)
    found, skipped = find([tmp_path / "in", tmp_path / "in" / "b.txt"])
    assert [one.name for one in found] == ["b.txt", "own.txt"]
    assert {one.name: one.reason for one in skipped} == dict.fromkeys(
        ("a.txt", "c.txt"), "is a link to a file that is read already"
    )


def test_links_to_folders_are_named_as_not_followed(tmp_path: Path) -> None:
    write(tmp_path, {"inside/a.txt": "x", "inside/b/c.txt": "x", "elsewhere/d.txt": "x"})
    for name, target in (("up", ".."), ("one", "../elsewhere"), ("two", "../elsewhere"), (".hidden", "b")):
        (tmp_path / "inside" / name).symlink_to(target, target_is_directory=True)
    (tmp_path / "inside" / "ring").symlink_to("ring")
    found, skipped = find([tmp_path / "inside"])
    assert [one.name for one in found] == ["a.txt", "b/c.txt"]
    reasons = {one.name: one.reason.split(":")[0] for one in skipped}
    not_followed = "is a link to a folder, and such links are not followed"
    assert reasons == {
        ".hidden": "is hidden",
        "one": not_followed,
        "ring": "cannot be opened",
        "two": not_followed,
        "up": not_followed,
    }
    assert names([tmp_path / "inside" / "one"]) == ["d.txt"]  # a person who names a link means what lies behind it


@pytest.mark.skipif(os.name == "nt", reason="such names are POSIX")
def test_a_name_is_safe_to_show(tmp_path: Path) -> None:
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xff\x1b[31m\n.txt"))).write_text("x")
    (found,) = find([tmp_path])[0]
    found.name.encode()
    assert "\x1b" not in found.name
    assert "\n" not in found.name
    assert found.path.read_text() == "x"


def test_natural() -> None:
    assert sorted(["v10.txt", "V9.txt", "v 1.txt", "7.txt"], key=natural) == ["7.txt", "V9.txt", "v10.txt", "v 1.txt"]
