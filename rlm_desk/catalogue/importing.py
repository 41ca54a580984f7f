"""Bring a GGUF into the model folder: copied or linked, checked by its hash, whole or not at all.

A copy that was interrupted is taken up again by the same command. The file appears under its final name only when it
is whole and its hash is right. A model in several files is one model: its hash is that of all its files in order.
"""

import asyncio
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rlm_desk.catalogue.carrying import OnBytes, copy_all, hash_of
from rlm_desk.catalogue.facts import Facts
from rlm_desk.catalogue.inspecting import inspect
from rlm_desk.catalogue.known import Known, by_file, by_hash
from rlm_desk.catalogue.parts import parts_of, renamed, stem
from rlm_desk.catalogue.resolve import card_path, check_gguf, installed, read_card, resolve
from rlm_desk.errors import ModelError, UsageError
from rlm_desk.plan import ModelSpec

SPARE = 64 * 1024 * 1024
"""Bytes that must be left on the disk after a copy."""

By = Literal["copy", "hardlink", "link"]


@dataclass(frozen=True, slots=True)
class Imported:
    """How an import ended."""

    spec: ModelSpec
    facts: Facts
    already: bool
    """The same model was there before; nothing was copied."""
    published: bool
    """Whether its hash is the one its publisher gives."""


def import_model(
    file: Path,
    models_dir: Path,
    *,
    by: By = "copy",
    name: str = "",
    on_bytes: OnBytes = lambda _what, _done, _total: None,
    allow_unconfined: bool = False,
) -> Imported:
    """Copy a model into `models_dir` (or link it), pin its hash, and note what it says about itself.

    A hash that the catalogue knows for this file name, or that an earlier import pinned, must match. Blocks; `on_bytes`
    may raise to stop it, and the same call goes on from there.

    Args:
        file: a GGUF file, or one of the parts of a model in several files.
        models_dir: the data folder's `models`; made if it is not there.
        by: `copy`; `hardlink` (no room taken, one file system); `link` (the file must stay where it is).
        name: what to call it here, instead of its file name.
        on_bytes: told of progress.
        allow_unconfined: look at the file although this machine has no boundary layer.

    Raises:
        ConfinementError: this machine cannot confine the worker that looks at the file.
        ModelError: not a GGUF, damaged, a hash that does not match, no room on the disk, or no rights.
    """
    check_gguf(file)
    sources = tuple(path.resolve() for path in parts_of(file))
    facts = asyncio.run(inspect(sources[0], allow_unconfined))
    targets = renamed(sources, models_dir, _safe(name or stem(file)))
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        there = _already(sources, targets, facts, models_dir, on_bytes)
        if there is not None:
            return there
        _check_room(file, facts.bytes, targets, models_dir, by)
        waiting = tuple(target.with_suffix(".part") for target in targets)
        if by == "copy":
            sha256 = copy_all(sources, waiting, on_bytes)
        else:
            sha256 = hash_of(sources, on_bytes)
            for source, part in zip(sources, waiting, strict=True):
                part.unlink(missing_ok=True)
                (os.symlink if by == "link" else os.link)(source, part)
        entry = _check_hash(file, targets[0], sha256, waiting)
        _write_card(targets[0], sha256, facts, entry, by, sources)
        for part, target in reversed([*zip(waiting, targets, strict=True)]):  # the first part makes it installed
            part.replace(target)
    except InterruptedError as problem:
        raise ModelError(f"{file.name} changed while it was copied.", "Import it when it is at rest.") from problem
    except OSError as problem:
        raise _not_imported(file, problem, by) from problem
    return Imported(resolve(str(targets[0]), models_dir), facts, False, bool(by_hash(sha256)))


def verify(spec: ModelSpec, on_bytes: OnBytes = lambda _what, _done, _total: None) -> str:
    """Hash a model's files and compare with what was pinned or published; returns the hash.

    Raises:
        ModelError: a file has changed, or cannot be read.
    """
    try:
        sha256 = hash_of(parts_of(spec.path), on_bytes)
    except OSError as problem:
        raise ModelError(f"{spec.path} cannot be read: {problem.strerror or problem}.", "Import it again.") from problem
    if spec.sha256 and spec.sha256 != sha256:
        raise ModelError(
            f"{spec.name} is not the file that was imported: its hash is {sha256[:16]}…, not {spec.sha256[:16]}….",
            f"Remove it and import it again: rlm-desk models remove {spec.name}",
        )
    return sha256


def remove_model(spec: ModelSpec, models_dir: Path) -> int:
    """Take a model out of the model folder; returns the bytes that became free (none for links).

    Raises:
        UsageError: it is not in the model folder: the bundled one, or a file elsewhere.
        ModelError: it cannot be removed.
    """
    if spec.demonstration or spec.path.parent.resolve() != models_dir.resolve():
        raise UsageError(
            f"{spec.name} is not in the model folder, so it is not removed.",
            "The bundled model belongs to the program; a file elsewhere is yours to delete.",
        )
    freed = 0
    try:
        for path in _files(spec.path):
            about = path.lstat()
            freed += about.st_size if not path.is_symlink() and about.st_nlink == 1 else 0
            path.unlink()
        card_path(spec.path).unlink(missing_ok=True)
    except OSError as problem:
        raise ModelError(
            f"{spec.name} cannot be removed: {problem.strerror or problem}.", "Check the model folder's rights."
        ) from problem
    return freed


