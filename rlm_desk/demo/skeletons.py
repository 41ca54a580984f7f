"""Sentence skeletons: `[a|b|c]` is a choice of words, `{S}` a slot; and how one in five is kept for evaluation."""

from __future__ import annotations

import random
import re
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

from rlm_desk.demo.names import Split

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_ARTICLE = re.compile(r"\b([Aa]) (?=[aeiou])")
_UNDECIDED = re.compile(r"(?:An?|The) (?:\{S\}|law) of \{X\}")
_WORD = re.compile(r"[a-z]+")


def expand(rng: random.Random, skeleton: str, slots: Mapping[str, str]) -> str:
    """One sentence: choices made, slots filled, `a` turned into `an`, first letter raised."""
    text = _CHOICE.sub(lambda m: rng.choice(m[1].split("|")), skeleton)
    text = _SLOT.sub(lambda m: slots[m[1]], text)
    text = _ARTICLE.sub(r"\1n ", re.sub(r" {2,}", " ", text).strip())
    return text[:1].upper() + text[1:]


def _words(skeleton: str) -> set[str]:
    return set(_WORD.findall(_SLOT.sub(" ", skeleton).lower()))


@cache
def hold_out(
    skeletons: tuple[str, ...], beside: tuple[str, ...] = (), share: float = 0.22
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(train, eval): the held-out ones use only words that training skeletons of the same field use too.

    `beside` holds training skeletons of other pools the same field is written with. The model learns its language from
    this corpus alone: it can meet new sentences, not new words.
    """
    uses = Counter(word for skeleton in (*skeletons, *beside) for word in _words(skeleton))
    held: list[str] = []
    for skeleton in sorted(skeletons, key=lambda s: zlib.crc32(s.encode())):
        if len(held) >= share * len(skeletons):
            break
        if all(uses[word] >= 2 for word in _words(skeleton)):
            uses.subtract(_words(skeleton))
            held.append(skeleton)
    return tuple(s for s in skeletons if s not in held), tuple(held)


def forward(skeleton: str, cue: re.Pattern[str] | None = None) -> bool:
    """Whether a reader who goes from left to right knows at each value what it is, and whether it counts.

    A model of four layers decides that where the value stands: `cue`, the words that tell one field from another, must
    stand before it. The split into training and evaluation is made before this, so that leaving a form out moves no
    other form.
    """
    if _UNDECIDED.match(skeleton):
        return False
    before, value, _ = skeleton.partition("{V}")
    if not value:
        return True
    if "{S}" in skeleton:
        return "{S}" in before
    return bool(cue.search(before)) if cue else len(_WORD.findall(before.lower())) >= 2


def pool(
    skeletons: Sequence[str],
    split: Split,
    beside: tuple[str, ...] = (),
    more: tuple[str, ...] = (),
    cue: re.Pattern[str] | None = None,
) -> tuple[str, ...]:
    """The skeletons of one split that can be read from left to right; `more` came later and is split on its own."""
    halves = [hold_out(tuple(skeletons), beside), hold_out(more, beside)]
    trained = tuple(one for half in halves for one in half[0] if forward(one, cue))
    held = tuple(one for half in halves for one in half[1] if forward(one, cue))
    if split == "train" or not held:
        return trained
    words = set().union(*map(_words, (*trained, *beside)))
    return tuple(one for one in held if _words(one) <= words) or trained


_OPENERS = (
    "[Under|According to|As stated in|By] section {n},",
    "For this [contract|agreement],",
    "[By|In|With] this clause,",
    "As [agreed|signed|settled],",
    "Unless the parties agree otherwise in writing,",
    "[Throughout|For] the [whole|] term,",
    "It is [agreed|understood|confirmed|clear] that",
    "[The parties|Both parties|The Supplier and the Customer] agree that",
    "In this [agreement|contract|document],",
    "From the first day,",
    "For both parties,",
    "[Here|In short|In the end],",
    "The [Supplier|Customer] [confirms|accepts|knows] that",
    "As a matter of [course|form],",
    "In writing,",
)
_CLOSERS = (
    " [under|in] this [agreement|contract].",
    ", as both parties confirm.",
    ", as [stated|set out] in section {n}.",
    " from the first day.",
    " [throughout|for] the whole term.",
    ", as agreed.",
    " unless this agreement says otherwise.",
    ", which both parties accept.",
    ", and both parties have signed this.",
    " for both parties.",
)
_LOWERED = re.compile(
    r"(The|This|Either|Each|Every|An?|Both|Neither|All|Invoices|Liability|Damages|Notice|Termination|Payment|Staff|There|"
    r"Visitors|Access|Entry|Claims|Total|Extensions?|Renewals?|To|For|What|Whoever|With|By) "
)


def dress(rng: random.Random, skeleton: str) -> str:
    """The skeleton, sometimes with words around it that change nothing, so that a form is more than one sentence."""
    if rng.random() < 0.3 and _LOWERED.match(skeleton):
        skeleton = f"{rng.choice(_OPENERS)} {skeleton[0].lower()}{skeleton[1:]}"
    if rng.random() < 0.15 and skeleton.endswith(".") and ";" not in skeleton and "{X}" not in skeleton:
        skeleton = skeleton[:-1] + rng.choice(_CLOSERS)
    return skeleton
