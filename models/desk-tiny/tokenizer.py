"""The tokenizer: byte-level BPE of 2,048 tokens behind the qwen2 pre-tokenizer, trained on the corpus generator's text.

No merge contains a capital letter, a line break next to anything else, or a digit. An invented name, a code or a number
is therefore the same tokens after a blank, at the start of a line and at the start of an answer: the model copies, it
never has to transliterate. `python tokenizer.py --out FILE` trains it; the JSON file is the only product.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import prompts
import traces
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from rlm_desk.demo import asking, contract, layout, names, questions
from rlm_desk.demo.fields import FIELDS

PAD, START, END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
SIZE = 2048
QWEN2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_NAME = re.compile(
    rf"\b({'|'.join(head.capitalize() for head in names.HEADS)})"
    rf"(?:{'|'.join(names.MIDDLES)})?({'|'.join(names.TAILS)})\b"
)


def _syllables(rng: random.Random, text: str) -> str:
    """Invented names cut down to one syllable: syllables may become tokens, whole names may not."""
    return _NAME.sub(lambda m: m[1] if rng.random() < 0.5 else "X" + m[2], text)


def sample(rng: random.Random, count: int) -> Iterator[str]:
    """Text as the model will meet it: passages, questions, programs."""
    for text in _sample(rng, count):
        yield _syllables(rng, text)


def _sample(rng: random.Random, count: int) -> Iterator[str]:
    for _ in range(count):
        made = contract.compose(rng, "train", contract.Manner())
        yield layout.text(rng, made, layout.choose(rng))
        for field in FIELDS:
            yield prompts.ask("", asking.bare(rng, field, "train"))
            yield "user\nassistant\n"
            yield prompts.ask("", asking.vendor(rng, field, "train", made.vendor))
        for _ in range(2):
            trace = traces.draw(rng, "train", rng.choice(questions.FAMILIES))
            yield from (message["content"] for message in trace)


def train(seed: int = 1, count: int = 2500) -> dict[str, list[str]]:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(QWEN2), "isolated"),
            pre_tokenizers.Split(Regex(r"[A-Z]"), "isolated"),
            pre_tokenizers.Split(Regex(r"\n+"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=SIZE - 3,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
        max_token_length=18,
    )
    tokenizer.train_from_iterator(sample(random.Random(seed), count), trainer)
    learned = json.loads(tokenizer.to_str())["model"]
    tokens = [PAD, START, END, *sorted(learned["vocab"], key=learned["vocab"].__getitem__)]
    tokens += [f"<|spare_{i}|>" for i in range(SIZE - len(tokens))]
    merges = [" ".join(m) if isinstance(m, list) else m for m in learned["merges"]]
    return {"tokens": tokens, "merges": merges}


class Codec:
    """Text to ids and back, as llama.cpp does it with `pre = qwen2`."""

    def __init__(self, path: Path) -> None:
        self.data: dict[str, list[str]] = json.loads(path.read_text())
        self.pad, self.start, self.end = 0, 1, 2

    @cached_property
    def inner(self) -> Tokenizer:
        vocab = {token: i for i, token in enumerate(self.data["tokens"])}
        merges = [tuple(m.split(" ")) for m in self.data["merges"]]
        tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=merges))
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(QWEN2), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
        tokenizer.decoder = decoders.ByteLevel()
        return tokenizer

    def encode(self, text: str) -> list[int]:
        return list(self.inner.encode(text, add_special_tokens=False).ids)

    def encode_with_starts(self, text: str) -> tuple[list[int], list[int]]:
        """Ids, and the character each begins at."""
        found = self.inner.encode(text, add_special_tokens=False)
        return list(found.ids), [start for start, _ in found.offsets]

    def decode(self, ids: list[int]) -> str:
        return str(self.inner.decode(ids))

    def chat(self, messages: list[dict[str, str]]) -> tuple[list[int], list[bool]]:
        """Ids of a conversation, and which of them the model has to say itself."""
        ids: list[int] = []
        said: list[bool] = []
        for message in messages:
            head = [self.start, *self.encode(message["role"] + "\n")]
            body = [*self.encode(message["content"]), self.end]
            mine = message["role"] == "assistant"
            ids += head + body + self.encode("\n")
            said += [False] * len(head) + [mine] * len(body) + [False] * len(self.encode("\n"))
        return ids, said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.write_text(json.dumps(train(options.seed), ensure_ascii=False, indent=0))


if __name__ == "__main__":
    main()
