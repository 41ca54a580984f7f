"""Stage two: reading agreements and writing root programs, for a fixed number of minutes.

The passages grow by accuracy; the learning rate falls linearly with the time spent, so that the decay happens however
busy the machine is. A run that is killed resumes from its checkpoint, its clock included.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import copying
import crew
import data
import prompts
import torch
from model import Shape, Tiny
from muon import Muon
from tokenizer import Codec
from torch import nn
from torch.nn import functional as F

HERE = Path(__file__).parent
COPYING = (0.4, 0.2, 0.1, 0.04, 0.04)
AT_THE_LATEST = (0.1, 0.2, 0.38, 0.56)  # of the time
BUDGET = (1200, 1500, 1800, 2200, 2800)  # tokens a step and process
MOVE_ON = (0.85, 0.85, 0.9, 0.93)


def rehearse(rng: random.Random, generator: torch.Generator, tokens: int) -> data.Batch:
    """Copying goes on beside the easy levels, over all the tokens there are and over the digits alone."""
    alphabet = rng.choice((64, 256, 2040))
    made = copying.loops(tokens, alphabet, generator)
    if rng.random() < 0.5:
        made = copying.batch(rng.choice((12, 16, 24, 40)), tokens, alphabet, generator)
    sequence, scored = made
    weights = torch.zeros(sequence.shape)
    weights[:, :-1] = scored[:, 1:].float()
    targets = sequence.roll(-1, 1)
    positions = torch.arange(sequence.shape[1]).expand_as(sequence)
    return data.Batch(sequence, positions, None, targets, weights, sequence.shape[1])


class Feed:
    """An endless supply of batches at the present level, with easier ones, root trajectories and copying mixed in."""

    def __init__(self, codec: Codec, seed: int, part: int, talks: int) -> None:
        self.codec, self.rng = codec, random.Random(f"{seed}:{part}")
        self.generator = torch.Generator().manual_seed(part)
        self.queue: list[list[data.Example]] = []
        self.level, self.talks = -1, talks

    def _fill(self, level: int) -> None:
        # Shorter texts give more answers a token; whole agreements are what the work is.
        near = [max(level - 2, 0), max(level - 1, 0), level]
        levels = self.rng.choices(near, weights=(0.2, 0.4, 0.4), k=32)
        passages = [data.passage(self.rng, self.codec, each) for each in levels]
        talks = [data.conversation(self.rng, self.codec) for _ in range(self.talks if level >= 2 else 0)]
        self.queue = data.batches(passages, BUDGET[level]) + data.batches(talks, BUDGET[level])
        self.rng.shuffle(self.queue)
        self.level = level

    def next(self, level: int) -> data.Batch:
        if self.rng.random() < COPYING[level]:
            return rehearse(self.rng, self.generator, BUDGET[level])
        if not self.queue or level != self.level:
            self._fill(level)
        group = self.queue.pop()
        talk = not group[0].branches
        return data.collate(group, self.codec.pad, 1.0 if talk or level < 3 else 0.0)


def step_loss(
    model: Tiny,
    batch: data.Batch,
    probe: nn.Linear | None = None,
    probe_weights: torch.Tensor | None = None,
    none: int = -1,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Weighted loss, with what the probe adds; which scored tokens are right; their weights."""
    with crew.numbers():
        states = model(batch.tokens, batch.positions, batch.prefix, batch.mask)
        scored = batch.weights > 0
        scores = model.logits(states[scored])
    weights, targets = batch.weights[scored], batch.targets[scored]
    losses = F.cross_entropy(scores, targets, reduction="none")
    # A program's few decisions (which operator, more or fewer) drown among words that follow of themselves: what is
    # certain already counts little (the weighting of focal loss, Lin et al. 2017).
    counted = weights if batch.branched else weights * (1 - torch.exp(-losses.detach())).clamp(min=0.02)
    loss = (losses * counted).sum() / counted.sum()
    if probe is not None and batch.labels is not None and batch.branched:
        known = batch.labels >= 0
        hidden = F.rms_norm(model.tapped[known].float(), (model.shape.width,))
        loss = loss + F.cross_entropy(probe(hidden), batch.labels[known], weight=probe_weights)
        if none >= 0:
            loss = loss + 0.5 * pointing(model, batch, none)
    return loss, scores.argmax(-1) == targets, weights


