"""Where files land."""

import os
from pathlib import Path

import platformdirs
import pytest

from rlm_desk.tui.screens import saving


def test_the_working_directory_is_taken_nothing_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert [saving.save("answer", ".txt", text).name for text in "ab"] == ["answer.txt", "answer-2.txt"]
    assert (tmp_path / "answer.txt").read_text() == "a"


@pytest.mark.parametrize("opened_at", ["root", "locked"])
def test_where_it_cannot_be_written_the_documents_are_taken(
    opened_at: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents, locked = tmp_path / "Documents", tmp_path / "locked"
    documents.mkdir()
    locked.mkdir()
    monkeypatch.chdir("/" if opened_at == "root" else locked)
    monkeypatch.setattr(platformdirs, "user_documents_path", lambda: documents)
    # The superuser may write anywhere: what the system says is what is asked.
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != locked)
    assert saving.save("answer", ".txt", "x") == documents / "answer.txt"
