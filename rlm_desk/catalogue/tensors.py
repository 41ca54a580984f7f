"""Which tensors a GGUF holds and how large they are: what goes to which device, and whether the file is whole.

Standard library only; runs in the inspection worker. Every number is a stranger's claim: it is bounded before it is
multiplied. Not covered: the tensors' data.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Protocol

MAX_NAME = 256
MAX_DIMENSIONS = 4
MAX_ELEMENTS = 1 << 44
MAX_LAYERS = 2048

BLOCKS = {
    **{0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34)},
    **{10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210)},
    **{16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82)},
    **{23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2)},
    **{34: (256, 54), 35: (256, 66), 39: (32, 17), 40: (64, 36)},
}
"""For each of ggml's types that files hold: numbers in a block, and bytes a block takes."""

_LAYER = re.compile(r"blk\.(\d{1,4})\.")


class Source(Protocol):
    """What reads the header's bytes: `metadata.Reader`."""

    at: int

    def take(self, kind: str) -> Any:
        """One number."""
        ...

    def text(self, limit: int) -> str:
        """One string."""
        ...


class TensorProblem(Exception):
    """The list of tensors claims something impossible."""


@dataclass(slots=True)
class Layout:
    """Bytes of weights by where llama.cpp puts them."""

    input: int = 0
    """Token embeddings: always in the host's memory."""
    output: int = 0
    """What turns the last layer's result into logits, and everything that belongs to no layer."""
    layers: dict[int, int] = field(default_factory=dict)
    tied: bool = True
    """The embeddings serve as the output matrix too: a GPU that computes the output holds a second copy of them."""
    data: int = 0
    """Bytes of tensor data the file must hold behind its header; 0 where a type is not known."""
    kinds: dict[int, int] = field(default_factory=dict)
    """Bytes by ggml type."""


def read_layout(source: Source, count: int, alignment: int) -> Layout:
    """The list of `count` tensors at the source's place; leaves `source.at` where the list ends.

    Raises:
        TensorProblem: more dimensions, elements or layers than any model has, or a name that comes twice.
    """
    found = Layout()
    names: set[str] = set()
    known = True
    for _ in range(count):
        name = source.text(MAX_NAME)
        if name in names:
            raise TensorProblem(f"the tensor {name[:80]!r} comes twice")
        names.add(name)
        dimensions = source.take("<I")
        if not 1 <= dimensions <= MAX_DIMENSIONS:
            raise TensorProblem(f"a tensor of {dimensions:,} dimensions")
        rows = [source.take("<Q") for _ in range(dimensions)]
        kind, offset = source.take("<I"), source.take("<Q")
        size = _size(rows, kind)
        if size is None:
            known = False
            continue
        if offset % alignment:
            raise TensorProblem(f"the tensor {name[:80]!r} begins at a place that is not aligned")
        found.data = max(found.data, offset + size)
        found.kinds[kind] = found.kinds.get(kind, 0) + size
        _place(found, name, size)
    if not known:
        found.data = 0
    return found


def _size(rows: list[int], kind: int) -> int | None:
    elements = 1
    for row in rows:
        elements *= row
        if elements > MAX_ELEMENTS:
            raise TensorProblem(f"a tensor of more than {MAX_ELEMENTS:,} numbers")
    if kind not in BLOCKS:
        return None
    block, size = BLOCKS[kind]
    if rows[0] % block:
        raise TensorProblem(f"a row of {rows[0]:,} numbers in blocks of {block}")
    return elements // block * size


def _place(found: Layout, name: str, size: int) -> None:
    layer = _LAYER.match(name)
    if layer:
        number = int(layer[1])
        if number >= MAX_LAYERS:
            raise TensorProblem(f"a layer number of {number:,}")
        found.layers[number] = found.layers.get(number, 0) + size
    elif name.startswith("token_embd") or name.startswith("per_layer_token_embd"):
        found.input += size
    else:
        found.output += size
        if name == "output.weight":
            found.tied = False