def pointing(model: Tiny, batch: data.Batch, none: int) -> torch.Tensor:
    """How far each watched layer's best head is from looking at the value asked for, or at the start for `none`."""
    assert batch.labels is not None
    rows, at = (batch.labels[:, batch.prefix :] > 0).nonzero(as_tuple=True)
    fields = batch.labels[:, batch.prefix :][rows, at]
    match = batch.labels[:, : batch.prefix][rows] == fields[:, None]
    absent = batch.targets[:, batch.prefix :][rows, at] == none
    where = torch.where(absent, 0, match.int().argmax(-1))
    keep = absent | (match.sum(-1) == 1)
    rows, at, where = rows[keep], at[keep], where[keep]
    outside = torch.arange(batch.prefix) >= batch.positions[:, batch.prefix][rows][:, None]
    total = torch.zeros(())
    for layer in model.stack:
        if layer.watched and len(rows):
            heads = layer.asking.shape[1]
            query, keys = layer.asking.float()[rows, :, at], layer.asked.float()[rows]
            scores = torch.einsum("nhd,nhtd->nht", query, keys) / query.shape[-1] ** 0.5
            scores = scores.masked_fill(outside[:, None], float("-inf"))
            losses = F.cross_entropy(scores.transpose(1, 2), where[:, None].expand(-1, heads), reduction="none").mean(0)
            total = total + losses.min()
    return total


def exact(model: Tiny, batch: data.Batch, none: int) -> tuple[int, int, int, int]:
    """(present right, present, absent right, absent) by whole answers; `none` is the token that says absent."""
    assert batch.owner is not None
    with torch.no_grad(), crew.numbers():
        states = model(batch.tokens, batch.positions, batch.prefix, batch.mask)
        guess = model.logits(states[:, batch.prefix :]).argmax(-1)
    counts = [0, 0, 0, 0]
    targets, weights = batch.targets[:, batch.prefix :], batch.weights[:, batch.prefix :]
    for row, owners in enumerate(batch.owner):
        for branch in range(int(owners.max()) + 1):
            due = (owners == branch) & (weights[row] > 0)
            said, truth = guess[row][due], targets[row][due]
            kind = 2 if truth[0] == none else 0
            counts[kind] += bool((said == truth).all())
            counts[kind + 1] += 1
    return counts[0], counts[1], counts[2], counts[3]


def held_out(model: Tiny, codec: Codec, level: int, count: int = 24) -> str:
    """Accuracy on held-out names, numbers and wordings, as the log shows it."""
    rng, none = random.Random(99), codec.encode(prompts.NONE)[0]
    totals = [0, 0, 0, 0]
    for group in data.batches([data.passage(rng, codec, level, "eval") for _ in range(count)], 8000):
        totals = [a + b for a, b in zip(totals, exact(model, data.collate(group, codec.pad), none), strict=True)]
    talk = data.collate([data.conversation(rng, codec, "eval") for _ in range(30)], codec.pad)
    with torch.no_grad():
        _, right, weights = step_loss(model, talk)
    share = right[weights > 0.5].float().mean().item()
    return f"present {totals[0]}/{totals[1]} absent {totals[2]}/{totals[3]} root tokens {share:.4f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--start", type=Path, required=True, help="the copying checkpoint")
    parser.add_argument("--out", type=Path, required=True, help="this run's checkpoint")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--crew", type=int, default=2)
    parser.add_argument("--keep", action="store_true", help="leave the heads of --start as they are (see reopen.py)")
    parser.add_argument("--talks", type=int, default=40, help="root trajectories for every 32 passages")
    parser.add_argument("--warm", type=int, default=100, help="steps to the full rate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--level", type=int, default=0)
    crew.run(work, parser.parse_args())


