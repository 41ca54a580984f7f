"""What a person opened, as a list of files: folders walked, globs expanded, order natural, nothing dropped unsaid."""

import glob
import os
import re
import stat
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rlm_desk.clean import clean
from rlm_desk.documents.formats import BY_SUFFIX
from rlm_desk.errors import DocumentError

MAX_BYTES = 200 * 1024 * 1024
"""A larger file is skipped: what its text would take does not fit a worker's memory."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file that will be read."""

    path: Path
    name: str
    """Path below what was opened, forward slashes, safe to show."""
    kind: str
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not read, and why."""

    name: str
    reason: str
    """Continues the name to a sentence, without its full stop: `is empty`, `is encrypted: open it with ...`."""


def find(paths: Sequence[Path | str]) -> tuple[list[Found], list[Skipped]]:
    """Files, folders (with what lies in them) and patterns (`~`, `*`, `**`), in the order given. Blocking.

    Raises:
        DocumentError: a path that was named does not exist, or a pattern matches nothing.
    """
    found: list[Found] = []
    skipped: list[Skipped] = []
    seen: set[Path] = set()
    for given in paths:
        for path, name, named in _expand(Path(given).expanduser()):
            real = path.resolve()
            if real in seen:
                continue
            seen.add(real)
            one = _look(path, name, named)
            if isinstance(one, Found):
                found.append(one)
            else:
                skipped.append(one)
    return _distinct(found), skipped


def is_pattern(path: str) -> bool:
    """Whether a path that does not exist as it stands may still match some."""
    return glob.has_magic(path)


def natural(name: str) -> tuple[tuple[tuple[int, int, str], ...], ...]:
    """A sort key that puts `page 9` before `page 10`, whatever the case, folder by folder."""
    return tuple(
        tuple(
            (0, int(part), "") if part.isdecimal() else (1, 0, part.casefold()) for part in re.split(r"(\d+)", folder)
        )
        for folder in name.split("/")
    )


def _expand(given: Path) -> Iterator[tuple[Path, str, bool]]:
    """Path, name, and whether the person named it rather than its folder."""
    if given.is_dir():
        yield from _walk(given)
    elif given.exists() or given.is_symlink():
        yield given, _shown(given.name), True
    elif glob.has_magic(str(given)):
        fixed = Path(*_fixed_parts(given))
        matches = [Path(match) for match in glob.glob(str(given), recursive=True)]  # noqa: PTH207 - Path.glob wants a root
        files = [match for match in matches if not match.is_dir()]
        named = sorted(((_below(match, fixed), match) for match in files), key=lambda pair: natural(pair[0]))
        if not named:
            raise DocumentError(
                f"Nothing matches {clean(str(given))}.", "Check the pattern, or open the folder itself."
            )
        for name, match in named:
            yield match, name, False
    else:
        raise DocumentError(f"There is no file or folder {clean(str(given))}.", "Check its name and its folder.")


def _walk(root: Path) -> Iterator[tuple[Path, str, bool]]:
    listed: list[tuple[Path, str]] = []
    unread: list[OSError] = []
    for folder, folders, files in os.walk(root, onerror=unread.append):  # links to folders are not followed
        for name in [name for name in folders if name.startswith(".")]:
            folders.remove(name)
            listed.append((Path(folder, name), _below(Path(folder, name), root)))
        listed += [(Path(folder, name), _below(Path(folder, name), root)) for name in files]
    listed += [(Path(problem.filename), _below(Path(problem.filename), root)) for problem in unread]
    for path, name in sorted(listed, key=lambda pair: natural(pair[1])):
        yield path, name, False


def _look(path: Path, name: str, named: bool) -> Found | Skipped:  # noqa: PLR0911 - one line per reason
    """Whether one file will be read. A file named by the person is tried whatever its suffix."""
    if path.name.startswith(".") and not named:
        return Skipped(name, "is hidden")
    try:
        info = path.stat()
    except OSError as problem:
        return Skipped(name, f"cannot be opened: {problem.strerror}")
    if stat.S_ISDIR(info.st_mode):
        return Skipped(name, "is a folder that cannot be opened")
    if not stat.S_ISREG(info.st_mode):
        return Skipped(name, "is not an ordinary file")
    if info.st_size > MAX_BYTES:
        return Skipped(name, f"is too large ({info.st_size / 2**20:,.0f} MB; at most {MAX_BYTES / 2**20:,.0f} MB)")
    suffix = path.suffix.lower()
    format = BY_SUFFIX.get(suffix, BY_SUFFIX[""] if named else None)
    if format is None:
        return Skipped(name, f"is of a kind that is not read ({clean(suffix)})")
    return Found(path, name, format.kind, info.st_size)


def _distinct(found: list[Found]) -> list[Found]:
    """Names made different by as many parent folders as that takes."""
    while True:
        same: defaultdict[str, list[int]] = defaultdict(list)
        for index, one in enumerate(found):
            same[one.name].append(index)
        clashes = [index for group in same.values() if len(group) > 1 for index in group]
        if not clashes:
            return found
        for index in clashes:
            parts = found[index].path.resolve().parts[1:]
            taken = found[index].name.count("/") + 2
            longer = "/".join(parts[-taken:]) if len(parts) >= taken else f"{found[index].name} ({index + 1})"
            found[index] = replace(found[index], name=_shown(longer))


def _fixed_parts(pattern: Path) -> Iterator[str]:
    for part in pattern.parts:
        if glob.has_magic(part):
            return
        yield part


def _below(path: Path, root: Path) -> str:
    try:
        return _shown(path.relative_to(root).as_posix())
    except ValueError:
        return _shown(path.name)


def _shown(name: str) -> str:
    """A file's name as a person reads it: no control characters, no line breaks, no bytes that are no text."""
    return clean(name).replace("\n", "\ufffd").replace("\t", " ")
