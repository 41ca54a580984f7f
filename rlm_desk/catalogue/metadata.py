"""What a GGUF says about itself, read without loading it. Standard library only; runs in a locked worker.

Every count and length in the file is a stranger's claim: it is checked against the bytes that are there and against a
cap before anything is allocated. Reads versions 2 and 3, little-endian. Not covered: big-endian files, tensor data.
"""

import struct
from typing import Any

from rlm_desk.catalogue.tensors import MAX_LAYERS, Layout, TensorProblem, read_layout

MAGIC = b"GGUF"
MAX_PAIRS = 4096
MAX_KEY = 1024
MAX_TEXT = 1 << 20
"""Bytes of one string that is kept (a chat template); longer ones are refused."""
MAX_ITEMS = 4_000_000
"""Items of one array; the largest vocabularies have about 260,000."""
MAX_TENSORS = 100_000
MAX_DEPTH = 2
DEFAULT_ALIGNMENT = 32

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


class Reader:
    """The header's bytes from the beginning; every read is checked against what is there."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, kind: str) -> Any:
        """One number of a `struct` kind."""
        size = struct.calcsize(kind)
        if self.at + size > len(self.data):
            raise Incomplete("the header is cut off")
        (value,) = struct.unpack_from(kind, self.data, self.at)
        self.at += size
        return value

    def raw(self, limit: int) -> bytes:
        """One string's bytes, at most `limit` of them."""
        length = self.take("<Q")
        if length > limit:
            raise MetadataError(f"a string of {length:,} bytes")
        if self.at + length > len(self.data):
            raise Incomplete("the header is cut off")
        self.at += length
        return self.data[self.at - length : self.at]

    def text(self, limit: int) -> str:
        """One string."""
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
    reader = Reader(data)
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
    alignment = _plain(found.get("general.alignment"))
    if alignment < 1:
        alignment = DEFAULT_ALIGNMENT
    if alignment % 8 or alignment > 1 << 20:
        raise MetadataError(f"an alignment of {alignment:,}")
    try:
        layout = read_layout(reader, tensors, alignment)
    except TensorProblem as problem:
        raise MetadataError(str(problem)) from problem
    begins = -(-reader.at // alignment) * alignment
    return {"version": version, "entries": found, "layout": layout, "ends": begins + layout.data if layout.data else 0}


def summary(data: bytes) -> dict[str, Any]:
    """What the desk wants to know, plain JSON; a fact the file does not state is None.

    Keys: architecture, name, license, quantisation, window, layers, heads, kv_heads, key_length, value_length, width,
    feed_forward, vocabulary, chat_template, splits, split (this file's number, from 0), recurrent, kv_layers (numbers
    of keys and values a token takes in each layer), input_bytes, output_bytes, layer_bytes, tied, ends (bytes the file
    must have; 0 if unknown), problem (why llama.cpp would abort on it, or None).

    Raises:
        MetadataError: see `read`.
    """
    found = read(data)
    entries, layout = found["entries"], found["layout"]
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
    kv_heads = number("attention.head_count_kv") or heads
    key_length, value_length = number("attention.key_length") or head, number("attention.value_length") or head
    layers = number("block_count")
    per_layer = entries.get(f"{architecture}.attention.head_count_kv")
    interval = number("full_attention_interval")
    return {
        "architecture": architecture,
        "name": _text(entries.get("general.name")),
        "license": _text(entries.get("general.license")),
        "quantisation": QUANTISATIONS.get(_plain(entries.get("general.file_type"))),
        "window": number("context_length"),
        "layers": layers,
        "heads": heads,
        "kv_heads": kv_heads,
        "key_length": key_length,
        "value_length": value_length,
        "width": width,
        "feed_forward": max(
            number("feed_forward_length") or 0,
            (number("expert_feed_forward_length") or 0) * (number("expert_used_count") or 1),
        ),
        "vocabulary": tokens.get("count") or number("vocab_size"),
        "chat_template": _text(entries.get("tokenizer.chat_template")),
        "splits": max(1, _plain(entries.get("split.count"))),
        "split": max(0, _plain(entries.get("split.no"))),
        "recurrent": any(key.startswith(f"{architecture}.ssm.") for key in entries),
        "kv_layers": _kv_layers(min(layers or 0, MAX_LAYERS), kv_heads, key_length, value_length, per_layer, interval),
        "problem": "its vocabulary holds the same token twice" if repeated else None,
        "ends": found["ends"],
        **_weights(layout, min(layers or 0, MAX_LAYERS)),
    }


def _kv_layers(
    layers: int, heads: int | None, key: int | None, value: int | None, per_layer: Any, interval: int | None
) -> list[int]:
    """Numbers (keys and values) one token takes in each layer; none in a hybrid model's layers without attention."""
    numbers = per_layer.get("first", []) if isinstance(per_layer, dict) else []
    found = []
    for layer in range(layers):
        here = numbers[layer] if layer < len(numbers) and isinstance(numbers[layer], int) else heads or 0
        if interval and (layer + 1) % interval:
            here = 0
        found.append(max(0, here) * ((key or 0) + (value or 0)))
    return found


def _weights(layout: Layout, layers: int) -> dict[str, Any]:
    count = max(layers, max(layout.layers, default=-1) + 1)
    return {
        "input_bytes": layout.input,
        "output_bytes": layout.output,
        "layer_bytes": [layout.layers.get(layer, 0) for layer in range(count)],
        "tied": layout.tied,
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _plain(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else -1
