"""Bundles: the way there and back, redaction, signatures, and strangers' zips."""

import json
import zipfile
from pathlib import Path

import pytest

from rlm_desk.errors import UsageError
from rlm_desk.evidence.account import gather
from rlm_desk.report.bundle import open_bundle, signing_key, write
from rlm_desk.report.unpacking import Broken, unpack
from tests.evidence.recording import CORPUS, Recording


def recording() -> Recording:
    made = Recording()
    made.call(2, 0, "4,200")
    made.finish("EUR 4,200")
    return made


async def test_there_and_back(tmp_path: Path) -> None:
    path, made = tmp_path / "run.zip", recording()
    signer = write(path, made.recorded, CORPUS, key=signing_key(tmp_path / "data"))
    opened = await open_bundle(path)
    assert (opened.run, opened.signer, opened.redacted) == ("r", signer, False)
    assert opened.corpus.text == CORPUS.text
    assert [one.event for one in opened.recorded] == [one.event for one in made.recorded]
    assert gather(opened.corpus, opened.recorded) == gather(CORPUS, made.recorded)
    assert (tmp_path / "data" / "bundle-key").stat().st_mode & 0o777 == 0o600


async def test_a_redacted_bundle_holds_no_word_of_the_documents(tmp_path: Path) -> None:
    path = tmp_path / "run.zip"
    write(path, recording().recorded, CORPUS, redact=True)
    with zipfile.ZipFile(path) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    for placed in CORPUS.documents:  # these ids are no hashes, as real ones are
        everything = everything.replace(json.dumps(placed.document.id), "")
    for word in ("Brenvale", "4,200", "annual fee", "Harbour"):
        assert word not in everything
    opened = await open_bundle(path)
    assert opened.redacted
    assert len(opened.corpus) > 0
    assert gather(opened.corpus, opened.recorded).amount.shown == gather(CORPUS, recording().recorded).amount.shown


def changed(path: Path, name: str, raw: bytes) -> bytes:
    with zipfile.ZipFile(path) as archive:
        files = {one: archive.read(one) for one in archive.namelist()}
    files[name] = raw
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, data in files.items():
            archive.writestr(one, data)
    return path.read_bytes()


def test_a_change_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "run.zip"
    write(path, recording().recorded, CORPUS)
    with pytest.raises(Broken, match="was changed"):
        unpack(changed(path, "events.jsonl", b"{}\n"))


async def test_a_manifest_changed_after_it_was_signed(tmp_path: Path) -> None:
    path = tmp_path / "run.zip"
    write(path, recording().recorded, CORPUS, key=signing_key(tmp_path))
    with zipfile.ZipFile(path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    changed(path, "manifest.json", json.dumps(manifest | {"run": "other"}).encode())
    with pytest.raises(UsageError, match="signature is wrong"):
        await open_bundle(path)


def test_bombs_and_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.zip"
    write(path, recording().recorded, CORPUS)
    with pytest.raises(Broken, match="bomb"):
        unpack(changed(path, "texts.jsonl", b" " * 50_000_000))
    write(path, recording().recorded, CORPUS)
    with pytest.raises(Broken, match="other files"):
        unpack(changed(path, "../../evil", b"x"))
    for raw in (b"", b"PK\x03\x04", b"no zip at all", path.read_bytes()[:-30]):
        with pytest.raises(Broken):
            unpack(raw)


async def test_what_is_no_bundle_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"no zip at all")
    with pytest.raises(UsageError, match="no zip file"):
        await open_bundle(tmp_path / "x.zip")
    with pytest.raises(UsageError, match="There is no file"):
        await open_bundle(tmp_path / "y.zip")
