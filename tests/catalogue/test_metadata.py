"""A stranger's header: read right, and refused when it lies."""

import random
import struct
import time
from pathlib import Path

import pytest

from rlm_desk.catalogue import metadata
from rlm_desk.catalogue.metadata import Incomplete, MetadataError


def header(*pairs: bytes, tensors: int = 0, count: int | None = None, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, len(pairs) if count is None else count) + b"".join(pairs)


def text(value: bytes) -> bytes:
    return struct.pack("<Q", len(value)) + value


def entry(key: str, kind: int, value: bytes) -> bytes:
    return text(key.encode()) + struct.pack("<I", kind) + value


def test_a_real_file_is_summed_up(nano: Path) -> None:
    found = metadata.summary(nano.read_bytes())
    assert found["architecture"] == "llama"
    assert (found["layers"], found["heads"], found["kv_heads"], found["key_length"]) == (2, 4, 2, 16)
    assert (found["window"], found["vocabulary"], found["splits"]) == (2048, 640, 1)
    assert "im_start" in found["chat_template"]
    assert found["problem"] is None


def test_a_file_cut_anywhere_asks_for_more(nano: Path) -> None:
    data = nano.read_bytes()
    whole = metadata.summary(data)
    for cut in random.Random(1).sample(range(24, 15_000), 200):
        try:
            assert metadata.summary(data[:cut]) == whole
        except Incomplete:
            continue


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GGML" + bytes(100),
        header(version=1),
        header(version=0x03000000),  # big-endian
        header(count=1 << 60),
        header(tensors=1 << 60),
        header(text(b"k" * 5000) + bytes(100)),
        header(entry("a", 8, struct.pack("<Q", 1 << 62))),
        header(entry("a", 99, b"")),
        header(entry("a", 9, struct.pack("<IQ", 4, 1 << 61))),
        header(entry("a", 9, struct.pack("<IQ", 9, 3) + struct.pack("<IQ", 9, 3) + struct.pack("<IQ", 9, 3))),
        header(entry("a", 4, struct.pack("<I", 1)), entry("a", 4, struct.pack("<I", 2))),
    ],
)
def test_impossible_claims_are_refused(data: bytes) -> None:
    with pytest.raises(MetadataError):
        metadata.summary(data)


def test_random_damage_never_escapes_as_another_error(nano: Path) -> None:
    good, dice = nano.read_bytes()[:20_000], random.Random(2)
    begun = time.monotonic()
    for _ in range(300):
        data = bytearray(good)
        for _ in range(dice.randint(1, 8)):
            data[dice.randrange(len(data) if dice.random() < 0.5 else 400)] = dice.randrange(256)
        try:
            metadata.summary(bytes(data))
        except MetadataError:
            continue
    assert time.monotonic() - begun < 20


def test_a_repeated_token_is_told_before_llama_cpp_aborts_on_it() -> None:
    tokens = struct.pack("<IQ", 8, 3) + text(b"a") + text(b"b") + text(b"a")
    data = header(entry("general.architecture", 8, text(b"llama")), entry("tokenizer.ggml.tokens", 9, tokens))
    assert metadata.summary(data)["problem"] == "its vocabulary holds the same token twice"


def test_numbers_per_layer_count_by_their_largest() -> None:
    per_layer = struct.pack("<IQIII", 4, 3, 2, 8, 4)
    data = header(entry("general.architecture", 8, text(b"x")), entry("x.attention.head_count_kv", 9, per_layer))
    assert metadata.summary(data)["kv_heads"] == 8
