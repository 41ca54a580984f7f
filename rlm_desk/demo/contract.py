"""One vendor agreement: which facts it states, in what words, among what else. Text comes out as paragraphs, unlaid."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as attribute

from rlm_desk.demo import clauses_more as more
from rlm_desk.demo import fields as f
from rlm_desk.demo import filler, names, special_more, woven
from rlm_desk.demo.clauses import DECOY, GENERAL, MENTION, PAIRED, REFUSED, SUPERSEDED
from rlm_desk.demo.fields import FIELDS, Field
from rlm_desk.demo.names import Split
from rlm_desk.demo.skeletons import dress, expand, forward, hold_out, pool
from rlm_desk.demo.special import LAW_MENTION, LAW_REFUSED, LAW_SUPERSEDED, SPECIAL


@dataclass(frozen=True)
class Manner:
    """How hard a text is: shares of traps, how much filler, which fields may occur.

    `alike` is the share of values that are easily taken for another one of the same text (hard negatives); it is for
    training only.
    """

    present: float = 0.9
    superseded: float = 0.3
    refused: float = 0.25
    paired: float = 0.4
    mention: float = 0.15
    decoy: float = 0.45
    filler: tuple[int, int] = (7, 22)
    keys: tuple[str, ...] = tuple(field.key for field in FIELDS)
    frame: bool = True
    alike: float = 0.0


@dataclass(frozen=True)
class Contract:
    """`facts` holds what the text states; a key that is missing is a fact that is absent."""

    vendor: str
    facts: dict[str, int | str]
    title: str
    sections: tuple[tuple[str, tuple[str, ...]], ...] = attribute(repr=False)


def _other(rng: random.Random, field: Field, split: Split, taken: int | str, alike: float) -> int | str:
    # `alike and`: nothing is drawn where it is 0, so that a seed's evaluation corpus stays what it was before it came.
    make = f.like if alike and rng.random() < alike else _plain
    while (value := make(rng, field, split, taken)) == taken:
        pass
    return value


def _plain(rng: random.Random, field: Field, split: Split, _: int | str) -> int | str:
    return f.draw(rng, field, split)


def _confused(rng: random.Random, facts: dict[str, int | str], split: Split, alike: float) -> dict[str, int | str]:
    """Some values made like that of another field of the same kind, as far as no two become one."""
    made = dict(facts)
    for key in facts:
        near = [other for other in made if other != key and f.BY_KEY[other].kind == f.BY_KEY[key].kind]
        if near and rng.random() < alike:
            value = f.like(rng, f.BY_KEY[key], split, made[rng.choice(near)])
            made[key] = made[key] if value in made.values() else value
    return made


def _decoys(rng: random.Random, facts: dict[str, int | str], split: Split, alike: float) -> dict[str, str]:
    """Values that belong to no field, for the sentences around."""
    made: dict[str, str] = {}
    for slot, keys, draw in _LOOSE:
        value = draw(rng, split)
        known = [key for key in keys if key in facts]
        if alike and known and rng.random() < alike:
            key = rng.choice(known)
            value = f.like(rng, f.BY_KEY[key], split, facts[key])
            value = draw(rng, split) if value in facts.values() else value
        made[slot] = f"${value:,}" if slot == "C" and isinstance(value, int) else str(value)
    return made


def _slots(rng: random.Random, field: Field, **values: int | str) -> dict[str, str]:
    slots = {key: f.surface(rng, field, value) for key, value in values.items()}
    return {"S": rng.choice(field.subjects), "n": str(rng.randint(1, 12)), **slots}


_LOOSE: tuple[tuple[str, tuple[str, ...], Callable[[random.Random, Split], int | str]], ...] = (
    ("C", ("fee", "deposit", "cap"), names.money),
    ("d", ("notice", "payment"), names.days),
    ("m", ("renewal",), names.months),
    ("P", ("law",), names.word),
    ("K", ("code",), names.code),
)  # slot of a decoy, the fields it may resemble, how it is drawn
WOVEN = 0.5  # of the sentences of training, those that are woven and not taken from the pools
_TRAINED = hold_out(GENERAL)[0]  # the words every field is written with in training
_CUES = {
    "fee": "month|service",
    "deposit": "deposit|secur|refundable|lodges",
    "cap": "liab|damages|claims",
    "notice": "notice|terminat|end this|ending|cancel",
    "payment": "invoice|payment",
    "renewal": "renew|exten|further terms",
    "law": "law",
    "code": "code|gate|door|site|enter|access|entry|visitors|staff",
}


def special(key: str, split: Split) -> tuple[str, ...]:
    """The skeletons that belong to one field."""
    cue = None if key == "law" else re.compile(_CUES[key], re.I)
    return pool(SPECIAL[key], split, _TRAINED, special_more.SPECIAL[key], cue)


def superseding(key: str, split: Split) -> tuple[str, ...]:
    """The skeletons that state a value next to one that no longer counts."""
    if key == "law":
        return pool(LAW_SUPERSEDED, split, (), special_more.LAW_SUPERSEDED)
    return pool(SUPERSEDED, split, _TRAINED, more.SUPERSEDED)


def refusing(key: str, split: Split) -> tuple[str, ...]:
    """The skeletons that name only a value that does not count."""
    if key == "law":
        return tuple(filter(forward, LAW_REFUSED))
    return pool(REFUSED, split, hold_out(SUPERSEDED, _TRAINED)[0], more.REFUSED)


def _say(rng: random.Random, skeletons: tuple[str, ...], slots: dict[str, str], split: Split) -> str:
    chosen = rng.choice(skeletons)
    return expand(rng, dress(rng, chosen) if split == "train" else chosen, slots)


def clause(rng: random.Random, field: Field, value: int | str, split: Split, manner: Manner) -> str:
    """The sentence that states one fact, sometimes next to a value that no longer counts."""
    if rng.random() < manner.superseded:
        slots = _slots(rng, field, V=value, X=_other(rng, field, split, value, manner.alike))
        if split == "train" and rng.random() < WOVEN:
            return expand(rng, dress(rng, woven.superseded(rng, field.key)), slots)
        return _say(rng, superseding(field.key, split), slots, split)
    own = field.key == "law" or rng.random() < 0.35
    if split == "train" and rng.random() < WOVEN:
        chosen = woven.own(rng, field.key) if own else woven.stated(rng)
        return expand(rng, dress(rng, chosen), _slots(rng, field, V=value))
    skeletons = special(field.key, split) if own else pool(GENERAL, split, (), more.GENERAL)
    return _say(rng, skeletons, _slots(rng, field, V=value), split)


def pair(rng: random.Random, one: Field, two: Field, facts: dict[str, int | str], split: Split) -> str:
    """One sentence with two facts."""
    slots = _slots(rng, one, V=facts[one.key])
    slots |= {"T": rng.choice(two.subjects), "W": f.surface(rng, two, facts[two.key])}
    if split == "train" and rng.random() < WOVEN:
        return expand(rng, woven.paired(rng), slots)
    return _say(rng, pool(PAIRED, split, _TRAINED, more.PAIRED), slots, split)


def _statements(rng: random.Random, facts: dict[str, int | str], split: Split, manner: Manner) -> list[str]:
    """The sentences about the fields, in random order."""
    lines: list[str] = []
    left = [field for field in FIELDS if field.key in facts]
    rng.shuffle(left)
    while left:
        one = left.pop()
        alike = [two for two in left if two.key != "law"] if one.key != "law" else []
        same = [two for two in alike if two.kind == one.kind] or alike
        if same and rng.random() < manner.paired:
            two = rng.choice(same)
            left.remove(two)
            lines.append(pair(rng, one, two, facts, split))
        else:
            lines.append(clause(rng, one, facts[one.key], split, manner))
    for field in FIELDS:
        if field.key not in manner.keys:
            continue
        law = field.key == "law"
        if field.key in facts and rng.random() < manner.refused:
            slots = _slots(rng, field, X=_other(rng, field, split, facts[field.key], manner.alike))
            if split == "train" and rng.random() < WOVEN:
                lines.append(expand(rng, woven.refused(rng, field.key), slots))
            else:
                lines.append(_say(rng, refusing(field.key, split), slots, split))
        if rng.random() < manner.mention:
            slots = _slots(rng, field, X=names.word(rng, split))
            lines.append(expand(rng, rng.choice(LAW_MENTION if law else MENTION), slots))
        if rng.random() < manner.decoy:
            slots = _decoys(rng, facts, split, manner.alike)
            lines.append(expand(rng, rng.choice(DECOY[field.key]), slots))
    rng.shuffle(lines)
    return lines


def _filling(rng: random.Random, split: Split, count: int) -> list[str]:
    lines = []
    for skeleton in rng.sample(filler.FILLER, min(count, len(filler.FILLER))):
        slots = {
            "n": str(names.draw(rng, split, lambda r: r.randint(2, 60))),
            "m": str(names.draw(rng, split, lambda r: r.randint(10, 199))),
            "P": names.word(rng, split),
            "C": f"${names.money(rng, split):,}",
        }
        lines.append(expand(rng, skeleton, slots))
    return lines


def compose(
    rng: random.Random, split: Split, manner: Manner, vendor: str | None = None, places: tuple[str, ...] = ()
) -> Contract:
    """A whole agreement; with `manner.frame` off, only its sentences. `places` limits whose law may govern."""
    vendor = vendor or names.company(rng, split)
    facts = {
        field.key: f.draw(rng, field, split)
        for field in FIELDS
        if field.key in manner.keys and rng.random() < manner.present
    }
    if places and "law" in facts:
        facts["law"] = rng.choice(places)
    while len({value for value in facts.values() if isinstance(value, int)}) < sum(
        isinstance(value, int) for value in facts.values()
    ):  # two fields with one value would make a confused reading look right
        facts |= {key: f.draw(rng, f.BY_KEY[key], split) for key, value in facts.items() if isinstance(value, int)}
    if manner.alike:
        facts = _confused(rng, facts, split, manner.alike)
    lines = _statements(rng, facts, split, manner)
    stuffing = _filling(rng, split, rng.randint(*manner.filler))
    for line in stuffing:
        lines.insert(rng.randint(0, len(lines)), line)
    paragraphs: list[str] = []
    while lines:
        size = rng.choice((1, 1, 2, 2, 3))
        paragraphs.append(" ".join(lines[:size]))
        del lines[:size]
    slots = {"N": vendor, "B": names.company(rng, split), "P": names.word(rng, split)}
    if not manner.frame:
        return Contract(vendor, facts, "", (("", tuple(paragraphs)),))
    paragraphs.insert(0, expand(rng, rng.choice(filler.OPENINGS), slots))
    paragraphs.append(expand(rng, rng.choice(filler.CLOSINGS), slots))
    sections: list[tuple[str, tuple[str, ...]]] = []
    while paragraphs:
        size = rng.randint(2, 6)
        sections.append((rng.choice(filler.HEADINGS), tuple(paragraphs[:size])))
        del paragraphs[:size]
    return Contract(vendor, facts, expand(rng, rng.choice(filler.TITLES), slots), tuple(sections))
