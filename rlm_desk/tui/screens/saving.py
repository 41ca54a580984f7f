"""Texts that leave the desk as files: where they land, and that nothing that is there already is replaced."""

import os
from itertools import count
from pathlib import Path

import platformdirs

from rlm_desk.errors import UsageError


def folder() -> Path:
    """Where files are written: the working directory; where that cannot be, the documents folder, else home.

    A desk that was opened by a click has ``/`` for its working directory.
    """
    home = Path.home()
    try:
        here = Path.cwd()
    except FileNotFoundError:  # it was removed while the desk was open
        here = home
    for place in (here, platformdirs.user_documents_path(), home):
        if place.is_dir() and place != Path(place.anchor) and os.access(place, os.W_OK):
            return place
    return home


def save(stem: str, ending: str, text: str) -> Path:
    """Write a new file named `stem` and `ending`; where that is taken, ``stem-2``, ``stem-3`` and so on.

    Raises:
        UsageError: it cannot be written.
    """
    into = folder()
    for number in count(1):
        path = into / (f"{stem}{ending}" if number == 1 else f"{stem}-{number}{ending}")
        try:
            with path.open("x", encoding="utf-8", errors="replace") as file:
                file.write(text)
            return path
        except FileExistsError:
            continue
        except OSError as problem:
            raise UsageError(
                f"{path} cannot be written: {problem.strerror}.",
                "Free some space, or start rlm-desk in a folder that can be written.",
            ) from problem
    raise AssertionError("count() does not end")
