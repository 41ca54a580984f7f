"""The worker's side of keys and values kept on disk: it reads the files, and sends the host what is new.

A file: `MAGIC`, the numbers of tokens and of the first position saved, the sha256 of all that follows, the tokens, and
llama.cpp's own saved state. One that is damaged is passed over. Files that come while it runs are not seen.
"""

import hashlib
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from rlm_desk.engine.jobs import Tokens
from rlm_desk.engine.prefix import PrefixTree

MAGIC = b"rlm-desk kv 1\n"
_HEAD = struct.Struct("<II32s")
PART = 16 * 1024 * 1024
"""Bytes of a frame's body at most."""
LONGEST = 1 << 24
"""Tokens of a file at most: more is damage."""
Send = Callable[[dict[str, Any], bytes], None]


class DiskCache:
    """The files of one model's folder."""

    def __init__(self, folder: Path, send: Send, worth: int = 64) -> None:
        """`send` takes a frame to the host. `worth`: tokens below which nothing is kept or restored."""
        self.worth = worth
        self._send = send
        self._names: set[str] = set()
        self._entries: dict[int, tuple[Tokens, int, Path]] = {}
        self._tree = PrefixTree()
        for path in sorted(folder.glob("*.kv")):
            self._names.add(path.stem)
            head = _head(path)
            if head is not None:
                key = len(self._entries)
                self._entries[key] = (*head, path)
                self._tree.insert(key, head[0])

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, tokens: Tokens, start: int, blob: bytes) -> None:
        """Have positions start..len(tokens) kept, unless they are."""
        raw = tokens.astype("<i4").tobytes()
        name = hashlib.sha256(struct.pack("<I", start) + raw).hexdigest()[:32]
        if name in self._names or len(tokens) - start < self.worth:
            return
        self._names.add(name)
        digest = hashlib.sha256(raw)
        digest.update(blob)
        whole = MAGIC + _HEAD.pack(len(tokens), start, digest.digest()) + raw
        pieces = [whole, *(blob[at : at + PART] for at in range(0, len(blob), PART))]
        for number, piece in enumerate(pieces):
            self._send({"type": "keep", "name": name, "part": number, "last": number == len(pieces) - 1}, piece)

    def find(self, tokens: Tokens, have: int) -> tuple[bytes, int, int, int] | None:
        """As `HostCache.find`."""
        for depth, keys in self._tree.match(tokens):
            if depth < have + self.worth:
                break
            for key in sorted(keys):
                entry, start, path = self._entries[key]
                if start <= have and (blob := _blob(path)) is not None:
                    return blob, start, len(entry), depth
        return None


def _head(path: Path) -> tuple[Tokens, int] | None:
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                return None
            count, start, _ = _HEAD.unpack(file.read(_HEAD.size))
            if not start < count <= LONGEST:
                return None
            tokens = np.frombuffer(file.read(4 * count), dtype="<i4").astype(np.int32)
            return (tokens, start) if len(tokens) == count else None
    except (OSError, struct.error, ValueError):
        return None


def _blob(path: Path) -> bytes | None:
    """The saved state; None where the file is gone or damaged."""
    try:
        with path.open("rb") as file:
            file.seek(len(MAGIC))
            count, _, digest = _HEAD.unpack(file.read(_HEAD.size))
            raw, blob = file.read(4 * count), file.read()
    except (OSError, struct.error):
        return None
    found = hashlib.sha256(raw)
    found.update(blob)
    return blob if found.digest() == digest else None
