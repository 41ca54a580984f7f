"""Stage one: teach copying before anything else.

First loops of random tokens with a period of their own (many foreseeable tokens a row, and no fixed distance to lean
on), then a text of random tokens, a short gap, and a piece of it again, ever longer. A model of this size that skips
this stage learns the form of an answer and never the look-up. From the prepared heads of model.py it takes some 300
steps; without them it had learned next to nothing after 1,000.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import crew
import torch
from model import Shape, Tiny
from torch.nn import functional as F

LOOP = 48
STAGES = ((0, 2040), (16, 2040), (32, 2040), (64, 2040), (128, 2040), (256, 2040))  # length (0: loops), alphabet
MOVE_ON = (0.8, 0.85, 0.88, 0.88, 0.88, 2)  # the share of copied tokens that opens the next stage


def batch(length: int, tokens: int, alphabet: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Sequences and the mask of their repeated part; some draw from a small alphabet, as digits do."""
    gap, repeat = int(torch.randint(0, 6, (1,), generator=generator)), max(4, length // 2)
    rows = max(2, tokens // (length + gap + repeat))
    body = torch.randint(8, 8 + alphabet, (rows, length), generator=generator)
    few = torch.randint(8, 8 + alphabet, (rows, 24), generator=generator)
    small = few.gather(1, torch.randint(0, 24, (rows, length), generator=generator))
    body = torch.where(torch.rand(rows, 1, generator=generator) < 0.15, small, body)
    filler = torch.randint(8, 8 + alphabet, (rows, gap), generator=generator)
    starts = torch.randint(0, length - repeat + 1, (rows, 1), generator=generator)
    again = body.gather(1, starts + torch.arange(repeat))
    sequence = torch.cat((body, filler, again), dim=1)
    mask = torch.zeros_like(sequence, dtype=torch.bool)
    mask[:, length + gap + 2 :] = True  # the first two tokens of the repeat say where it is; they cannot be foreseen
    return sequence, mask


def loops(tokens: int, alphabet: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows that repeat a pattern of 4 to 12 tokens, each row with its own period."""
    rows = tokens // LOOP
    pattern = torch.randint(8, 8 + alphabet, (rows, 12), generator=generator)
    period = torch.randint(4, 13, (rows, 1), generator=generator)
    steps = torch.arange(LOOP).expand(rows, LOOP)
    return pattern.gather(1, steps % period), steps > period


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=12)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--tokens", type=int, default=1536)
    parser.add_argument("--crew", type=int, default=2)
    crew.run(work, parser.parse_args())


def work(rank: int, options: argparse.Namespace) -> None:
    torch.manual_seed(1)
    generator = torch.Generator().manual_seed(rank + 1)
    shape = Shape(layers=options.layers)
    model = Tiny(shape)
    if options.out.exists():
        model.load_state_dict(torch.load(options.out)["model"])
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    stage, recent, seen, start, step, now = 0, 0.0, 0, time.time(), 0, 0.0
    while now < options.minutes * 60:
        step += 1
        for group in optimizer.param_groups:
            group["lr"] = options.rate * min(1.0, step / 100)
        length, alphabet = STAGES[stage if step % 5 else step // 5 % (stage + 1)]
        sequence, mask = (
            batch(length, options.tokens, alphabet, generator) if length else loops(options.tokens, alphabet, generator)
        )
        inputs, targets, scored = sequence[:, :-1], sequence[:, 1:], mask[:, 1:]
        positions = torch.arange(inputs.shape[1]).expand_as(inputs)
        with crew.numbers():
            states = model(inputs, positions, inputs.shape[1])
            scores = model.logits(states[scored])
        loss = F.cross_entropy(scores, targets[scored])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        right = (scores.argmax(-1) == targets[scored]).float().mean().item()
        (right, now) = crew.average(model, right, time.time() - start)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        seen += inputs.numel()
        if step % 5:
            recent = 0.9 * recent + 0.1 * right
        if step % 25 == 0 and rank == 0:
            speed = seen * options.crew / now
            print(
                f"{step} length {STAGES[stage]} loss {loss.item():.3f} right {recent:.3f} {speed:.0f} tok/s", flush=True
            )
            torch.save({"model": model.state_dict(), "shape": shape.as_dict(), "step": step}, options.out)
        if recent > MOVE_ON[stage]:
            stage, recent = stage + 1, 0.0
    if rank == 0:
        torch.save({"model": model.state_dict(), "shape": shape.as_dict(), "step": step}, options.out)


if __name__ == "__main__":
    main()
