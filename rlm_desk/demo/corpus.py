"""The demonstration corpus on disk: folders of agreements, what each states, and questions with known answers."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from rlm_desk.demo import contract, fields, layout, names
from rlm_desk.demo.contract import Manner
from rlm_desk.demo.fields import BY_KEY, FIELDS
from rlm_desk.demo.names import Split
from rlm_desk.demo.questions import Family, Meaning, Question, Truth, askable, holds, wording

CHARACTERS_PER_TOKEN = 3.3
"""Measured with desk-tiny's own tokenizer over all four layouts."""


@dataclass(frozen=True)
class Facts:
    """What one file states. `values` lacks the fields the agreement is silent on."""

    name: str
    folder: str
    path: str
    values: Mapping[str, int | str]
    characters: int


@dataclass(frozen=True)
class DemoCorpus:
    """The corpus `write` made: where it lies and what is true of it."""

    directory: Path
    seed: int
    split: Split
    documents: tuple[Facts, ...]

    @property
    def folders(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.folder for one in self.documents))

    @property
    def characters(self) -> int:
        return sum(one.characters for one in self.documents)

    @property
    def tokens(self) -> int:
        return round(self.characters / CHARACTERS_PER_TOKEN)


def write(directory: Path, *, seed: int, tokens: int, split: Split = "eval") -> DemoCorpus:
    """Write agreements worth about `tokens` tokens below `directory`; the same arguments give the same bytes."""
    rng = random.Random(f"desk-demo:{seed}:{split}")
    folders: list[str] = []
    for _ in range(rng.randint(4, 6)):
        folders.append(_fresh(rng, split, folders))
    places: list[str] = []
    for _ in range(7):
        places.append(_fresh(rng, split, places))
    vendors: set[str] = set()
    documents: list[Facts] = []
    room = tokens * CHARACTERS_PER_TOKEN
    while room > 0:
        vendor = names.company(rng, split)
        if vendor in vendors:
            continue
        vendors.add(vendor)
        made = contract.compose(rng, split, Manner(), vendor, tuple(places))
        kind = layout.choose(rng)
        folder = rng.choice(folders)
        text = layout.text(rng, made, kind)
        path = directory / folder / (vendor + layout.SUFFIX[kind])
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind == "pdf":
            path.write_bytes(layout.pdf(text.split("\n")))
        else:
            path.write_text(text + "\n", encoding="utf-8", newline="\n")
        room -= len(text)
        relative = path.relative_to(directory).as_posix()
        documents.append(Facts(vendor, folder, relative, MappingProxyType(dict(made.facts)), len(text)))
    return DemoCorpus(directory, seed, split, tuple(documents))


def _fresh(rng: random.Random, split: Split, taken: list[str]) -> str:
    while (word := names.word(rng, split)) in taken:
        pass
    return word


def questions(corpus: DemoCorpus, family: Family, n: int, *, seed: int = 0) -> list[Question]:
    """`n` questions of one family, no two in the same words and none of them a close call: see `_meanings`.

    A small corpus may have fewer to offer, and the few extremes come in several wordings each.
    """
    rng = random.Random(f"desk-ask:{corpus.seed}:{corpus.split}:{family}:{seed}")
    found: dict[str, Question] = {}
    for meaning in _meanings(rng, corpus, family):
        text = wording(rng, meaning, corpus.split)
        if text not in found:
            truth, evidence = decide(corpus, meaning)
            found[text] = Question(text, meaning, truth, evidence)
        if len(found) == n:
            return list(found.values())
    return list(found.values())


def _meanings(rng: random.Random, corpus: DemoCorpus, family: Family) -> Iterator[Meaning]:
    """Candidates without ties: extremes are unique, compared counts differ by two or more, no list is empty."""
    choices = [field for field in FIELDS if askable(family, field)]
    for _ in range(4000):
        field = rng.choice(choices)
        stating = [one for one in corpus.documents if field.key in one.values]
        if not stating:
            continue
        if family == "find":
            asked = rng.choice(stating if rng.random() < 0.9 else corpus.documents)
            yield Meaning("find", field.key, vendor=asked.name)
            continue
        if family == "extreme":
            meaning = Meaning("extreme", field.key, largest=rng.random() < 0.5)
            if len(decide(corpus, meaning)[1]) == 1:
                yield meaning
            continue
        value = rng.choice(stating).values[field.key]
        if isinstance(value, str):
            yield Meaning(family, field.key, operator="==", value=value)
            continue
        operator = rng.choice((">", "<", ">=", "<=") if len(stating) > 3 else (">", "<"))
        folders = ("", "")
        if family == "compare":
            if len(corpus.folders) < 2:
                return
            one, two = rng.sample(corpus.folders, 2)
            folders = (one, two)
        meaning = Meaning(
            family, field.key, operator=operator, value=value, largest=rng.random() < 0.7, folders=folders
        )
        if family == "compare":
            counts = [_count(corpus, meaning, folder) for folder in folders]
            if abs(counts[0] - counts[1]) < 2:
                continue
        share = len(decide(corpus, meaning)[1]) / len(corpus.documents)
        if family == "list" and not 0 < share <= max(0.12, 2 / len(corpus.documents)):
            continue  # a list nobody would read to its end
        yield meaning


def _count(corpus: DemoCorpus, meaning: Meaning, folder: str) -> int:
    return sum(
        holds(meaning.operator, one.values.get(meaning.field), meaning.value)
        for one in corpus.documents
        if one.folder == folder
    )


def decide(corpus: DemoCorpus, meaning: Meaning) -> tuple[Truth, tuple[str, ...]]:
    """The true answer, and the names of the documents it rests on."""
    key = meaning.field
    if meaning.family == "find":
        for one in corpus.documents:
            if one.name == meaning.vendor:
                value = one.values.get(key)
                return ("none" if value is None else fields.answer(value)), (one.name,)
        return "none", ()
    if meaning.family == "extreme":
        known = [(value, one.name) for one in corpus.documents if isinstance(value := one.values.get(key), int)]
        best = (max if meaning.largest else min)(value for value, _ in known)
        winners = tuple(name for value, name in known if value == best)
        return winners[0], winners
    if meaning.family == "compare":
        here, there = (_count(corpus, meaning, folder) for folder in meaning.folders)
        winner = meaning.folders[0 if (here > there) == meaning.largest else 1]
        return winner, tuple(d.name for d in corpus.documents if d.folder in meaning.folders)
    met = tuple(d.name for d in corpus.documents if holds(meaning.operator, d.values.get(key), meaning.value))
    return (len(met) if meaning.family == "count" else met), met


__all__ = ["BY_KEY", "DemoCorpus", "Facts", "questions", "write"]
