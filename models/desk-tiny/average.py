"""The mean of checkpoints of one line of training: `python average.py a.pt b.pt --out mean.pt`.

Weights that differ by one fine-tuning lie in one basin, and their mean is right more often than either (Wortsman et
al. 2022, "Model soups").
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch


def mean(states: list[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """Tensor by tensor. Raises KeyError where one lacks a tensor of the first."""
    return {name: torch.stack([state[name].float() for state in states]).mean(0) for name in states[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    loaded = [torch.load(path, weights_only=True) for path in options.checkpoints]
    torch.save({"model": mean([one["model"] for one in loaded]), "shape": loaded[0]["shape"]}, options.out)


if __name__ == "__main__":
    main()
