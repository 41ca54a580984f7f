"""Skeletons woven from parts, for training only: hundreds of shapes where the written pools have tens.

A model of four layers learns a list of forms by heart before it learns what the forms have in common. Here subject,
verb, aside and tail are drawn apart, so that what is left in common is the meaning: which name a value belongs to, and
whether it counts. A sentence that the evaluation keeps for itself is never woven (`kept`).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable
from functools import cache
from itertools import product

from rlm_desk.demo import asking, asking_more, clauses, special, special_more
from rlm_desk.demo import clauses_more as more
from rlm_desk.demo import woven_parts as parts
from rlm_desk.demo.skeletons import hold_out

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SENTENCE = re.compile(r"(?:^|(?<=\. ))[a-z]")
_LOOSE = re.compile(r" +(?=[.,;]| )")  # blanks that an empty choice leaves


@cache
def kept() -> frozenset[str]:
    """Every sentence, slots open, of the forms that are held out, in lower case."""
    pools: list[Iterable[str]] = [
        clauses.GENERAL, clauses.SUPERSEDED, clauses.REFUSED, clauses.PAIRED,
        more.GENERAL, more.SUPERSEDED, more.REFUSED, more.PAIRED,
        special.LAW_SUPERSEDED, special_more.LAW_SUPERSEDED, *special.SPECIAL.values(), *special_more.SPECIAL.values(),
        asking.COMPARE, asking_more.COMPARE,
    ]  # fmt: skip
    trained = hold_out(clauses.GENERAL)[0]
    superseded = hold_out(clauses.SUPERSEDED, trained)[0]
    held: set[str] = set()
    for each in pools:
        for beside in ((), trained, superseded):
            for skeleton in hold_out(tuple(each), beside)[1]:
                held |= set(_readings(skeleton))
    return frozenset(held)


def _readings(skeleton: str) -> Iterable[str]:
    parts = _CHOICE.split(skeleton)
    for words in product(*(part.split("|") if i % 2 else (part,) for i, part in enumerate(parts))):
        yield plain("".join(words))


def plain(text: str) -> str:
    """A sentence as `kept` writes it."""
    return _LOOSE.sub("", text).strip().lower()


def _chosen(rng: random.Random, draw: Callable[[], str]) -> str:
    """A sentence with its choices made that evaluation does not hold out."""
    while True:
        text = _CHOICE.sub(lambda m: rng.choice(m[1].split("|")), draw())
        if plain(text) not in kept():
            return _SENTENCE.sub(lambda m: m[0].upper(), _LOOSE.sub("", text))


def _second(clause: str) -> str:
    return clause.replace("{S}", "{T}").replace("{V}", "{W}")


def stated(rng: random.Random) -> str:
    """One value of any field but the law."""
    if rng.random() < 0.22:
        return _chosen(rng, lambda: rng.choice(parts.LABELS))
    tails = ("", "", "", ", as agreed", ", as signed", " in all")
    return _chosen(rng, lambda: rng.choice(parts.STATED) + rng.choice(tails) + ".")


def own(rng: random.Random, key: str) -> str:
    """One value, in words that belong to its field."""
    return _chosen(rng, lambda: rng.choice(parts.OWN[key]))


def superseded(rng: random.Random, key: str) -> str:
    """A value beside one that no longer counts."""
    if key == "law":
        return _chosen(rng, lambda: rng.choice(parts.LAW_CHANGED))

    def draw() -> str:
        article = rng.choice((f"the {parts.OLD}", "a"))
        shapes = (
            f"The {parts.OLD} {{S}} [of {{X}}|({{X}})|at {{X}}|, {{X}},] {parts.REPLACED} {{V}}.",
            f"{rng.choice(parts.WAS)}[; |, and |, but |. ]{rng.choice(parts.NOW)}.",
            f"[Although|While|Whereas] {rng.choice(parts.WAS)}, {rng.choice(parts.NOW)}.",
            f"{rng.choice(parts.STATED)}{rng.choice(parts.NO_LONGER)}.",
            f"The {{S}}, {parts.BEFORE}, [now|] {parts.VERB} {{V}}.",
            f"[Instead of|In place of|Rather than] {article} {{S}} of {{X}}, the parties {parts.SETTLED} {{V}}.",
        )
        return rng.choice(shapes)

    return _chosen(rng, draw)


def refused(rng: random.Random, key: str) -> str:
    """Only a value that does not count."""
    if key == "law":
        return _chosen(rng, lambda: rng.choice(parts.LAW_LEFT))
    tails = ("", "", ", which no longer applies", ", which was not accepted", "; this was declined", " and was refused")
    return _chosen(rng, lambda: rng.choice(parts.WAS) + rng.choice(tails) + ".")


def paired(rng: random.Random) -> str:
    """Two fields, each with its value."""

    def draw() -> str:
        named, stated, other = rng.choice(parts.NAMED), rng.choice(parts.STATED), _second(rng.choice(parts.STATED))
        sign = rng.choice((": ", " ", " = ", " - "))
        shapes = (
            f"{stated}{rng.choice(parts.JOIN)}{other}.",
            f"[While|Whereas|Although] {other}, {stated}.",
            f"{parts.FRONT} the {named}, {stated}.",
            f"The {{S}}, {parts.BESIDE} the {named}, {parts.VERB} {{V}}.",
            f"The {{S}}, {parts.BESIDE} the {{T}} of {{W}}, [is|shall be|remains] {{V}}.",
            f"The {{S}}, [unlike|in contrast to|as opposed to|different from] the {named}, {parts.VERB} {{V}}.",
            f"a {{S}} of {{V}} {parts.AND_A} {{T}} of {{W}} {parts.BOTH_HOLD}.",
            f"{stated}, {parts.BESIDE} the {named}.",
            f"{{S}}{sign}{{V}}[, |; |. | and ]{{T}}{sign}{{W}}.",
            f"The {{S}}, {parts.ASIDE} [from|and not part of] the {named}, {parts.VERB} {{V}}.",
        )
        return rng.choice(shapes)

    return _chosen(rng, draw)


def compared(rng: random.Random) -> str:
    """A question which of two folders has more or fewer of something."""
    return _chosen(rng, lambda: rng.choice(parts.COMPARED))
