"""What a GGUF says about itself, read without loading it. Standard library only; runs in a locked worker.

Every count and length in the file is a stranger's claim: it is checked against the bytes that are there and against a
cap before anything is allocated. Reads versions 2 and 3, little-endian. Not covered: big-endian files, tensor data.
"""

import struct
from typing import Any

MAGIC = b"GGUF"
MAX_PAIRS = 4096
MAX_KEY = 1024
MAX_TEXT = 1 << 20
"""Bytes of one string that is kept (a chat template); longer ones are refused."""
MAX_ITEMS = 4_000_000
"""Items of one array; the largest vocabularies have about 260,000."""
MAX_TENSORS = 100_000
MAX_DEPTH = 2

_FIXED = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9

QUANTISATIONS = {
    **{0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S"},
    **{12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 32: "BF16"},
    **{38: "MXFP4"},
}


class MetadataError(Exception):
    """The bytes are not the beginning of a GGUF, or claim something impossible."""


class Incomplete(MetadataError):
    """The header goes on behind the bytes given."""


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, kind: str) -> Any:
        size = struct.calcsize(kind)
        if self.at + size > len(self.data):
            raise Incomplete("the header is cut off")
        (value,) = struct.unpack_from(kind, self.data, self.at)
        self.at += size
        return value

    def raw(self, limit: int) -> bytes:
        length = self.take("<Q")
        if length > limit:
            raise MetadataError(f"a string of {length:,} bytes")
        if self.at + length > len(self.data):
            raise Incomplete("the header is cut off")
        self.at += length
        return self.data[self.at - length : self.at]

    def text(self, limit: int) -> str:
        return self.raw(limit).decode("utf-8", "replace")

    def value(self, kind: int, depth: int = 0) -> Any:
        """A value; of arrays only length, whether items repeat (strings), and the first numbers are kept."""
        if kind in _FIXED:
            return self.take(_FIXED[kind])
        if kind == _STRING:
            return self.text(MAX_TEXT)
        if kind != _ARRAY or depth >= MAX_DEPTH:
            raise MetadataError(f"a value of type {kind}")
        item, count = self.take("<I"), self.take("<Q")
        if count > MAX_ITEMS:
            raise MetadataError(f"an array of {count:,} items")
        if item in _FIXED:
            size = struct.calcsize(_FIXED[item])
            if self.at + size * count > len(self.data):
                raise Incomplete("the header is cut off")
            some = [struct.unpack_from(_FIXED[item], self.data, self.at + size * i)[0] for i in range(min(count, 512))]
            self.at += size * count
            return {"count": count, "first": some}
        if item == _STRING:
            seen: set[bytes] = set()
            for _ in range(count):
                seen.add(self.raw(1 << 16))
            return {"count": count, "distinct": len(seen)}
        for _ in range(count):
            self.value(item, depth + 1)
        return {"count": count}


def read(data: bytes) -> dict[str, Any]:
    """The metadata at the beginning of a file, as JSON: see `summary` for what the desk uses of it.

    Raises:
        Incomplete: more bytes are needed.
        MetadataError: not a GGUF of a version we know, or a broken one.
    """
    reader = _Reader(data)
    if data[:4] != MAGIC:
        raise MetadataError("it does not begin with GGUF")
    reader.at = 4
    version = reader.take("<I")
    if version not in (2, 3):
        raise MetadataError(f"GGUF version {version} (2 and 3 are known)")
    tensors, pairs = reader.take("<Q"), reader.take("<Q")
    if pairs > MAX_PAIRS or tensors > MAX_TENSORS:
        raise MetadataError(f"{pairs:,} entries and {tensors:,} tensors")
    found: dict[str, Any] = {}
    for _ in range(pairs):
        key = reader.text(MAX_KEY)
        if key in found:
            raise MetadataError(f"the entry {key[:80]!r} comes twice")
        found[key] = reader.value(reader.take("<I"))
    return {"version": version, "tensors": tensors, "entries": found}


def summary(data: bytes) -> dict[str, Any]:
    """What the desk wants to know, plain JSON; a fact the file does not state is None.

    Keys: architecture, name, license, quantisation, window, layers, heads, kv_heads, key_length, value_length, width,
    feed_forward, vocabulary, chat_template, splits, recurrent, problem (why llama.cpp would abort on it, or None).

    Raises:
        MetadataError: see `read`.
    """
    entries = read(data)["entries"]
    architecture = _text(entries.get("general.architecture"))

    def number(key: str) -> int | None:
        value = entries.get(f"{architecture}.{key}")
        if isinstance(value, dict):  # one number per layer: the largest stands for all
            value = max((v for v in value.get("first", []) if isinstance(v, int)), default=None)
        return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 32 else None

    heads, width = number("attention.head_count"), number("embedding_length")
    head = width // heads if width and heads else None
    tokens = entries.get("tokenizer.ggml.tokens")
    tokens = tokens if isinstance(tokens, dict) else {}
    repeated = tokens.get("count", 0) != tokens.get("distinct", 0)
    return {
        "architecture": architecture,
        "name": _text(entries.get("general.name")),
        "license": _text(entries.get("general.license")),
        "quantisation": QUANTISATIONS.get(_plain(entries.get("general.file_type"))),
        "window": number("context_length"),
        "layers": number("block_count"),
        "heads": heads,
        "kv_heads": number("attention.head_count_kv") or heads,
        "key_length": number("attention.key_length") or head,
        "value_length": number("attention.value_length") or head,
        "width": width,
        "feed_forward": number("feed_forward_length"),
        "vocabulary": tokens.get("count") or number("vocab_size"),
        "chat_template": _text(entries.get("tokenizer.chat_template")),
        "splits": max(1, _plain(entries.get("split.count"))),
        "recurrent": any(key.startswith(f"{architecture}.ssm.") for key in entries),
        "problem": "its vocabulary holds the same token twice" if repeated else None,
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _plain(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else -1
