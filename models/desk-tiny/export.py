"""From a checkpoint to `desk-tiny.gguf`: llama architecture, F16 or Q8_0, tokenizer and chat template inside."""

from __future__ import annotations

import argparse
from pathlib import Path

import gguf
import numpy as np
import prompts
import torch
from gguf.quants import quantize
from model import Shape
from tokenizer import Codec

HERE = Path(__file__).parent


def interleave(weight: np.ndarray, heads: int) -> np.ndarray:
    """Half-split rotary order to the interleaved one llama.cpp's `llama` architecture rotates in."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def tensors(state: dict[str, torch.Tensor], shape: Shape) -> dict[str, np.ndarray]:
    """GGUF names to arrays; the output matrix is the embedding (tied), so it is left out."""
    plain = {name: value.float().numpy() for name, value in state.items()}
    found = {"token_embd.weight": plain["embed.weight"], "output_norm.weight": plain["norm"]}
    for i in range(shape.layers):
        mine = f"stack.{i}."
        q, k, v = np.split(plain[mine + "qkv.weight"], 3)
        gate, up = np.split(plain[mine + "gate_up.weight"], 2)
        found |= {
            f"blk.{i}.attn_norm.weight": plain[mine + "norm1"],
            f"blk.{i}.ffn_norm.weight": plain[mine + "norm2"],
            f"blk.{i}.attn_q.weight": interleave(q, shape.heads),
            f"blk.{i}.attn_k.weight": interleave(k, shape.heads),
            f"blk.{i}.attn_v.weight": v,
            f"blk.{i}.attn_output.weight": plain[mine + "out.weight"],
            f"blk.{i}.ffn_gate.weight": gate,
            f"blk.{i}.ffn_up.weight": up,
            f"blk.{i}.ffn_down.weight": plain[mine + "down.weight"],
        }
    return found


def write(checkpoint: Path, out: Path, kind: str) -> None:
    saved = torch.load(checkpoint)
    shape, codec = Shape(**saved["shape"]), Codec(HERE / "tokenizer.json")
    writer = gguf.GGUFWriter(str(out), "llama")
    writer.add_name("desk-tiny")
    writer.add_description("Demonstration model of rlm-desk: reads synthetic vendor agreements, and nothing else.")
    writer.add_license("apache-2.0")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_rope_freq_base(shape.theta)
    writer.add_layer_norm_rms_eps(shape.eps)
    writer.add_vocab_size(shape.vocab)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0 if kind == "q8_0" else gguf.LlamaFileType.MOSTLY_F16)
    special = {codec.pad, codec.start, codec.end}
    tokens = codec.data["tokens"]
    assert len(set(tokens)) == len(tokens) == shape.vocab
    spare = {i for i, token in enumerate(tokens) if token.startswith("<|spare_")}
    control = int(gguf.TokenType.CONTROL)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(
        [control if i in special | spare else int(gguf.TokenType.NORMAL) for i in range(len(tokens))]
    )
    writer.add_token_merges(codec.data["merges"])
    writer.add_bos_token_id(codec.pad)
    writer.add_eos_token_id(codec.end)
    writer.add_eot_token_id(codec.end)
    writer.add_pad_token_id(codec.pad)
    writer.add_add_bos_token(False)
    writer.add_chat_template(prompts.CHAT_TEMPLATE)
    for name, array in tensors(saved["model"], shape).items():
        if array.ndim == 1:
            writer.add_tensor(name, array.astype(np.float32))
        elif kind == "q8_0":
            packed = quantize(array.astype(np.float32), gguf.GGMLQuantizationType.Q8_0)
            writer.add_tensor(name, packed, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
        else:
            writer.add_tensor(name, array.astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, default=HERE / "desk-tiny.gguf")
    parser.add_argument("--kind", choices=("f16", "q8_0"), default="q8_0")
    options = parser.parse_args()
    write(options.checkpoint, options.out, options.kind)


if __name__ == "__main__":
    main()
