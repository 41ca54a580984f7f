"""Training examples: passages with a dozen questions each, and root trajectories, as bundles of token ids."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from dataclasses import field as attribute

import prompts
import torch
import traces
from tokenizer import Codec

from rlm_desk.demo import asking, contract, layout, names
from rlm_desk.demo.contract import Contract, Manner
from rlm_desk.demo.fields import FIELDS, answer
from rlm_desk.demo.names import Split
from rlm_desk.demo.questions import FAMILIES

FIRST = 4.0  # weight of an answer's first token: it decides what is copied, the rest follows
HARD = {"law": 3, "code": 2, "deposit": 2}  # asked more often: what is copied there are letters, rarer than digits
KEYS = tuple(field.key for field in FIELDS)
SHORT = Manner(present=0.8, superseded=0.0, refused=0.0, paired=0.0, mention=0.0, decoy=0.0, filler=(0, 1), frame=False)
FULL = Manner(present=0.82)
# What goes wrong most, more often than it is met: two facts in a sentence, values that no longer count, and values that
# differ from another one of the same text by a digit or a syllable.
TRAPS = replace(FULL, paired=0.65, superseded=0.5, refused=0.35, alike=0.5)
# From one fact in a line to whole agreements; (manner, how many fields may occur, questions a passage).
LEVELS: tuple[tuple[Manner, tuple[int, int], int], ...] = (
    (SHORT, (1, 2), 8),
    (replace(SHORT, filler=(0, 2), paired=0.2, decoy=0.1), (2, 5), 12),
    (replace(SHORT, filler=(1, 4), paired=0.3, superseded=0.3, refused=0.2, mention=0.15, decoy=0.3), (3, 8), 14),
    (replace(FULL, filler=(3, 10)), (8, 8), 20),
    (FULL, (8, 8), 20),
)


@dataclass(frozen=True)
class Example:
    """`prefix` is common; each branch is (ids, how many of its last ids are the answer)."""

    prefix: list[int]
    weights: list[float]
    branches: list[tuple[list[int], int]]
    labels: list[int] = attribute(default_factory=list)  # of the prefix: which field's value starts here
    asked: list[int] = attribute(default_factory=list)  # of the branches: which field the question is about

    @property
    def size(self) -> int:
        return len(self.prefix) + sum(len(ids) for ids, _ in self.branches)


@dataclass(frozen=True)
class Batch:
    tokens: torch.Tensor
    positions: torch.Tensor
    mask: torch.Tensor | None
    targets: torch.Tensor
    weights: torch.Tensor
    prefix: int
    owner: torch.Tensor | None = None  # of each token behind the prefixes: which branch it is of, -1 for none
    labels: torch.Tensor | None = None

    @property
    def branched(self) -> bool:
        return self.owner is not None and self.owner.shape[1] > 0


def _shorter(rng: random.Random, manner: Manner) -> Manner:
    return replace(manner, filler=(1, 8), keys=tuple(rng.sample(KEYS, rng.randint(3, 6))))


def _lay(rng: random.Random, made: Contract) -> str:
    text = layout.text(rng, made, layout.choose(rng))
    return text + "\n" if rng.random() < 0.15 else text


def passage(rng: random.Random, codec: Codec, level: int, split: Split = "train", canonical: float = 0.5) -> Example:
    """One or two agreements, and questions about them."""
    manner, (low, high), count = LEVELS[level]
    if level >= 3 and split == "train" and rng.random() < 0.6:
        manner = replace(TRAPS, filler=manner.filler)
    manner = replace(manner, keys=tuple(rng.sample(KEYS, rng.randint(low, high))))
    if level >= 3 and rng.random() < 0.14:
        made = [contract.compose(rng, split, _shorter(rng, manner)) for _ in range(rng.choice((2, 2, 2, 3)))]
    else:
        made = [contract.compose(rng, split, manner)]
    text = "\n\n".join(_lay(rng, one) for one in made)
    asked: list[tuple[str, str, int]] = []
    fields = list(FIELDS) if level >= 2 else [f for f in FIELDS if f.key in manner.keys] + [rng.choice(FIELDS)]
    order = (
        [rng.choice(fields) for _ in range(count)]
        if level < 2
        else fields + rng.choices(fields, weights=[HARD.get(each.key, 1) for each in fields], k=count - 8)
    )
    for i, field in enumerate(order):
        named = bool(made[0].title) and (len(made) > 1 or i >= 14 or rng.random() < 0.1)
        if not named:
            wording = field.question if rng.random() < canonical else asking.bare(rng, field, split)
            said = answer(made[0].facts.get(field.key, prompts.NONE))
        elif rng.random() < 0.2:
            wording, said = asking.vendor(rng, field, split, names.company(rng, split)), prompts.NONE
        else:
            one = rng.choice(made)
            wording = asking.vendor(rng, field, split, one.vendor)
            said = answer(one.facts.get(field.key, prompts.NONE))
        asked.append((wording, said, KEYS.index(field.key) + 1))
    return _example(codec, text, asked, [one.facts for one in made])


def _labels(codec: Codec, head: str, facts: list[dict[str, int | str]]) -> list[int]:
    """For each token of `head`: the field whose value starts there, 0 for other names and numbers, -1 for the rest."""
    _, starts = codec.encode_with_starts(head)
    where = {m.start(): 0 for m in re.finditer(r"(?<![\d,A-Z-])(?:\d|[A-Z])", head)}
    for one in facts:
        for key, value in one.items():
            found = [m.start() for m in re.finditer(rf"(?<![\w,.-]){re.escape(answer(value))}(?![\w-]|,\d)", head)]
            if len(found) == 1:
                where[found[0]] = KEYS.index(key) + 1
    labels, last = [], -1
    for start in starts:
        labels.append(where.get(start, -1) if start != last else -1)
        last = start
    return labels


def _example(codec: Codec, text: str, asked: list[tuple[str, str, int]], facts: list[dict[str, int | str]]) -> Example:
    opening = "user\n" + prompts.ask(text, "").rstrip(" ")  # the blank belongs to the question's first word
    head = [codec.start, *codec.encode(opening)]
    turn = [codec.end, *codec.encode("\n"), codec.start, *codec.encode("assistant\n")]
    branches = []
    for question, said, _ in asked:
        reply = [*codec.encode(said), codec.end]
        branches.append((codec.encode(" " + question) + turn + reply, len(reply)))
    labels = [-1, *_labels(codec, opening, facts)]
    return Example(head, [0.1] * len(head), branches, labels, [field for _, _, field in asked])


def conversation(rng: random.Random, codec: Codec, split: Split = "train") -> Example:
    ids, said = codec.chat(traces.draw(rng, split, rng.choices(FAMILIES, (2, 3, 1, 3, 5))[0]))
    return Example(ids, [1.0 if mine else 0.02 for mine in said], [])


def collate(examples: list[Example], pad: int, prefix_weight: float = 1.0) -> Batch:
    """Pad to one bundle: prefixes side by side, then each one's branches end to end, all starting where it ended."""
    longest = max(len(e.prefix) for e in examples)
    tail = max(sum(len(ids) for ids, _ in e.branches) for e in examples)
    total = longest + tail
    tokens = torch.full((len(examples), total), pad)
    targets = torch.full((len(examples), total), pad)
    weights = torch.zeros(len(examples), total)
    positions = torch.zeros(len(examples), total, dtype=torch.long)
    positions[:, :longest] = torch.arange(longest)
    labels = torch.full((len(examples), total), -1)
    seen = torch.zeros(len(examples), longest, dtype=torch.bool)
    owner = torch.full((len(examples), tail), -1)
    for row, example in enumerate(examples):
        size = len(example.prefix)
        tokens[row, :size] = torch.tensor(example.prefix)
        targets[row, : size - 1] = tokens[row, 1:size]
        weights[row, : size - 1] = torch.tensor(example.weights[1:]) * prefix_weight
        seen[row, :size] = True
        labels[row, : len(example.labels)] = torch.tensor(example.labels, dtype=torch.long)
        positions[row, longest:] = size
        at = longest
        for i, (ids, answered) in enumerate(example.branches):
            end = at + len(ids)
            tokens[row, at:end] = torch.tensor(ids)
            targets[row, at : end - 1] = tokens[row, at + 1 : end]
            weights[row, end - 1 - answered : end - 1] = 1.0
            weights[row, end - 1 - answered] = FIRST
            labels[row, end - 1 - answered] = example.asked[i]
            positions[row, at:end] = size + torch.arange(len(ids))
            owner[row, at - longest : end - longest] = i
            at = end
    mask = None
    if tail:
        own = torch.arange(tail)
        inner = (owner[:, :, None] == owner[:, None, :]) & (own[:, None] >= own[None, :])
        outer = seen[:, None, :].expand(-1, tail, -1)
        allowed = torch.cat((outer, inner), dim=2)
        mask = torch.zeros(allowed.shape).masked_fill_(~allowed, float("-inf"))[:, None]
    return Batch(tokens, positions, mask, targets, weights, longest, owner, labels)


def batches(examples: list[Example], budget: int) -> list[list[Example]]:
    """Groups of about `budget` tokens with prefixes of like length."""
    groups: list[list[Example]] = [[]]
    room = 0
    for example in sorted(examples, key=lambda e: len(e.prefix)):
        if room + example.size > budget and groups[-1]:
            groups.append([])
            room = 0
        groups[-1].append(example)
        room += example.size
    return [group for group in groups if group]
