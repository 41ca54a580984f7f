"""The list of tensors: sizes as the reference library has them, and refused when it lies."""

import struct
from dataclasses import replace
from pathlib import Path

import gguf
import pytest

from rlm_desk.bench.random_gguf import SHAPES, write
from rlm_desk.catalogue import metadata
from rlm_desk.catalogue.metadata import MetadataError
from rlm_desk.catalogue.tensors import BLOCKS
from tests.catalogue.test_metadata import text


def test_block_sizes_are_those_of_the_reference_library() -> None:
    reference = {int(kind): sizes for kind, sizes in gguf.GGML_QUANT_SIZES.items()}
    assert {kind: sizes for kind, sizes in BLOCKS.items() if kind in reference} == {
        kind: reference[kind] for kind in BLOCKS if kind in reference
    }
    assert len(set(BLOCKS) & set(reference)) > 25


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("kind", ["F16", "Q8_0", "Q4_K"])
def test_every_byte_of_a_file_has_its_place(tmp_path: Path, kind: str, tied: bool) -> None:
    path = tmp_path / "m.gguf"
    write(path, replace(SHAPES["tiny"], layers=3, tied=tied), kind)
    found = metadata.summary(path.read_bytes())
    assert found["ends"] <= path.stat().st_size < found["ends"] + 64
    assert found["tied"] == tied
    assert (len(found["layer_bytes"]), len(set(found["layer_bytes"]))) == (3, 1)
    reader = gguf.GGUFReader(path)
    sizes = {tensor.name: int(tensor.n_bytes) for tensor in reader.tensors}
    assert found["input_bytes"] == sizes["token_embd.weight"]
    assert found["output_bytes"] == sizes["output_norm.weight"] + sizes.get("output.weight", 0)
    assert sum(found["layer_bytes"]) == sum(size for name, size in sizes.items() if name.startswith("blk."))


def tensor(name: bytes, dimensions: tuple[int, ...], kind: int, offset: int) -> bytes:
    return (
        text(name)
        + struct.pack("<I", len(dimensions))
        + struct.pack(f"<{len(dimensions)}Q", *dimensions)
        + struct.pack("<IQ", kind, offset)
    )


def listed(*tensors: bytes) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, len(tensors), 0) + b"".join(tensors)


def test_a_tensor_of_an_unknown_type_leaves_the_end_open() -> None:
    assert metadata.summary(listed(tensor(b"a", (32,), 999, 0)))["ends"] == 0
    assert metadata.summary(listed(tensor(b"a", (32,), 0, 64)))["ends"] > 64 + 128


@pytest.mark.parametrize(
    "data",
    [
        listed(tensor(b"a", (1 << 40, 1 << 40), 0, 0)),
        listed(tensor(b"a", (33,), 8, 0)),
        listed(tensor(b"a", (32,), 0, 7)),
        listed(tensor(b"a", (32,), 0, 0), tensor(b"a", (32,), 0, 128)),
        listed(tensor(b"a", (1, 1, 1, 1, 1), 0, 0)),
        listed(tensor(b"blk.9999.x", (32,), 0, 0)),
        listed(tensor(b"n" * 400, (32,), 0, 0)),
    ],
)
def test_impossible_tensors_are_refused(data: bytes) -> None:
    with pytest.raises(MetadataError):
        metadata.summary(data)
