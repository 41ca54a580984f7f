"""Write a GGUF of any shape with random weights: speed, memory and the engine's behaviour where no weights can be had.

    python -m rlm_desk.bench.random_gguf --shape tiny --type F16 out.gguf

The tokenizer is real (byte-level BPE: every text round-trips); the text such a model writes is noise. Needs the
development dependency `gguf`. Not covered: K-quants other than Q4_K, mixture-of-experts shapes.
"""

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

CHATML = (
    "{%- for message in messages -%}{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}"
    "{%- endfor -%}{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\n' }}{%- endif -%}"
)
CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
QUANTS = ("F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_K")


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a dense decoder, Qwen3 (`qwen3`: q/k norms) or Llama style."""

    architecture: str
    width: int
    layers: int
    heads: int
    kv_heads: int
    head_size: int
    feed_forward: int
    vocabulary: int
    window: int = 40960
    tied: bool = True
    """The output matrix is the embedding matrix."""


SHAPES = {
    "nano": Shape("llama", 64, 2, 4, 2, 16, 128, 640, 2048, tied=False),
    "tiny": Shape("llama", 256, 4, 4, 4, 64, 704, 1024, 2048),
    "0.6b": Shape("qwen3", 1024, 28, 16, 8, 128, 3072, 151936),
    "4b": Shape("qwen3", 2560, 36, 32, 8, 128, 9728, 151936),
    "8b": Shape("qwen3", 4096, 36, 32, 8, 128, 12288, 151936, tied=False),
}

_SAMPLE = """The agreement between the supplier and the customer, signed on 14 March 2019, is governed by the law of the
state in which the supplier has its seat. The supplier shall deliver the goods within thirty days of the order. Where a
delivery is late, the customer may withhold payment until it arrives. Either party may end this agreement with ninety
days of written notice. What is the notice period? What does the agreement say about the answer to the question?
"""


def byte_alphabet() -> dict[int, str]:
    """GPT-2's printable stand-in for every byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [value for value in range(256) if value not in printable]
    return {value: chr(value) for value in printable} | {value: chr(256 + i) for i, value in enumerate(others)}


def vocabulary(size: int) -> tuple[list[str], list[int], list[str]]:
    """Tokens, their types (1 normal, 3 control) and merges: bytes, merges learned from a page, then fillers."""
    alphabet = byte_alphabet()
    tokens = [alphabet[value] for value in range(256)]
    merges: list[str] = []
    words = Counter(" " + word for word in _SAMPLE.split())
    pieces = {word: [alphabet[value] for value in word.encode()] for word in words}
    known = set(tokens)
    while len(tokens) < min(size - len(CONTROL), 700):
        pairs: Counter[tuple[str, str]] = Counter()
        for word, parts in pieces.items():
            for pair in pairwise(parts):
                pairs[pair] += words[word]
        if not pairs:
            break
        (left, right), _ = pairs.most_common(1)[0]
        merges.append(f"{left} {right}")
        if left + right not in known:  # a duplicate token string makes llama.cpp abort
            known.add(left + right)
            tokens.append(left + right)
        for parts in pieces.values():
            i = 0
            while i < len(parts) - 1:
                if (parts[i], parts[i + 1]) == (left, right):
                    parts[i : i + 2] = [left + right]
                i += 1
    tokens += [f"<filler{i}>" for i in range(size - len(CONTROL) - len(tokens))]
    return [*tokens, *CONTROL], [1] * len(tokens) + [3] * len(CONTROL), merges


