import asyncio
import hashlib
import os
from pathlib import Path

import pytest

from rlm_desk.catalogue import importing, known, resolve
from rlm_desk.catalogue.importing import import_model, verify
from rlm_desk.catalogue.inspecting import inspect
from rlm_desk.errors import ModelError


def test_the_catalogue_names_dialect_hash_and_where_to_get_it() -> None:
    entries = {entry.name: entry for entry in known.known()}
    assert entries["desk-tiny"].demonstration
    assert (entries["rlm-qwen3-8b"].dialect, entries["rlm-qwen3-8b"].sha256) == ("rlm-v1", "")
    assert "not verified" in entries["rlm-qwen3-8b"].describe()
    assert all(len(entry.sha256) in (0, 64) for entry in entries.values())
    assert all(entry.repository for name, entry in entries.items() if name != "desk-tiny")
    assert known.find("QWEN3-8B") is entries["qwen3-8b"]


def test_a_path_is_a_model_and_unknown_ones_get_cautious_defaults(nano: Path, tmp_path: Path) -> None:
    spec = resolve.resolve(str(nano), tmp_path)
    assert (spec.name, spec.dialect, spec.profile, spec.demonstration) == ("nano", "desk", "full", False)
    assert spec.window == resolve.DEFAULT_WINDOW


@pytest.mark.parametrize(
    ("name", "says"),
    [("qwen3-4b", "known but not installed"), ("gpt-9", "no model called"), ("/nowhere/x.gguf", "no file")],
)
def test_what_is_not_there_is_said_with_a_next_step(name: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=says) as problem:
        resolve.resolve(name, tmp_path)
    assert problem.value.next_step


def test_a_file_that_is_no_gguf_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "notes.gguf"
    wrong.write_text("hello")
    with pytest.raises(ModelError, match="not a GGUF"):
        resolve.resolve(str(wrong), tmp_path)
    (tmp_path / "folder.gguf").mkdir()
    with pytest.raises(ModelError, match="cannot be read"):
        resolve.resolve(str(tmp_path / "folder.gguf"), tmp_path)


@pytest.mark.parametrize("link", [False, True])
def test_an_imported_model_is_whole_hashed_and_found_by_name(nano: Path, tmp_path: Path, link: bool) -> None:
    said: list[str] = []
    spec = import_model(nano, tmp_path / "models", link=link, say=said.append)
    digest = hashlib.sha256(nano.read_bytes()).hexdigest()
    assert (spec.name, spec.sha256, spec.window) == ("nano", digest, 2048)
    assert spec.path.samefile(nano) == link
    assert resolve.resolve("nano", tmp_path / "models") == spec
    assert spec in resolve.installed(tmp_path / "models")
    assert verify(spec) == digest
    assert sorted(p.name for p in (tmp_path / "models").iterdir()) == ["nano.gguf", "nano.json"]
    assert digest in said[-1]


def test_a_file_that_changed_is_told_apart(nano: Path, tmp_path: Path) -> None:
    spec = import_model(nano, tmp_path)
    changed = bytearray(spec.path.read_bytes())
    changed[-1] ^= 1
    spec.path.write_bytes(changed)
    with pytest.raises(ModelError, match="not the file that was imported"):
        verify(spec)
    with pytest.raises(ModelError, match="not the file it should be"):
        import_model(_as(spec.path, tmp_path.parent / "again" / "nano.gguf"), tmp_path)


def test_a_name_the_catalogue_knows_must_have_its_hash(nano: Path, tmp_path: Path) -> None:
    entry = known.find("qwen3-4b")
    assert entry is not None
    impostor = _as(nano, tmp_path / "in" / entry.file)
    with pytest.raises(ModelError, match="published"):
        import_model(impostor, tmp_path / "models")
    assert not list((tmp_path / "models").iterdir())


def test_a_full_disk_and_a_broken_copy_leave_nothing(
    nano: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "SPARE", 1 << 60)
    with pytest.raises(ModelError, match="not enough room"):
        import_model(nano, tmp_path)
    monkeypatch.setattr(importing, "SPARE", 0)

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ModelError, match="No space left"):
        import_model(nano, tmp_path)
    assert not list(tmp_path.iterdir())


async def test_the_inspection_worker_reads_what_the_host_does_not(nano: Path) -> None:
    facts = await inspect(nano)
    assert (facts.architecture, facts.window, facts.vocabulary, facts.bytes) == (
        "llama",
        2048,
        640,
        nano.stat().st_size,
    )


def test_a_damaged_header_is_a_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF\x03\x00\x00\x00" + b"\xff" * 200)
    with pytest.raises(ModelError, match=r"broken\.gguf is damaged"):
        asyncio.run(inspect(broken))


def _as(source: Path, target: Path) -> Path:
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(source.read_bytes())
    return target
