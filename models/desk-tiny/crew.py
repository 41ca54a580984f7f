"""Several one-threaded processes that train one model by averaging gradients once a step.

On shared cores this is far steadier than one process with several threads: those meet at a barrier in every operation,
and fall from 7,000 to a few hundred tokens a second as soon as somebody else needs a core.
"""

from __future__ import annotations

import os
import tempfile
from argparse import Namespace
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import torch
from torch import distributed, multiprocessing, nn


def numbers() -> AbstractContextManager[None]:
    """bfloat16 where the processor multiplies it: where it does not, it is ten times slower than float32."""
    fast = torch.backends.cpu.get_cpu_capability() == "AVX512" and torch.cpu._is_avx512_bf16_supported()
    return torch.autocast("cpu", dtype=torch.bfloat16) if fast else nullcontext()


def _member(rank: int, work: Callable[[int, Namespace], None], options: Namespace, meeting: str) -> None:
    torch.set_num_threads(1)
    if options.crew > 1:
        distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=options.crew)
    work(rank, options)


def run(work: Callable[[int, Namespace], None], options: Namespace) -> None:
    """Call `work(rank, options)` in `options.crew` processes."""
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    with tempfile.TemporaryDirectory() as folder:
        meeting = str(Path(folder) / "meeting")
        multiprocessing.spawn(_member, (work, options, meeting), nprocs=options.crew)


def average(model: nn.Module, *numbers: float) -> list[float]:
    """Average the gradients, and some numbers with them, over the crew."""
    if not distributed.is_initialized():
        return list(numbers)
    grads = []
    for parameter in model.parameters():
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
        grads.append(parameter.grad)
    flat = torch.cat([*(g.reshape(-1) for g in grads), torch.tensor(numbers)])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    at = 0
    for grad in grads:
        grad.copy_(flat[at : at + grad.numel()].view_as(grad))
        at += grad.numel()
    return flat[at:].tolist()
