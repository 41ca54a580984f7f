"""Office files with a password, by msoffcrypto: a container of the old kind around the encrypted archive."""

import io
import sys
import xml.dom.expatbuilder  # noqa: F401 - minidom asks for it when it parses: as the next

import cryptography.hazmat.backends.openssl  # noqa: F401 - asked for when a file is opened, when nothing can be imported
import msoffcrypto
from msoffcrypto.exceptions import InvalidKeyError
from msoffcrypto.format.ooxml import OOXMLFile

from rlm_desk.documents.extracted import Locked, Unreadable

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How such a container begins; and every office file from before 2007."""


def unlocked(data: bytes, what: str, suffix: str, password: str | None) -> bytes:
    """The archive inside a locked file; any other as it is.

    Args:
        what: the program, for a sentence: `Word`.
        suffix: of the kind that can be read: `.docx`.

    Raises:
        Locked: a password is needed, or the one given is wrong.
        Unreadable: it is an office file from before 2007, or damaged.
    """
    if not data.startswith(OLE):
        return data
    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        if not isinstance(file, OOXMLFile):
            raise Unreadable(f"is an old {what} file: save it as {suffix}")
        if password is None:
            raise Locked
        file.load_key(password=password, verify_password=True)
        plain = io.BytesIO()
        file.decrypt(plain)
    except InvalidKeyError as problem:
        raise Locked(tried=True) from problem
    except (MemoryError, ImportError, Unreadable, Locked):
        raise
    except Exception as problem:  # msoffcrypto raises what the bytes provoke
        print(f"msoffcrypto: {problem!r}", file=sys.stderr)
        raise Unreadable("is damaged, or encrypted in a way that cannot be opened here") from problem
    return plain.getvalue()
