"""Bring a GGUF into the model folder: copied or hard-linked, checked by its hash, whole or not at all."""

import asyncio
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from rlm_desk.catalogue.inspecting import Facts, inspect
from rlm_desk.catalogue.known import Known, by_file, by_hash
from rlm_desk.catalogue.resolve import card_path, check_gguf, read_card, resolve
from rlm_desk.errors import ModelError
from rlm_desk.plan import ModelSpec

CHUNK = 4 * 1024 * 1024
SPARE = 64 * 1024 * 1024
"""Bytes that must be left on the disk after a copy."""

Say = Callable[[str], object]


def import_model(file: Path, models_dir: Path, *, link: bool = False, say: Say = lambda _line: None) -> ModelSpec:
    """Copy a model into `models_dir` (or hard-link it), pin its hash, and note what it says about itself.

    The file appears under its final name only when it is whole. A hash that the catalogue knows for this file name, or
    that an earlier import pinned, must match.

    Args:
        file: a GGUF file of one part.
        models_dir: the data folder's `models`; made if it is not there.
        link: hard-link instead of copying; both must be on one file system.
        say: told of progress, in lines.

    Raises:
        ModelError: not a GGUF, damaged, a hash that does not match, no room on the disk, or no rights.
    """
    check_gguf(file)
    facts = asyncio.run(inspect(file))
    if facts.splits > 1:
        raise ModelError(
            f"{file.name} is one of {facts.splits} parts of a model.",
            "Join them first with llama-gguf-split --merge, then import the whole.",
        )
    target = models_dir / f"{_safe(file.stem)}.gguf"
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        size = file.stat().st_size
        if not link and shutil.disk_usage(models_dir).free < size + SPARE:
            raise ModelError(
                f"There is not enough room for {file.name} ({size / 1e9:.1f} GB).",
                "Free some space, choose another --data-dir, or hard-link it with --link.",
            )
        part = target.with_suffix(".part")
        sha256 = _link(file, part, say) if link else _copy(file, part, size, say)
        _check_hash(file, target, sha256, part)
        part.replace(target)
    except OSError as problem:
        raise ModelError(
            f"{file.name} cannot be imported: {problem.strerror or problem}.",
            "Check the model folder's rights and space"
            + ("; a hard link needs one file system: leave out --link." if link else "."),
        ) from problem
    _write_card(target, sha256, facts, by_hash(sha256) or by_file(file.name))
    say(f"sha256 {sha256}")
    return resolve(str(target), models_dir)


def verify(spec: ModelSpec, say: Say = lambda _line: None) -> str:
    """Hash a model's file and compare with what was pinned or published; returns the hash.

    Raises:
        ModelError: the file has changed, or cannot be read.
    """
    try:
        sha256 = _hash(spec.path, spec.path.stat().st_size, say)
    except OSError as problem:
        raise ModelError(f"{spec.path} cannot be read: {problem.strerror or problem}.", "Import it again.") from problem
    if spec.sha256 and spec.sha256 != sha256:
        raise ModelError(
            f"{spec.name} is not the file that was imported: its hash is {sha256[:16]}…, not {spec.sha256[:16]}….",
            "Remove it and import it again.",
        )
    return sha256


def _check_hash(file: Path, target: Path, sha256: str, part: Path) -> None:
    entry = by_file(file.name)
    pinned = str(read_card(target).get("sha256", ""))
    for wanted, whose in ((entry.sha256 if entry else "", "published"), (pinned, "pinned by the first import")):
        if wanted and wanted != sha256:
            part.unlink()
            raise ModelError(
                f"{file.name} is not the file it should be: its hash is {sha256[:16]}…, the one {whose} is "
                f"{wanted[:16]}….",
                "Fetch it again; if it was replaced on purpose, give it another name.",
            )


def _copy(source: Path, part: Path, size: int, say: Say) -> str:
    digest = hashlib.sha256()
    try:
        with source.open("rb") as reading, part.open("wb") as writing:
            done = 0
            while chunk := reading.read(CHUNK):
                digest.update(chunk)
                writing.write(chunk)
                done += len(chunk)
                if size > 20 * CHUNK and done * 10 // size != (done - len(chunk)) * 10 // size:
                    say(f"{done * 100 // size}% of {size / 1e9:.1f} GB")
            writing.flush()
            os.fsync(writing.fileno())
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return digest.hexdigest()


def _link(source: Path, part: Path, say: Say) -> str:
    part.unlink(missing_ok=True)
    os.link(source, part)
    return _hash(part, part.stat().st_size, say)


def _hash(path: Path, size: int, say: Say) -> str:
    digest = hashlib.sha256()
    done = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            done += len(chunk)
            if size > 20 * CHUNK and done * 10 // size != (done - len(chunk)) * 10 // size:
                say(f"{done * 100 // size}% of {size / 1e9:.1f} GB")
    return digest.hexdigest()


def _write_card(target: Path, sha256: str, facts: Facts, entry: Known | None) -> None:
    card = {
        "name": entry.name if entry else target.stem,
        "sha256": sha256,
        "bytes": facts.bytes,
        "architecture": facts.architecture,
        "quantisation": facts.quantisation,
        "license": facts.license,
        "window": facts.window,
    }
    part = card_path(target).with_suffix(".json.part")
    part.write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    part.replace(card_path(target))


def _safe(stem: str) -> str:
    """A file name that means the same on every system."""
    kept = "".join(c if c.isalnum() or c in "._-" else "-" for c in stem).strip(".-")
    return kept[:120] or "model"
