"""Into the model folder: whole, hashed, resumed, refused; nothing left behind where it goes wrong."""

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from rlm_desk.catalogue import carrying, importing, known, resolve
from rlm_desk.catalogue.importing import By, import_model, leftovers, remove_model, verify
from rlm_desk.errors import ModelError, UsageError


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrying, "CHUNK", 4096)


class Stop(Exception):
    """Raised by a progress callback, as a person's ctrl+c would be."""


def stopping_at(bytes_done: int) -> Any:
    def on_bytes(what: str, done: int, _total: int) -> None:
        if what == "copying" and done >= bytes_done:
            raise Stop

    return on_bytes


def digest(*paths: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("by", ["copy", "hardlink", "link"])
def test_an_imported_model_is_whole_hashed_and_found_by_name(nano: Path, tmp_path: Path, by: By) -> None:
    seen: list[tuple[str, int, int]] = []
    folder = tmp_path / "models"
    done = import_model(nano, folder, by=by, on_bytes=lambda *step: seen.append(step))
    spec = done.spec
    assert (spec.name, spec.sha256, spec.window, done.already, done.published) == (
        "nano",
        digest(nano),
        2048,
        False,
        False,
    )
    assert spec.path.samefile(nano) == (by != "copy")
    assert spec.path.is_symlink() == (by == "link")
    assert resolve.resolve("nano", folder).sha256 == spec.sha256
    assert [s.name for s in resolve.installed(folder)] == ["desk-tiny", "nano"]
    assert verify(spec) == spec.sha256
    assert names(folder) == ["nano.gguf", "nano.json"]
    assert seen[-1][1:] == (nano.stat().st_size, nano.stat().st_size)


@pytest.mark.usefixtures("small_chunks")
def test_an_interrupted_copy_goes_on_where_it_stopped(nano: Path, tmp_path: Path) -> None:
    with pytest.raises(Stop):
        import_model(nano, tmp_path, on_bytes=stopping_at(40_000))
    [part] = leftovers(tmp_path)
    assert 36_000 <= part.stat().st_size <= 44_000
    assert resolve.installed(tmp_path)[1:] == ()
    wrote: list[int] = []
    spec = import_model(nano, tmp_path, on_bytes=lambda _w, done, _t: wrote.append(done)).spec
    assert spec.sha256 == digest(nano) == digest(spec.path)
    assert leftovers(tmp_path) == ()


@pytest.mark.usefixtures("small_chunks")
def test_a_part_that_does_not_agree_is_not_believed(nano: Path, tmp_path: Path) -> None:
    with pytest.raises(Stop):
        import_model(nano, tmp_path, on_bytes=stopping_at(40_000))
    [part] = leftovers(tmp_path)
    damaged = bytearray(part.read_bytes())
    damaged[20_000] ^= 1
    part.write_bytes(bytes(damaged) + b"and more than there should be")
    assert digest(import_model(nano, tmp_path).spec.path) == digest(nano)


def test_a_source_that_changes_meanwhile_is_refused(nano: Path, tmp_path: Path) -> None:
    source = _as(nano, tmp_path / "in" / "moving.gguf")

    def touch(*_: object) -> None:
        os.utime(source, ns=(1, 1))

    with pytest.raises(ModelError, match="changed while it was copied"):
        import_model(source, tmp_path / "models", on_bytes=touch)
    assert names(tmp_path / "models") == []


def test_the_same_model_is_not_copied_twice(nano: Path, tmp_path: Path) -> None:
    first = import_model(nano, tmp_path).spec
    again = import_model(_as(nano, tmp_path / "in" / "another-name.gguf"), tmp_path)
    assert (again.already, again.spec) == (True, first)
    assert import_model(nano, tmp_path).already
    assert names(tmp_path) == ["in", "nano.gguf", "nano.json"]


def test_another_model_of_that_name_is_refused_and_can_have_another(nano: Path, tmp_path: Path) -> None:
    import_model(nano, tmp_path)
    changed = bytearray(nano.read_bytes())
    changed[-1] ^= 1
    other = tmp_path / "in" / "nano.gguf"
    other.parent.mkdir()
    other.write_bytes(changed)
    with pytest.raises(ModelError, match="not the file it should be") as problem:
        import_model(other, tmp_path)
    assert "--name" in problem.value.next_step
    assert import_model(other, tmp_path, name="nano two.gguf").spec.name == "nano-two"


def test_a_file_put_into_the_folder_by_hand_is_taken_in(nano: Path, tmp_path: Path) -> None:
    there = _as(nano, tmp_path / "models" / "mine.gguf")
    stranger = _as(nano, tmp_path / "in" / "mine.gguf")
    stranger.write_bytes(stranger.read_bytes() + b"x")
    with pytest.raises(ModelError, match="another file called mine"):
        import_model(stranger, tmp_path / "models")
    done = import_model(there, tmp_path / "models")
    assert (done.already, done.spec.sha256) == (False, digest(there))
    assert names(tmp_path / "models") == ["mine.gguf", "mine.json"]


def test_a_file_that_changed_is_told_apart(nano: Path, tmp_path: Path) -> None:
    spec = import_model(nano, tmp_path).spec
    changed = bytearray(spec.path.read_bytes())
    changed[-1] ^= 1
    spec.path.write_bytes(changed)
    with pytest.raises(ModelError, match="not the file that was imported"):
        verify(spec)


def test_a_name_the_catalogue_knows_must_have_its_hash(nano: Path, tmp_path: Path) -> None:
    entry = known.find("qwen3-4b")
    assert entry is not None
    impostor = _as(nano, tmp_path / "in" / entry.file)
    with pytest.raises(ModelError, match="published"):
        import_model(impostor, tmp_path / "models")
    assert names(tmp_path / "models") == []


def test_too_little_room_is_said_before_anything_is_copied(
    nano: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "SPARE", 1 << 60)
    with pytest.raises(ModelError, match="not enough room") as problem:
        import_model(nano, tmp_path / "models")
    assert "--by hardlink" in problem.value.next_step
    assert names(tmp_path / "models") == []
    assert import_model(nano, tmp_path / "models", by="link").spec.path.is_symlink()


def test_a_disk_that_fills_up_is_not_left_full(nano: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ModelError, match="No space left"):
        import_model(nano, tmp_path)
    assert names(tmp_path) == []


def test_a_model_in_several_files_is_one(nano: Path, tmp_path: Path) -> None:
    parts = split(nano, tmp_path / "in", 2)
    folder = tmp_path / "models"
    spec = import_model(parts[1], folder).spec
    assert spec.name == "big"
    assert spec.sha256 == digest(*parts)
    assert names(folder) == ["big-00001-of-00002.gguf", "big-00001-of-00002.json", "big-00002-of-00002.gguf"]
    assert [s.name for s in resolve.installed(folder)] == ["desk-tiny", "big"]
    assert verify(resolve.resolve("big", folder)) == spec.sha256
    assert import_model(parts[0], folder).already
    assert import_model(parts[0], folder, name="other").already
    assert remove_model(spec, folder) == sum(part.stat().st_size for part in parts)
    assert names(folder) == []


def test_a_missing_part_is_named(nano: Path, tmp_path: Path) -> None:
    parts = split(nano, tmp_path / "in", 2)
    parts[1].unlink()
    with pytest.raises(ModelError, match=r"big-00002-of-00002\.gguf missing"):
        import_model(parts[0], tmp_path / "models")


@pytest.mark.parametrize("by", ["copy", "hardlink", "link"])
def test_removing_leaves_the_original_alone(nano: Path, tmp_path: Path, by: By) -> None:
    source = _as(nano, tmp_path / "in" / "nano.gguf")
    spec = import_model(source, tmp_path / "models", by=by).spec
    assert remove_model(spec, tmp_path / "models") == (source.stat().st_size if by == "copy" else 0)
    assert names(tmp_path / "models") == []
    assert source.is_file()


def test_only_what_is_in_the_folder_is_removed(nano: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not in the model folder"):
        remove_model(resolve.resolve("desk-tiny", tmp_path), tmp_path)
    with pytest.raises(UsageError, match="not in the model folder"):
        remove_model(resolve.resolve(str(nano), tmp_path), tmp_path)
    assert nano.is_file()


def split(source: Path, folder: Path, count: int) -> list[Path]:
    """The model in several files, made with the reference library: the first tensor apart from the others."""
    import gguf
    import numpy as np

    folder.mkdir()
    reader = gguf.GGUFReader(source)
    made = []
    for number in range(count):
        path = folder / f"big-{number + 1:05d}-of-{count:05d}.gguf"
        writer = gguf.GGUFWriter(path, "llama")
        writer.add_uint16("split.no", number)
        writer.add_uint16("split.count", count)
        if number == 0:
            writer.add_context_length(2048)
            writer.add_block_count(2)
            writer.add_head_count(4)
            writer.add_embedding_length(64)
        for tensor in reader.tensors[number::count]:
            writer.add_tensor(tensor.name, np.array(tensor.data), raw_dtype=tensor.tensor_type)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        made.append(path)
    return made


def _as(source: Path, target: Path) -> Path:
    target.parent.mkdir(exist_ok=True)
    shutil.copyfile(source, target)
    return target
