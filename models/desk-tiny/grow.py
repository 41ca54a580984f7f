"""More layers for a trained checkpoint, each of which changes nothing at first: what it writes begins as zero.

`python grow.py desk.pt --after 2 3 --out grown.pt` puts a new layer behind the second and one behind the third; then
`train.py --start grown.pt --keep ...`.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from pathlib import Path

import torch
from model import Shape, Tiny


def grow(weights: dict[str, torch.Tensor], shape: Shape, after: list[int]) -> tuple[dict[str, torch.Tensor], Shape]:
    """Weights and shape with a new layer behind each of the given ones (counted from 1)."""
    order: list[int | None] = []
    for layer in range(shape.layers):
        order += [layer] + [None] * after.count(layer + 1)
    shape = replace(shape, layers=len(order))
    model = Tiny(shape)
    grown = {name: weight for name, weight in weights.items() if not name.startswith("stack.")}
    for name, fresh in model.state_dict().items():
        found = re.fullmatch(r"stack\.(\d+)\.(.+)", name)
        if not found:
            continue
        old, part = order[int(found[1])], found[2]
        silent = part in ("out.weight", "down.weight")
        grown[name] = weights[f"stack.{old}.{part}"] if old is not None else fresh * (not silent)
    model.load_state_dict(grown)
    return grown, shape


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--after", type=int, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    saved = torch.load(options.checkpoint)
    torch.manual_seed(3)
    weights, shape = grow(saved["model"], Shape(**saved["shape"]), options.after)
    kept = {"probe": saved["probe"]} if "probe" in saved else {}
    torch.save({"model": weights, "shape": shape.as_dict(), **kept}, options.out)


if __name__ == "__main__":
    main()
