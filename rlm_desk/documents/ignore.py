"""Which files of a folder are left out, by patterns as in a .gitignore file."""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

IGNORE_FILE = ".rlmdeskignore"
"""Lies in the folder that is opened; one pattern a line, `#` begins a comment."""
DEFAULT = ("~$*", "Thumbs.db", "desktop.ini", "node_modules/", "__pycache__/", "__MACOSX/")
"""Never documents: locks of office programs, what systems and tools leave behind."""
MOST_RULES, MOST_BYTES = 1000, 256 * 1024


def own_rules(root: Path) -> list[str]:
    """The patterns a folder brings along."""
    path = root / IGNORE_FILE
    if not path.is_file():
        return []
    with path.open("rb") as file:
        lines = file.read(MOST_BYTES).decode("utf-8", "replace").splitlines()
    return [line.rstrip() for line in lines if line.strip() and not line.startswith("#")][:MOST_RULES]


class Ignored:
    """Patterns, of which the last that fits a path decides; `!` takes a path back in."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._rules: list[tuple[re.Pattern[str], bool, bool]] = []
        for pattern in patterns:
            keeps = pattern.startswith("!")
            bare = pattern.removeprefix("!").strip()
            if bare.strip("/"):
                self._rules.append((_compiled(bare.rstrip("/")), keeps, bare.endswith("/")))

    def file(self, path: str) -> bool:
        """Whether a file is left out; `path` is below the folder, with forward slashes."""
        return self._decide(path, folder=False)

    def folder(self, path: str) -> bool:
        """Whether a folder is left out, with all that lies in it."""
        return self._decide(path, folder=True)

    def _decide(self, path: str, folder: bool) -> bool:
        out = False
        for pattern, keeps, folders_only in self._rules:
            if (folder or not folders_only) and pattern.fullmatch(path):
                out = not keeps
        return out


@lru_cache(1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern with a slash in it counts from the folder, one without at any depth.

    Folders bring their patterns along, and they are strangers': each star but the last takes the first place that fits
    and keeps it, which finds all there is to find, and a pattern of many stars takes no longer than one of few.
    """
    parts = pattern.removeprefix("/").split("/")
    if "/" not in pattern:
        parts = ["**", *parts]
    out, anywhere = "", False
    while parts:
        if parts[0] == "**":
            parts = parts[1:]
            anywhere = True
            continue
        run = parts[: parts.index("**")] if "**" in parts else parts
        parts = parts[len(run) :]
        named = "/".join(map(_segment, run))
        below = f"{named}/" if parts else named
        out, anywhere = out + (f"(?>(?:[^/]*/)*?{below})" if anywhere and parts else f"{ANY * anywhere}{below}"), False
    return re.compile(out + "(?s:.*)" * anywhere, re.IGNORECASE)


ANY = "(?:[^/]*/)*?"
"""Folders, as few as fit."""


def _segment(part: str) -> str:
    """What a pattern says of one name: no star reaches over a slash."""
    first, *others = [
        "".join("[^/]" if one == "?" else re.escape(one) for one in run) for run in re.split(r"\*+", part)
    ]
    if not others:
        return first
    return first + "".join(f"(?>[^/]*?{other})" for other in others[:-1]) + f"[^/]*{others[-1]}"