def work(rank: int, options: argparse.Namespace) -> None:  # noqa: PLR0912, PLR0915 - one loop, read top to bottom
    codec = Codec(HERE / "tokenizer.json")
    resumed = options.out.exists()
    saved = torch.load(options.out if resumed else options.start)
    shape = Shape(**saved["shape"])
    model = Tiny(shape)
    model.load_state_dict(saved["model"])
    if not resumed and not options.keep:
        torch.manual_seed(2)
        sample = data.passage(random.Random(2), codec, 2).prefix
        model.open_windows(torch.tensor([sample]))
    # One small classifier, dropped afterwards, reads the middle layer at values and at questions alike: which field? It
    # tells the model early what a value means and in the same terms what is asked, so that looking up is a match.
    model.tap = shape.layers // 2
    for layer in model.stack[model.tap :]:
        layer.watched = True
    none = codec.encode(prompts.NONE)[0]
    probe = nn.Linear(shape.width, len(data.KEYS) + 1, bias=False)
    if "probe" in saved:
        probe.load_state_dict(saved["probe"])
    probe_weights = torch.tensor([0.2] + [1.0] * len(data.KEYS))
    learned = nn.ModuleList([model, probe])
    matrices = [p for name, p in model.named_parameters() if p.dim() > 1 and name.startswith("stack")]
    inside = {id(p) for p in matrices}
    rest = [p for p in learned.parameters() if id(p) not in inside]
    optimizers = [
        Muon(matrices, lr=options.rate),
        torch.optim.AdamW(rest, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True),
    ]
    step, level, spent, seen = 0, options.level, 0.0, 0
    if resumed:
        for optimizer, kept in zip(optimizers, saved["optimizers"], strict=True):
            optimizer.load_state_dict(kept)
        step, level, spent, seen = saved["step"], saved["level"], saved["spent"], saved["seen"]
    feed = Feed(codec, options.seed, step * options.crew + rank, options.talks)
    recent, last, logged, written = 0.0, time.time(), spent, spent
    while spent < options.minutes * 60:
        batch = feed.next(level)
        loss, right, weights = step_loss(model, batch, probe, probe_weights, none)
        done = spent / (options.minutes * 60)
        rate = options.rate * min(1.0, (step + 1) / options.warm) * max(0.01, min(1.0, (1 - done) / 0.75))
        for optimizer in optimizers:
            for each in optimizer.param_groups:
                each["lr"] = rate
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        now = time.time()
        spent, last = spent + now - last, now
        truth = right[weights == data.FIRST].float().mean().item() if batch.branched else -1.0
        known, share, spent = crew.average(learned, float(truth >= 0), max(truth, 0.0), spent)
        torch.nn.utils.clip_grad_norm_(learned.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        step, seen = step + 1, seen + batch.tokens.numel()
        if known:
            recent = 0.98 * recent + 0.02 * share / known
        if step % 50 == 0 and rank == 0:
            print(f"{step} {spent / 60:.1f} min level {level} loss {loss.item():.3f} right {recent:.4f} "
                  f"rate {rate:.5f} {seen * options.crew / spent:.0f} tok/s", flush=True)  # fmt: skip
        if level < len(MOVE_ON) and (recent > MOVE_ON[level] or done > AT_THE_LATEST[level]):
            if rank == 0:
                print(f"level {level} done at {recent:.3f}; held out: {held_out(model, codec, level)}", flush=True)
            level, recent = level + 1, 0.5
        if spent - logged > 150 and rank == 0:
            logged = spent
            print(f"  held out, level {level}: {held_out(model, codec, level)}", flush=True)
        if rank == 0 and (spent - written > 60 or spent >= options.minutes * 60):
            written = spent
            state = {
                "model": model.state_dict(),
                "probe": probe.state_dict(),
                "optimizers": [optimizer.state_dict() for optimizer in optimizers],
                "shape": shape.as_dict(),
                "step": step,
                "level": level,
                "spent": spent,
                "seen": seen,
            }
            partial = options.out.with_suffix(".part")
            torch.save(state, partial)
            partial.replace(options.out)


if __name__ == "__main__":
    main()
