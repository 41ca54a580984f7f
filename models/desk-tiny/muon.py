"""Muon (Jordan et al. 2024) in float32, its work shared by the crew.

torch orthogonalises in bfloat16, which a processor without such arithmetic does ten times slower than float32. The
buffers are kept alike in every process; each orthogonalises its share of the matrices, and the updates are added up.
"""

from __future__ import annotations

import torch
from torch import Tensor, distributed

STEPS = 5
A, B, C = 3.4445, -4.775, 2.0315  # a quintic with a steep start at zero


def orthogonal(update: Tensor) -> Tensor:
    """About U V^T of the matrix's singular value decomposition, singular values between 0.7 and 1.2."""
    tall = update.shape[0] > update.shape[1]
    x = update.T if tall else update
    x = x / x.norm().clamp(min=1e-7)
    for _ in range(STEPS):
        gram = x @ x.T
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=B, alpha=C), x, beta=A)
    return x.T if tall else x


class Muon(torch.optim.Optimizer):
    """For matrices; the learning rate is AdamW's, by matching the size of its updates (0.2 RMS)."""

    def __init__(self, params: list[Tensor], lr: float, momentum: float = 0.95, weight_decay: float = 0.02) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        crew = distributed.get_world_size() if distributed.is_initialized() else 1
        rank = distributed.get_rank() if crew > 1 else 0
        for group in self.param_groups:
            params = group["params"]
            updates = []
            for i, param in enumerate(params):
                held = self.state[param].setdefault("momentum", torch.zeros_like(param))
                held.lerp_(param.grad, 1 - group["momentum"])
                if i % crew == rank:
                    updates.append(orthogonal(param.grad.lerp(held, group["momentum"])))
                else:
                    updates.append(torch.zeros_like(param))
            flat = torch.cat([update.reshape(-1) for update in updates])
            if crew > 1:
                distributed.all_reduce(flat)
            at = 0
            for param in params:
                update = flat[at : at + param.numel()].view_as(param)
                at += param.numel()
                param.mul_(1 - group["lr"] * group["weight_decay"])
                param.add_(update, alpha=-group["lr"] * 0.2 * max(param.shape) ** 0.5)
