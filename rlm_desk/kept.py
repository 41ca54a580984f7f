"""Keys and values of models kept on disk between sessions: where they lie, and how they are erased.

They can be turned back into the text they were computed from. Whoever erases text erases all of them.
"""

import secrets
import shutil
from pathlib import Path

FOLDER = "kv"
_EPOCH = "epoch"


def folder(data_dir: Path) -> Path:
    """Their folder inside the data folder."""
    return data_dir / FOLDER


def epoch(where: Path) -> str:
    """Changes with every `erase`: who began before it must not write what it still remembers. Empty before the first.

    Args:
        where: `folder` of a data folder.
    """
    try:
        return (where / _EPOCH).read_text("ascii")
    except (OSError, ValueError):
        return ""


def erase(data_dir: Path) -> None:
    """Erase all of them, if there are any. Raises OSError where a file cannot be removed."""
    where = folder(data_dir)
    if not where.is_dir():
        return
    # The new epoch first: from here on a running engine writes nothing more.
    part = where / f"{_EPOCH}.part"
    part.touch(mode=0o600)
    part.write_text(secrets.token_hex(16), "ascii")
    part.replace(where / _EPOCH)
    for found in where.iterdir():
        if found.is_dir():
            shutil.rmtree(found)
