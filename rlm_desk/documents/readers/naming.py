"""Names that strangers gave to files: made plain ones, which say nothing of folders. Standard library only."""

import re
import unicodedata

LONGEST = 120
"""Characters of a name; one that is longer keeps its suffix."""
_LONGEST_SUFFIX = 12


def file_name(given: str) -> str:
    """What a sender calls an attached file, as a name and no more; empty where nothing is left.

    Folders before it go (`../../fees.csv`, `C:\\mail\\fees.csv`), and so do control characters, those that turn the
    direction of reading, and dots in front, which would make it a hidden file.
    """
    last = re.split(r"[/\\]", given.rstrip("/\\"))[-1]
    seen = "".join(" " if one.isspace() else one for one in last if one.isspace() or _is_seen(one))
    name = " ".join(seen.split()).strip(". ")
    if len(name) <= LONGEST:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix) > _LONGEST_SUFFIX:
        return name[: LONGEST - 1] + "…"
    return f"{stem[: LONGEST - 2 - len(suffix)].rstrip()}….{suffix}"


def _is_seen(character: str) -> bool:
    """Not a control or format character, a lone surrogate, nor one that means nothing."""
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Cn", "Co")