def leftovers(models_dir: Path) -> tuple[Path, ...]:
    """What interrupted imports left behind."""
    return tuple(sorted(models_dir.glob("*.part"))) if models_dir.is_dir() else ()


def _files(path: Path) -> tuple[Path, ...]:
    try:
        return parts_of(path)
    except ModelError:  # a part is missing: remove those that are there
        return tuple(sorted(path.parent.glob(f"{stem(path)}-*-of-*.gguf")))


def _already(
    sources: tuple[Path, ...], targets: tuple[Path, ...], facts: Facts, models_dir: Path, on_bytes: OnBytes
) -> Imported | None:
    """The model that is the same as this one, if it is here; a file that was put here by hand is taken in."""
    if all(target.exists() and target.samefile(source) for source, target in zip(sources, targets, strict=True)):
        sha256 = hash_of(sources, on_bytes)
        known = bool(read_card(targets[0]))
        entry = _check_hash(sources[0], targets[0], sha256, ())
        _write_card(targets[0], sha256, facts, entry, "copy", sources)
        return Imported(resolve(str(targets[0]), models_dir), facts, known, bool(by_hash(sha256)))
    alike = [spec for spec in installed(models_dir) if spec.sha256 and read_card(spec.path).get("bytes") == facts.bytes]
    if alike:
        sha256 = hash_of(sources, on_bytes)
        for spec in alike:
            if spec.sha256 == sha256 and all(path.is_file() for path in _files(spec.path)):
                return Imported(spec, facts, True, bool(by_hash(sha256)))
    if targets[0].exists() and not read_card(targets[0]):
        raise ModelError(
            f"There is another file called {targets[0].name} in the model folder.",
            f"Import that one first (rlm-desk models import {targets[0]}), or give this one another --name.",
        )
    return None


def _check_room(file: Path, size: int, targets: tuple[Path, ...], models_dir: Path, by: By) -> None:
    if by != "copy":
        return
    there = sum(part.stat().st_size for t in targets if (part := t.with_suffix(".part")).exists())
    free = shutil.disk_usage(models_dir).free
    if free < size - there + SPARE:
        raise ModelError(
            f"There is not enough room for {file.name}: it takes {size / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are "
            f"free in {models_dir}.",
            "Free some space, choose another --data-dir, or do not copy: --by hardlink, or --by link.",
        )


def _check_hash(file: Path, target: Path, sha256: str, waiting: tuple[Path, ...]) -> Known | None:
    """The catalogue's entry for this model. Raises ModelError, the copies removed, where a hash should be another."""
    entry = by_file(file.name)
    pinned = str(read_card(target).get("sha256", "")) if target.exists() else ""
    for wanted, whose in ((entry.sha256 if entry else "", "published"), (pinned, "pinned by the first import")):
        if wanted and wanted != sha256:
            for part in waiting:
                part.unlink(missing_ok=True)
            raise ModelError(
                f"{file.name} is not the file it should be: its hash is {sha256[:16]}…, the one {whose} is "
                f"{wanted[:16]}….",
                "Fetch it again; if it was replaced on purpose, give it another name with --name.",
            )
    return by_hash(sha256) or entry


def _not_imported(file: Path, problem: OSError, by: By) -> ModelError:
    hint = {
        "copy": "Check the model folder's rights and the disk's space.",
        "hardlink": "A hard link needs both on one file system that has them: use --by link, or copy.",
        "link": "This system does not make such links here: copy instead.",
    }[by]
    return ModelError(f"{file.name} cannot be imported: {problem.strerror or problem}.", hint)


def _write_card(
    target: Path, sha256: str, facts: Facts, entry: Known | None, by: By, sources: tuple[Path, ...]
) -> None:
    card: dict[str, Any] = {
        "name": entry.name if entry else stem(target),
        "sha256": sha256,
        "bytes": facts.bytes,
        "files": len(sources),
        "architecture": facts.architecture,
        "quantisation": facts.quantisation,
        "license": facts.license,
        "window": facts.window,
        "layers": facts.layers,
        "template_note": facts.template_note if facts.chat_template else "the model has no chat template",
    }
    if by == "link":
        card["linked_to"] = str(sources[0])
    part = card_path(target).with_suffix(".json.part")
    part.write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    part.replace(card_path(target))


def _safe(name: str) -> str:
    """A file name that means the same on every system."""
    kept = "".join(c if c.isalnum() or c in "._-" else "-" for c in name.removesuffix(".gguf")).strip(".-")
    return kept[:120] or "model"
