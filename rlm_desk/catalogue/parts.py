"""A model may lie in several files, `name-00001-of-00003.gguf`: the first one names it, llama.cpp finds the rest."""

import re
from pathlib import Path

from rlm_desk.errors import ModelError

_PART = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})(?P<suffix>\.gguf)", re.IGNORECASE)


def stem(path: Path) -> str:
    """The model's name in its file name: without the part's number and without `.gguf`."""
    found = _PART.fullmatch(path.name)
    return found["stem"] if found else path.stem


def is_later_part(path: Path) -> bool:
    """Whether this is the second file of a model, or a later one."""
    found = _PART.fullmatch(path.name)
    return found is not None and int(found["number"]) != 1


def parts_of(path: Path) -> tuple[Path, ...]:
    """All files of the model this one belongs to, the first part first; just this one where it is whole.

    Raises:
        ModelError: a part is missing.
    """
    found = _PART.fullmatch(path.name)
    if not found:
        return (path,)
    count = int(found["count"])
    names = [f"{found['stem']}-{number:05d}-of-{found['count']}{found['suffix']}" for number in range(1, count + 1)]
    parts = tuple(path.with_name(name) for name in names)
    missing = [part.name for part in parts if not part.is_file()]
    if missing or not parts:
        more = "…" if len(missing) > 3 else ""
        raise ModelError(
            f"{stem(path)} comes in {count} files, and not all are there: {', '.join(missing[:3])}{more} missing.",
            "Put all of them into one folder.",
        )
    return parts


def renamed(parts: tuple[Path, ...], folder: Path, name: str) -> tuple[Path, ...]:
    """Where the parts go in `folder` under another name."""
    if len(parts) == 1:
        return (folder / f"{name}.gguf",)
    return tuple(folder / f"{name}-{i:05d}-of-{len(parts):05d}.gguf" for i in range(1, len(parts) + 1))
