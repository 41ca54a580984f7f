"""Office files and books are ZIP archives: opened with an eye on what they unpack to."""

import datetime
import io
import zipfile
import zlib
from typing import Any

from rlm_desk.documents.extracted import Unreadable

datetime.datetime.strptime("2000", "%Y")  # loads what it needs when it is first used: too late in a locked worker

MAX_BYTES = 400 * 1024 * 1024
"""All members together, unpacked."""
MAX_RATIO = 200
"""A larger archive that unpacks to more than this times its size is a bomb, not a document."""
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError)
"""What reading a member of a damaged archive raises."""


def opened(data: bytes, encrypted: bool = False) -> zipfile.ZipFile:
    """The archive, checked; its members may be encrypted only where that is expected. Raises Unreadable."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as problem:
        raise Unreadable("is damaged or cut off") from problem
    size = sum(member.file_size for member in archive.infolist())
    if size > MAX_BYTES or (size > 50 * 2**20 and size > MAX_RATIO * len(data)):
        raise Unreadable(f"unpacks to {size / 2**20:,.0f} MB, which is too much")
    if not encrypted and any(member.flag_bits & 1 for member in archive.infolist()):
        raise Unreadable("is encrypted: open it with its password and save a copy without")
    return archive


def core_facts(properties: Any, dated: bool = True) -> list[tuple[str, str]]:
    """What an office file says about itself; without `dated` not when it was made, where a library makes that up."""
    facts: list[tuple[str, str]] = []
    for name, field in (("title", "title"), ("author", "author"), ("author", "creator"), ("created", "created")):
        if field == "created" and not dated:
            continue
        try:
            value = getattr(properties, field, None)
        except (ValueError, TypeError, KeyError):  # a date that is none, say
            continue
        said = value.date().isoformat() if isinstance(value, datetime.datetime) else " ".join(str(value or "").split())
        if said and not any(known == name for known, _ in facts):
            facts.append((name, said[:500]))
    return facts
