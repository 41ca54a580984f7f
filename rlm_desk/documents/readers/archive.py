"""ZIP archives: the files in them, which become documents of their own."""

import zipfile

from rlm_desk.documents.extracted import Extracted, Inner, Locked, OnPage, Unreadable
from rlm_desk.documents.formats import BY_SUFFIX, suffix
from rlm_desk.documents.readers.zipped import DAMAGE, opened

MOST = 10_000


def read(data: bytes, name: str, on_page: OnPage, password: str | None = None) -> Extracted:
    """Its files, in its own order. Raises Unreadable, Locked."""
    archive = opened(data, encrypted=True)
    members = [member for member in archive.infolist() if not member.is_dir()]
    if not members:
        raise Unreadable("is an empty archive")
    if len(members) > MOST:
        raise Unreadable(f"holds {len(members):,} files, and at most {MOST:,} are read from one archive")
    notes: list[str] = []
    inner: list[Inner] = []
    damaged = 0
    for number, member in enumerate(members, 1):
        if suffix(member.filename) not in BY_SUFFIX:
            inner.append(Inner(member.filename, b""))  # named, so that it can be said that it was not read
            continue
        try:
            inner.append(Inner(member.filename, archive.read(member, password.encode() if password else None)))
        except RuntimeError as problem:  # what zipfile says of passwords
            raise Locked(password is not None) from problem
        except NotImplementedError as problem:
            raise Unreadable("is packed or encrypted in a way that cannot be opened here") from problem
        except (*DAMAGE, OSError, zipfile.LargeZipFile):
            damaged += 1
        on_page(number, len(members))
    if damaged:
        notes.append(f"{damaged} of {len(members)} files in it are damaged.")
    if not inner:
        raise Unreadable("is damaged: no file in it can be read")
    return Extracted("", "page", [], notes, inner=inner)
