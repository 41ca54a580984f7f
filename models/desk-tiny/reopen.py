"""From `desk-tiny.gguf` back to a checkpoint, so that training can go on where the shipped F16 file left off.

`python reopen.py desk-tiny.gguf --out start.pt`, then `train.py --start start.pt --level 3 --keep ...`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import gguf
import numpy as np
import torch
from model import Shape, Tiny


def halves(weight: np.ndarray, heads: int) -> np.ndarray:
    """The inverse of export.interleave."""
    rows, columns = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def state(path: Path, shape: Shape) -> dict[str, torch.Tensor]:
    found = {t.name: np.asarray(t.data, dtype=np.float32) for t in gguf.GGUFReader(str(path)).tensors}
    out = {"embed.weight": found["token_embd.weight"], "norm": found["output_norm.weight"]}
    for i in range(shape.layers):
        blk, mine = f"blk.{i}.", f"stack.{i}."
        q, k = (halves(found[f"{blk}attn_{x}.weight"], shape.heads) for x in "qk")
        out |= {
            mine + "norm1": found[blk + "attn_norm.weight"],
            mine + "norm2": found[blk + "ffn_norm.weight"],
            mine + "qkv.weight": np.concatenate((q, k, found[blk + "attn_v.weight"])),
            mine + "out.weight": found[blk + "attn_output.weight"],
            mine + "gate_up.weight": np.concatenate((found[blk + "ffn_gate.weight"], found[blk + "ffn_up.weight"])),
            mine + "down.weight": found[blk + "ffn_down.weight"],
        }
    return {name: torch.tensor(array) for name, array in out.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    layers = gguf.GGUFReader(str(options.model)).get_field("llama.block_count").contents()
    shape = Shape(layers=int(layers))
    weights = state(options.model, shape)
    Tiny(shape).load_state_dict(weights)
    torch.save({"model": weights, "shape": shape.as_dict()}, options.out)


if __name__ == "__main__":
    main()
