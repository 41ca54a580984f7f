"""What a person opened, as a list of files: folders walked, globs expanded, order natural, nothing dropped unsaid."""

import glob
import os
import re
import stat
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from rlm_desk.clean import clean
from rlm_desk.documents.formats import BY_SUFFIX, OLD
from rlm_desk.documents.ignore import DEFAULT, Ignored, own_rules
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
    changed: int = 0
    """When it was last changed, in nanoseconds since the epoch; 0 for a file inside another."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Which of the files in folders are read. Files a person names are read whatever the rules say."""

    ignore: tuple[str, ...] = ()
    """Patterns as in a .gitignore file: `drafts/`, `*.bak`, `!keep.bak`. A folder's own are in its IGNORE_FILE."""
    most_bytes: int = 4 * 2**30
    """All files of one reading together; more is refused rather than begun."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not read, and why."""

    name: str
    reason: str
    """Continues the name to a sentence, without its full stop: `is empty`, `is encrypted: give its password`."""
    pages: int = 0
    """Pages nobody could read, where their number is known: those of a scan without a text layer."""


def find(paths: Sequence[Path | str], rules: Rules | None = None) -> tuple[list[Found], list[Skipped]]:
    """Files, folders (with what lies in them) and patterns (`~`, `*`, `**`), in the order given. Blocking.

    Raises:
        DocumentError: a path that was named does not exist, a pattern matches nothing, or there is too much.
    """
    rules = rules or Rules()
    found: list[Found] = []
    skipped: list[Skipped] = []
    listed = [
        # A link to a folder is named, not read; resolve() raises on a ring of links.
        (path, path if _is_link_to_folder(path) else Path(os.path.realpath(path)), name, named)
        for given in paths
        for path, name, named in _expand(Path(given).expanduser(), rules)
    ]
    own = {real for path, real, _, _ in listed if not path.is_symlink()}
    """Files that are there by their own names, whatever links lead to them too."""
    seen: dict[Path, Path] = {}
    for path, real, name, named in listed:
        twice = real in seen or (real in own and path.is_symlink())
        if twice and path.is_symlink() and seen.get(real) != path:
            skipped.append(Skipped(name, "is a link to a file that is read already"))
        if twice:
            continue
        seen[real] = path
        one = _look(path, name, named)
        if isinstance(one, Found):
            found.append(one)
        else:
            skipped.append(one)
    size = sum(one.size for one in found)
    if size > rules.most_bytes:
        raise DocumentError(
            f"These {len(found):,} files hold {size / 2**30:,.1f} GB, and at most {rules.most_bytes / 2**30:,.1f} GB"
            " are read at once.",
            "Open a smaller folder, leave some out with --ignore, or raise RLM_DESK_MOST_GB.",
        )
    return _distinct(found), skipped


def look_inside(container: Path, name: str, size: int) -> Found | Skipped:
    """Whether a file inside another is read."""
    file = name.rsplit("/", 1)[-1]
    if file.startswith((".", "~$")) or "/__MACOSX/" in f"/{name}":
        return Skipped(name, "is hidden")
    return _kind_of(container, name, file, size, named=False, changed=0)


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


def _expand(given: Path, rules: Rules) -> Iterator[tuple[Path, str, bool]]:
    """Path, name, and whether the person named it rather than its folder."""
    if given.is_dir():
        yield from _walk(given, rules)
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


def _walk(root: Path, rules: Rules) -> Iterator[tuple[Path, str, bool]]:
    listed: list[tuple[Path, str]] = []
    unread: list[OSError] = []
    ignored = Ignored([*DEFAULT, *own_rules(root), *rules.ignore])
    for folder, folders, files in os.walk(root, onerror=unread.append):  # links to folders are not followed
        for name in list(folders):
            below = _below(Path(folder, name), root)
            if ignored.folder(below):
                folders.remove(name)
            elif name.startswith(".") or _is_link_to_folder(Path(folder, name)):
                folders.remove(name)
                listed.append((Path(folder, name), below))
        for name in files:
            below = _below(Path(folder, name), root)
            if not ignored.file(below):
                listed.append((Path(folder, name), below))
    listed += [(Path(problem.filename), _below(Path(problem.filename), root)) for problem in unread]
    for path, name in sorted(listed, key=lambda pair: natural(pair[1])):
        yield path, name, False


def _look(path: Path, name: str, named: bool) -> Found | Skipped:
    """Whether one file will be read. A file named by the person is tried whatever its suffix."""
    if path.name.startswith(".") and not named:
        return Skipped(name, "is hidden")
    try:
        info = path.stat()
    except OSError as problem:
        return Skipped(name, f"cannot be opened: {problem.strerror}")
    if stat.S_ISDIR(info.st_mode) and path.is_symlink():
        return Skipped(name, "is a link to a folder, and such links are not followed: open that folder itself")
    if stat.S_ISDIR(info.st_mode):
        return Skipped(name, "is a folder that cannot be opened")
    if not stat.S_ISREG(info.st_mode):
        return Skipped(name, "is not an ordinary file")
    return _kind_of(path, name, path.name, info.st_size, named, info.st_mtime_ns)


def _is_link_to_folder(path: Path) -> bool:
    return path.is_symlink() and path.is_dir()


def _kind_of(path: Path, name: str, file: str, size: int, named: bool, changed: int) -> Found | Skipped:
    if size > MAX_BYTES:
        return Skipped(name, f"is too large ({size / 2**20:,.0f} MB; at most {MAX_BYTES / 2**20:,.0f} MB)")
    suffix = PurePosixPath(file).suffix.lower()
    format = BY_SUFFIX.get(suffix, BY_SUFFIX[""] if named else None)
    if format is None:
        if suffix in OLD:
            return Skipped(name, f"is an old {OLD[suffix][0]} file: save it as {OLD[suffix][1]}")
        return Skipped(name, f"is of a kind that is not read ({clean(suffix)})")
    return Found(path, name, format.kind, size, changed)


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
