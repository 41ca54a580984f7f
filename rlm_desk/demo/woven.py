"""Skeletons woven from parts, for training only: hundreds of sentence shapes where the written pools have tens.

A model of four layers learns a list of forms by heart before it learns what the forms have in common. Here subject, verb,
aside and tail are drawn apart, so that what is left in common is the meaning: which name a value belongs to, and whether
it counts. A sentence that the evaluation keeps for itself is never woven (`_kept`).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable
from functools import cache
from itertools import product

from rlm_desk.demo import clauses, special
from rlm_desk.demo import clauses_more as more
from rlm_desk.demo.skeletons import hold_out

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SENTENCE = re.compile(r"(?:^|(?<=\. ))[a-z]")
_LOOSE = re.compile(r" +(?=[.,;]| )")  # blanks that an empty choice leaves

# `S` and `V` stand for a field's name and its value; `pair` renames them for the second field.
_STATED = (
    "the {S} [is|shall be|will be|equals|comes to|amounts to|stands at|remains] {V}",
    "the {S} [has been|was|is|is hereby] [set|fixed|agreed|settled|entered|put] at {V}",
    "the [agreed|final] {S} [is|equals|comes to|amounts to] {V}",
    "the {S} [for|in|under|of] this [contract|agreement] [is|comes to|stands at|shall be] {V}",
    "the {S} between the parties [is|amounts to|stands at] {V}",
    "the {S} [stated|named|given] in section {n} [is|comes to|amounts to] {V}",
    "a {S} of {V} [applies|is agreed|has been agreed|was fixed|is in force|has been signed]",
    "there [is|shall be|will be] a {S} of {V}",
    "the parties [agree|agreed|have agreed|have settled] on a {S} of {V}",
    "the parties [set|fix|fixed|put] the {S} at {V}",
    "both parties [accept|confirm|sign] a {S} of {V}",
    "the [Supplier|Customer] [accepts|confirms] a {S} of {V}",
    "as the {S}, {V} [is agreed|applies|is entered|has been fixed]",
    "for the {S}, {V} [is agreed|applies|is entered|has been fixed]",
    "this [contract|agreement] [has|carries|states|contains] a {S} of {V}",
    "section {n} [states|gives|records|shows] a {S} of {V}",
    "section {n} [puts|sets|fixes] the {S} at {V}",
)
_NAMED = (
    "{T} of {W}",
    "{T} ({W})",
    "{T} of {W}",
    "{T}, which [is|comes to|stands at|amounts to] {W}",
    "{T} amounting to {W}",
    "{T} fixed at {W}",
    "{T}, namely {W}",
)
_BESIDE = "[beside|apart from|in addition to|separate from|as opposed to|not part of|next to|together with]"
_FRONT = "[Unlike|Apart from|In addition to|Next to|Beside|As opposed to|Separate from|Together with|Aside from]"
_VERB = "[is|comes to|amounts to|stands at|equals|shall be|has been fixed at|is set at|was agreed at]"
_JOIN = (", and ", "; ", ", while ", ", whereas ", ", but ", "; apart from that, ", "; in addition, ", ". ", " and ")

_OLD = "[old|former|earlier|previous|first]"
_OLD_PAPER = "[an earlier draft|the old agreement|the former agreement|the first proposal|the previous contract|a first draft]"
_WAS = (
    "the {S} [was|used to be|had been|was once|was at first] {X}",
    f"the {_OLD} {{S}} [was|stood at|came to] {{X}}",
    f"{_OLD_PAPER} [had|gave|named|stated] a {{S}} of {{X}}",
    f"{_OLD_PAPER} [had|gave|put] the {{S}} [as|at] {{X}}",
    "a {S} of {X} was [proposed|suggested|discussed|refused|declined|withdrawn]",
)
_NOW = (
    "it is now {V}",
    "[now|today|from now on] it [is|comes to|stands at] {V}",
    "the {S} is now {V}",
    "the new {S} [is|comes to] {V}",
    "the {S} [agreed|signed|settled|in force] is {V}",
    "the parties [agreed|settled|have settled] on {V}",
    "this one has {V}",
    "the final figure is {V}",
)
_REPLACED = (
    "[is replaced by|gives way to|makes room for|was changed to|has been changed to|was raised to|was lowered to|"
    "is followed by|was cancelled and replaced by|was replaced by]"
)
_NO_LONGER = (
    ", no longer {X}",
    ", not {X}",
    " and not {X}",
    ", after {X} before",
    ", where it was {X} before",
    " (before: {X})",
    " (formerly {X})",
    "; the [former|old|earlier] {X} no longer applies",
    "; an earlier figure of {X} was [withdrawn|refused|cancelled]",
    ", replacing the [former|old|previous] {X}",
    f", while {_OLD_PAPER} [had|gave|named] {{X}}",
    f", although {_OLD_PAPER} [had|gave|named] {{X}}",
    " instead of the [former|old|earlier] {X}",
)

_INVOICE = "[Invoices|All invoices|Invoices of the Supplier|The Supplier's invoices|Bills]"
_NOTICE = "[notice of {V}|{V} of notice|{V} notice|a notice of {V}|written notice of {V}|{V} of written notice]"
_OWN: dict[str, tuple[str, ...]] = {
    "fee": (
        "[Each month|Every month|Per month|Monthly] the Customer [pays|owes|transfers|settles] {V} [to the Supplier|for the service|].",  # noqa: E501
        "[For|In return for] [the service|its service|each month of service|a month of service] [the Supplier receives|the Supplier charges|the Customer pays|the Customer owes] {V} [a month|per month|each month].",  # noqa: E501
        "[The service|A month of service|Each month of service] [costs|comes to|is charged at|is billed at|is priced at] {V} [a month|per month|].",  # noqa: E501
        "The [monthly|regular monthly|recurring monthly] [sum|amount|bill|price|rate] [is|comes to|amounts to|has been set at] {V}.",  # noqa: E501
    ),
    "deposit": (
        "[As security|As a deposit|On signature|By way of security] the Customer [lodges|places|pays|hands over] [a deposit of|security of|a refundable sum of] {V} [with the Supplier|].",  # noqa: E501
        "The Supplier [holds|keeps|receives|has received] [a deposit of|security of|a refundable deposit of] {V} [until the end of the term|for the Customer|].",  # noqa: E501
        "The [deposit|security|refundable sum] [lodged|placed|held|paid] [by the Customer|with the Supplier|on signature] [is|comes to|amounts to] {V}.",  # noqa: E501
    ),
    "cap": (
        "[Liability|The liability of the Supplier|The Supplier's liability|Total liability|All liability] [is limited to|is capped at|ends at|may not exceed|does not go beyond|stops at] {V}.",  # noqa: E501
        "[Damages|Claims for damages|All damages|All claims] [are limited to|are capped at|may not exceed|end at|do not exceed] {V} [in total|in all|].",  # noqa: E501
        "[The Supplier|A party|Either party|Each party] is liable [up to|for no more than|for at most|only up to] {V}.",
        "[The Supplier|Neither party] is [not|] liable [beyond|above|for more than] {V}.",
    ),
    "notice": (
        f"[Either party|Each party|A party|The Supplier or the Customer] [may|can] [end|terminate|cancel] this [agreement|contract] [with|on|after|by|subject to] {_NOTICE}.",  # noqa: E501
        f"[To end|To terminate|To cancel|For ending|For terminating] this [agreement|contract], {_NOTICE} is [needed|required|given].",  # noqa: E501
        f"[Termination|Cancellation|Ending this agreement] [requires|needs|takes|calls for|is possible with] {_NOTICE}.",
        "Notice [of termination|to terminate|to end this contract|of cancellation] is [given|sent|due] {V} [in advance|before|ahead|before the end].",  # noqa: E501
        "Notice of {V} is [needed|given|due] [to terminate|for termination|by whoever ends this agreement].",
    ),
    "payment": (
        f"{_INVOICE} [are paid|are payable|are due|are settled|fall due|must be paid] [within|in|after|no later than] {{V}} [of receipt|of their date|after receipt|].",  # noqa: E501
        "[An invoice|Each invoice|Every invoice] [is paid|is payable|is due|is settled|falls due|must be paid] [within|in|after|no later than] {V} [of receipt|of its date|after receipt|].",  # noqa: E501
        "[The Customer has|The Customer is given] {V} [to pay an invoice|to settle an invoice|for the payment of invoices].",
        "[Payment|Payment of an invoice|Payment of each invoice] is [due|made|to be made] [within|in|after] {V} [of receipt|].",
    ),
    "renewal": (
        "[This agreement|The agreement|This contract|The term] [renews|is renewed|is extended|is automatically renewed|then renews] [by|for|for a further|for another|by another] {V} [each time|at the end of the term|at its end|].",  # noqa: E501
        "[Each renewal|Each extension|Every renewal|Every extension|A renewal|An extension] [lasts|runs for|is for|adds|comes to] {V}.",  # noqa: E501
        "[At the end of the term|Unless ended|When the term ends|After the first term], this [agreement|contract] [renews|is renewed|is extended|renews itself] [by|for] {V}.",  # noqa: E501
    ),
    "code": (
        "[Visitors|Staff|Drivers|Staff of the Supplier] [use|enter|type] [code|the code|] {V} at the [gate|door|entrance].",
        "The [gate|door|site|entrance] [opens|is opened|is entered|unlocks] with [code|the code|] {V}.",
        "[For access|For entry|To enter the site|To open the gate|At the gate|At the door], [use|enter|type] [code|] {V}.",
        "The code [for the gate|for the door|for access|for visitors|of the site|that opens the gate] is {V}.",
    ),
    "law": (
        "[This agreement|This contract|The agreement|The contract] is [governed by|subject to|made under|construed under|read under] [the law of|the laws of] {V}.",  # noqa: E501
        "[This agreement|This contract] is [governed by|subject to|under] {V} law.",
        "[The parties|Both parties] [choose|have chosen|agree on|have agreed on|settled on|accept] [the law of {V}|{V} law|that the law of {V} applies].",  # noqa: E501
        "The [governing law|applicable law|law chosen|law agreed|law that applies] is [that of {V}|the law of {V}|{V} law].",
        "[As|For] [the governing law|the applicable law|law], [the parties have agreed on|the parties choose|both parties accept] [that of {V}|the law of {V}].",  # noqa: E501
        "[Claims|Questions|Disputes] [under|about] this [contract|agreement] are [decided|settled|answered] [under|by] the law of {V}.",  # noqa: E501
    ),
}
_LAW_CHANGED = (
    "The [governing law|applicable law] is [now|] that of {V}[, no longer that of {X}|, not that of {X}| and not that of {X}|; it was that of {X}].",  # noqa: E501
    "[The old agreement|The former contract|An earlier draft] [was under|named|followed] [the law of {X}|{X} law]; [this one is under|the parties now choose|this one follows] [the law of {V}|{V} law].",  # noqa: E501
    "[Instead of|In place of|Rather than] [the law of {X}|{X} law|that of {X}], [the law of {V}|{V} law] [applies|governs this agreement|now applies].",  # noqa: E501
    "This [agreement|contract] [was once|was at first|used to be] under [the law of {X}|{X} law] and is now under [the law of {V}|{V} law].",  # noqa: E501
    "The law of {X} was [proposed|refused|declined|discussed]; the parties [chose|have chosen|agreed on] [that of {V}|the law of {V}].",  # noqa: E501
    "The parties [leave|left] [the law of {X}|{X} law] and [choose|chose] [that of {V}|the law of {V}|{V} law].",
)
_LAW_LEFT = (
    "[The old agreement|The former contract|An earlier draft] [was under|named|was governed by] the law of {X}.",
    "The law of {X} was [proposed|suggested|discussed] [but not accepted|but refused|and declined].",
    "The parties [refused|declined|dropped] [the law of {X}|{X} law].",
)


@cache
def _kept() -> frozenset[str]:
    """Every sentence, slots open, of the forms that are held out."""
    pools: list[Iterable[str]] = [
        clauses.GENERAL, clauses.SUPERSEDED, clauses.REFUSED, clauses.PAIRED, more.GENERAL, more.SUPERSEDED, more.REFUSED,
        more.PAIRED, special.LAW_SUPERSEDED, more.LAW_SUPERSEDED, *special.SPECIAL.values(), *more.SPECIAL.values(),
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
        yield _plain("".join(words))


def _plain(text: str) -> str:
    return re.sub(r" {2,}", " ", text).strip().lower()


def _chosen(rng: random.Random, draw: Callable[[], str]) -> str:
    """A sentence with its choices made that evaluation does not hold out."""
    while True:
        text = _CHOICE.sub(lambda m: rng.choice(m[1].split("|")), draw())
        if _plain(text) not in _kept():
            return _SENTENCE.sub(lambda m: m[0].upper(), _LOOSE.sub("", text))


def _second(clause: str) -> str:
    return clause.replace("{S}", "{T}").replace("{V}", "{W}")


def stated(rng: random.Random) -> str:
    """One value of any field but the law."""
    return _chosen(rng, lambda: rng.choice(_STATED) + rng.choice(("", "", "", ", as agreed", ", as signed", " in all")) + ".")


def own(rng: random.Random, key: str) -> str:
    """One value, in words that belong to its field."""
    return _chosen(rng, lambda: rng.choice(_OWN[key]))


def superseded(rng: random.Random, key: str) -> str:
    """A value beside one that no longer counts."""
    if key == "law":
        return _chosen(rng, lambda: rng.choice(_LAW_CHANGED))

    def draw() -> str:
        shape = rng.randrange(6)
        if shape == 0:
            return f"The {_OLD} {{S}} {rng.choice(('of {X}', '({X})', 'at {X}', ', {X},'))} {_REPLACED} {{V}}."
        if shape == 1:
            return f"{rng.choice(_WAS)}{rng.choice(('; ', ', and ', ', but ', '. '))}{rng.choice(_NOW)}."
        if shape == 2:
            return f"[Although|While|Whereas] {rng.choice(_WAS)}, {rng.choice(_NOW)}."
        if shape == 3:
            return f"{rng.choice(_STATED)}{rng.choice(_NO_LONGER)}."
        if shape == 4:
            before = "[formerly {X}|once {X}|at first {X}|earlier {X}|which was {X} before|which had been {X}|having been {X}]"
            return f"The {{S}}, {before}, [now|] {_VERB} {{V}}."
        article = f"[a {{S}} of {{X}}|the {_OLD.replace('|', ' {S} of {X}|the ')[1:-1]} {{S}} of {{X}}]"
        return f"[Instead of|In place of|Rather than] {article}, the parties [agree on|have agreed on|settled on] {{V}}."

    return _chosen(rng, draw)


def refused(rng: random.Random, key: str) -> str:
    """Only a value that does not count."""
    if key == "law":
        return _chosen(rng, lambda: rng.choice(_LAW_LEFT))
    tails = ("", "", ", which no longer applies", ", which was not accepted", "; this was declined", " and was refused")
    return _chosen(rng, lambda: rng.choice(_WAS) + rng.choice(tails) + ".")


def paired(rng: random.Random) -> str:
    """Two fields, each with its value."""

    def draw() -> str:
        named, stated = rng.choice(_NAMED), rng.choice(_STATED)
        shape = rng.randrange(7)
        if shape == 0:
            return f"{stated}{rng.choice(_JOIN)}{_second(rng.choice(_STATED))}."
        if shape == 1:
            return f"[While|Whereas|Although] {_second(rng.choice(_STATED))}, {stated}."
        if shape == 2:
            return f"{_FRONT} the {named}, {stated}."
        if shape == 3:
            return f"The {{S}}, {_BESIDE} the {named}, {_VERB} {{V}}."
        if shape == 4:
            return f"{stated}, {_BESIDE} the {named}."
        if shape == 5:
            sign = rng.choice((": ", " ", " = ", " - "))
            return f"{{S}}{sign}{{V}}{rng.choice((', ', '; ', '. ', ' and '))}{{T}}{sign}{{W}}."
        aside = "[which is another matter|a different thing|which is separate|set out in section {n}]"
        return f"The {{S}}, {aside} [from|and not part of] the {named}, {_VERB} {{V}}."

    return _chosen(rng, draw)
