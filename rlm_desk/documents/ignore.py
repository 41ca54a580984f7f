"""Which files of a folder are left out, by patterns as in a .gitignore file."""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

IGNORE_FILE = ".rlmdeskignore"
"""Lies in the folder that is opened; one pattern a line, `#` begins a comment."""
DEFAULT = ("~$*", "Thumbs.db", "desktop.ini", "node_modules/", "__pycache__/", "__MACOSX/")
"""Never documents: locks of office programs, what systems and tools leave behind."""
MOST_RULES = 1000


def own_rules(root: Path) -> list[str]:
    """The patterns a folder brings along."""
    path = root / IGNORE_FILE
    if not path.is_file():
        return []
    lines = path.read_text("utf-8", "replace").splitlines()
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
    """A pattern with a slash in it counts from the folder, one without at any depth."""
    anchored = "/" in pattern
    pattern = pattern.removeprefix("/")
    out = "" if anchored else "(?:.*/)?"
    at = 0
    while at < len(pattern):
        if pattern.startswith("**/", at):
            out, at = out + "(?:.*/)?", at + 3
        elif pattern.startswith("**", at):
            out, at = out + ".*", at + 2
        elif pattern[at] == "*":
            out, at = out + "[^/]*", at + 1
        elif pattern[at] == "?":
            out, at = out + "[^/]", at + 1
        else:
            out, at = out + re.escape(pattern[at]), at + 1
    return re.compile(out, re.IGNORECASE)
