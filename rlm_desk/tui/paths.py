"""Paths as people type, paste and drag them: quotes, ``file://``, escaped blanks, ``~``."""

import os
import shlex
from pathlib import Path
from urllib.parse import unquote, urlsplit

LONGEST_PASTE = 64 * 1024
"""Characters of a paste that may be a list of paths; a longer one is text."""


def typed_path(text: str) -> Path:
    """The path a person typed, pasted or dragged in: quotes, ``file://``, escaped blanks and ``~`` are understood."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    if text.startswith("file://"):
        try:
            text = unquote(urlsplit(text).path)
        except ValueError:  # not a URL, whatever it begins with
            return Path(text)
    # os.path.exists and not Path.exists: a name that is too long or holds a NUL does not exist, and raises nothing.
    elif "\\ " in text and not os.path.exists(text):  # noqa: PTH110
        text = text.replace("\\ ", " ")
    try:
        return Path(text).expanduser()
    except RuntimeError:  # no such user
        return Path(text)


def pasted_paths(text: str) -> list[Path]:
    """The files and folders that a paste names, when it names existing ones and nothing else; otherwise none.

    Terminals give what is dragged into them as a paste: one path or several, on lines or in a row, quoted or escaped
    for a shell, or as ``file://``. Only absolute ones count, or a word of a question could be taken for a folder.
    """
    if len(text) > LONGEST_PASTE:
        return []
    found: list[Path] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        paths = _existing([line]) or _existing(_words(line))
        if not paths:
            return []
        found += paths
    return list(dict.fromkeys(found))


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:  # a quote that is not closed: this is text
        return []


def _existing(names: list[str]) -> list[Path]:
    paths = [typed_path(name) for name in names]
    return paths if all(path.is_absolute() and os.path.exists(path) for path in paths) else []  # noqa: PTH110
