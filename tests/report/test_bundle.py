"""Bundles: the way there and back, redaction, signatures, and strangers' zips."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
    assert gather(opened.corpus, opened.recorded).sentence == "The text of the answer was removed."
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


def rehashed(path: Path, name: str, change: Callable[[list[dict[str, Any]]], list[Any]]) -> None:
    """A part with other lines, and a manifest that vouches for it."""
    write(path, recording().recorded, CORPUS)
    with zipfile.ZipFile(path) as archive:
        lines = [json.loads(line) for line in archive.read(name).splitlines()]
        manifest = json.loads(archive.read("manifest.json"))
    raw = b"\n".join(json.dumps(line).encode() for line in change(lines))
    manifest["files"][name] = hashlib.sha256(raw).hexdigest()
    changed(path, name, raw)
    changed(path, "manifest.json", json.dumps(manifest).encode())


def first(**fields: Any) -> Callable[[list[dict[str, Any]]], list[Any]]:
    return lambda lines: [lines[0] | fields, *lines[1:]]


FORGED: dict[str, tuple[str, Callable[[list[dict[str, Any]]], list[Any]]]] = {
    "a text that is a number": ("documents.jsonl", first(text=5)),
    "a text of another length": ("documents.jsonl", first(chars=10**6)),
    "a length without end": ("documents.jsonl", first(text=None, chars=float("inf"))),
    "a length below nothing": ("documents.jsonl", first(text=None, chars=-5)),
    "lengths that fill the memory": ("documents.jsonl", lambda lines: [lines[0] | {"text": None, "chars": 2**28}] * 40),
    "no pages": ("documents.jsonl", first(pages=[])),
    "pages outside": ("documents.jsonl", first(pages=[["1", -5, 10**9, ""]])),
    "pages that are a number": ("documents.jsonl", first(pages=7)),
    "a page in no known state": ("documents.jsonl", first(pages=[["1", 0, 1, "x"]])),
    "a cited text that is a number": ("texts.jsonl", first(text=5)),
    "a cited text that is not there": ("texts.jsonl", lambda lines: [{}]),
    "an event of no kind": ("events.jsonl", first(kind="no such")),
    "a line that is no object": ("events.jsonl", lambda lines: [5]),
}


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_bundle_is_refused_by_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / "forged.zip"
    rehashed(path, *FORGED[name])
    with pytest.raises(UsageError, match=r"forged\.zip cannot be opened: "):
        await open_bundle(path)


async def test_lines_that_nest_without_end_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "deep.zip"
    write(path, recording().recorded, CORPUS)
    with zipfile.ZipFile(path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    raw = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    manifest["files"]["texts.jsonl"] = hashlib.sha256(raw).hexdigest()
    changed(path, "texts.jsonl", raw)
    changed(path, "manifest.json", json.dumps(manifest).encode())
    with pytest.raises(UsageError, match=r"deep\.zip cannot be opened: "):
        await open_bundle(path)