class _Weights:
    """Random tensors of one type; a large tensor repeats a random block, since only its size matters then."""

    def __init__(self, kind: str, seed: int) -> None:
        self._kind = kind
        self._random = np.random.default_rng(seed)

    def matrix(self, rows: int, columns: int, spread: float) -> Any:
        import gguf

        kind = gguf.GGMLQuantizationType[self._kind]
        block, size = gguf.GGML_QUANT_SIZES[kind]
        if columns % block:
            kind = gguf.GGMLQuantizationType.F16
        some = min(rows, max(1, 2_000_000 // columns))
        if kind == gguf.GGMLQuantizationType.Q4_K:
            data = self._q4_k(some, columns // block, size, spread)
        else:
            values = self._random.standard_normal((some, columns), dtype=np.float32) * np.float32(spread)
            data = gguf.quants.quantize(values, kind)
        return np.tile(data, (-(-rows // some), 1))[:rows], kind

    def _q4_k(self, rows: int, blocks: int, size: int, spread: float) -> Any:
        """Raw blocks whose values are about uniform around zero: d*32*q - dmin*32, q in 0..15."""
        raw = self._random.integers(0, 256, (rows, blocks, size), dtype=np.uint8)
        step = np.array([spread / 4.6 / 32, spread / 4.6 / 32 * 7.5], dtype=np.float16)
        raw[:, :, :4] = step.view(np.uint8)
        raw[:, :, 4:12] = 32
        raw[:, :, 12:16] = 0
        return raw.reshape(rows, blocks * size)


def write(path: Path, shape: Shape, kind: str = "F16", seed: int = 1, template: str | None = CHATML) -> None:
    """Write the file. `kind` is one of QUANTS; norms stay F32, embeddings of K-quants are Q8_0.

    Memory: one tensor at a time, spooled through a temporary file.
    """
    import gguf

    writer = gguf.GGUFWriter(path, shape.architecture, use_temp_file=True)
    _metadata(writer, shape, template)
    _tensors(writer, shape, kind, seed)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _metadata(writer: Any, shape: Shape, template: str | None) -> None:
    writer.add_name(f"random {shape.architecture} {shape.width}x{shape.layers}")
    writer.add_context_length(shape.window)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_key_length(shape.head_size)
    writer.add_value_length(shape.head_size)
    writer.add_rope_dimension_count(shape.head_size)
    writer.add_rope_freq_base(10_000.0)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_vocab_size(shape.vocabulary)
    tokens, types, merges = vocabulary(shape.vocabulary)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(len(tokens) - 3)
    writer.add_eos_token_id(len(tokens) - 1)
    writer.add_pad_token_id(len(tokens) - 3)
    writer.add_add_bos_token(False)
    if template is not None:
        writer.add_chat_template(template)


def _tensors(writer: Any, shape: Shape, kind: str, seed: int) -> None:
    weights = _Weights(kind, seed)
    embeddings = _Weights("Q8_0" if kind == "Q4_K" else kind, seed + 1)

    def add(name: str, rows: int, columns: int, spread: float, source: _Weights = weights) -> None:
        data, stored = source.matrix(rows, columns, spread)
        writer.add_tensor(name, data, raw_dtype=stored)

    def norm(name: str, size: int) -> None:
        writer.add_tensor(name, np.ones(size, dtype=np.float32))

    width, attention = shape.width, shape.heads * shape.head_size
    spread = width**-0.5
    # Untied output rows are wide: the winner is clear of rounding, and greedy text is stable across batch shapes.
    add("token_embd.weight", shape.vocabulary, width, 0.3, embeddings)
    norm("output_norm.weight", width)
    if not shape.tied:
        add("output.weight", shape.vocabulary, width, 4 * spread, embeddings)
    for layer in range(shape.layers):
        block = f"blk.{layer}"
        norm(f"{block}.attn_norm.weight", width)
        norm(f"{block}.ffn_norm.weight", width)
        add(f"{block}.attn_q.weight", attention, width, spread)
        add(f"{block}.attn_k.weight", shape.kv_heads * shape.head_size, width, spread)
        add(f"{block}.attn_v.weight", shape.kv_heads * shape.head_size, width, spread)
        add(f"{block}.attn_output.weight", width, attention, attention**-0.5)
        add(f"{block}.ffn_gate.weight", shape.feed_forward, width, spread)
        add(f"{block}.ffn_up.weight", shape.feed_forward, width, spread)
        add(f"{block}.ffn_down.weight", width, shape.feed_forward, shape.feed_forward**-0.5)
        if shape.architecture == "qwen3":
            norm(f"{block}.attn_q_norm.weight", shape.head_size)
            norm(f"{block}.attn_k_norm.weight", shape.head_size)


def main() -> None:
    """Command line of the tool."""
    parser = argparse.ArgumentParser(description="Write a GGUF with random weights.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--shape", choices=sorted(SHAPES), default="tiny")
    parser.add_argument("--type", choices=QUANTS, default="F16")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    write(chosen.out, SHAPES[chosen.shape], chosen.type, chosen.seed)
    print(json.dumps({"file": str(chosen.out), "bytes": chosen.out.stat().st_size}))


if __name__ == "__main__":
    main()
