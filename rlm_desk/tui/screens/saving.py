"""Texts that land in the working directory. Nothing that is there already is replaced."""

from itertools import count
from pathlib import Path

from rlm_desk.errors import UsageError


def save(stem: str, ending: str, text: str) -> Path:
    """Write a new file named `stem` and `ending`; where that is taken, ``stem-2``, ``stem-3`` and so on.

    Raises:
        UsageError: the working directory cannot be written.
    """
    for number in count(1):
        path = Path(f"{stem}{ending}" if number == 1 else f"{stem}-{number}{ending}")
        try:
            with path.open("x", encoding="utf-8", errors="replace") as file:
                file.write(text)
            return path.absolute()
        except FileExistsError:
            continue
        except OSError as problem:
            raise UsageError(
                f"{path} cannot be written here: {problem.strerror}.", "Start rlm-desk in a folder that can be written."
            ) from problem
    raise AssertionError("count() does not end")
