"""Question wordings. `{S}` the field, `{N}` a vendor, `{O}` a comparison (`above 60 days`), `{F}` and `{G}` folders."""

from __future__ import annotations

import random

from rlm_desk.demo import asking_more as more
from rlm_desk.demo.fields import Field, answer
from rlm_desk.demo.names import Split
from rlm_desk.demo.skeletons import expand, pool

BARE: tuple[str, ...] = (
    "What is the {S}?",
    "What {S} [is|was|has been] agreed?",
    "What {S} does the [agreement|contract] [state|set|give]?",
    "State the {S}.",
    "Give the {S}.",
    "Which {S} [applies|is agreed]?",
    "What does the [agreement|contract] say about the {S}?",
    "Tell me the {S}.",
    "What is the agreed {S}?",
    "What is the {S} [in|under] this [agreement|contract]?",
    "Find the {S}.",
    "What [figure|value] is given for the {S}?",
    "What is stated as the {S}?",
    "[Please give|Please state] the {S}.",
    "What have the parties agreed as the {S}?",
    "Under this [agreement|contract], what is the {S}?",
    "The {S}?",
    "Can you find the {S}?",
    "What [value|figure] does the {S} have?",
    "What does the {S} [come to|amount to]?",
    "I need the {S}.",
    "Look up the {S}.",
)
VENDOR: tuple[str, ...] = (
    "What is the {S} of {N}?",
    "What is {N}'s {S}?",
    "What is the {S} [in the agreement with|in the contract with|agreed with|for] {N}?",
    "What {S} does the [agreement|contract] with {N} [state|set|give]?",
    "State the {S} [of|for] {N}.",
    "Give the {S} of {N}.",
    "Which {S} [applies to|is agreed with|was agreed with] {N}?",
    "What does the [agreement|contract] with {N} say about the {S}?",
    "Tell me the {S} [of|for] {N}.",
    "What {S} has {N} agreed to?",
    "What {S} has been agreed with {N}?",
    "Find the {S} of {N}.",
    "For {N}, what is the {S}?",
    "In the [agreement|contract] with {N}, what is the {S}?",
    "[Please give|Please state] the {S} of {N}.",
    "Under the [agreement|contract] with {N}, what is the {S}?",
    "{N}: what is the {S}?",
    "Can you find the {S} of {N}?",
    "What [figure|value] is given as the {S} of {N}?",
    "What {S} does {N} have?",
    "I need the {S} of {N}.",
    "Look up the {S} [of|for] {N}.",
    "With {N}, what {S} was agreed?",
)
SPECIAL_BARE: dict[str, tuple[str, ...]] = {
    "fee": (
        "How much does the Customer pay [each month|per month|every month]?",
        "How much is the {S}?",
        "What does the service cost per month?",
        "How much is charged each month?",
        "How high is the {S}?",
    ),
    "deposit": (
        "How much is the {S}?",
        "How much is held as security?",
        "What deposit does the Customer lodge?",
        "How high is the {S}?",
        "How much is held as a deposit?",
    ),
    "cap": (
        "How much is the {S}?",
        "To what amount is liability [limited|capped]?",
        "How high is the {S}?",
        "What is the most the Supplier is liable for?",
        "Up to what amount is the Supplier liable?",
    ),
    "notice": (
        "How long is the {S}?",
        "How many days of notice are required?",
        "How many days of notice must a party give to [terminate|end] the agreement?",
        "How many days is the {S}?",
        "What notice is required to terminate?",
    ),
    "payment": (
        "How long is the {S}?",
        "Within how many days are invoices [due|payable|paid]?",
        "How many days does the Customer have to pay an invoice?",
        "How many days is the {S}?",
        "When are invoices due, in days?",
    ),
    "renewal": (
        "How long is the {S}?",
        "For how many months does the agreement renew?",
        "How many months does each [renewal|extension] last?",
        "How many months is the {S}?",
        "By how many months is the agreement extended?",
    ),
    "law": (
        "Which law governs?",
        "Which law governs the [agreement|contract]?",
        "Which law applies?",
        "Under which law is the [agreement|contract] made?",
        "The law of which place governs the agreement?",
        "Whose law governs?",
    ),
    "code": (
        "Which code opens the [gate|door]?",
        "What code do visitors [use|enter]?",
        "Which code gives access to the site?",
        "With what code is the site entered?",
        "What is the code for the [gate|door]?",
    ),
}
COUNT: tuple[str, ...] = (
    "How many [agreements|contracts|vendors|suppliers|documents] have a {S} {O}?",
    "How many of the [agreements|contracts] have a {S} {O}?",
    "In how many [agreements|contracts] is the {S} {O}?",
    "Count the [agreements|contracts|vendors] with a {S} {O}.",
    "How many [agreements|contracts|vendors] are there with a {S} {O}?",
    "What is the number of [agreements|contracts] with a {S} {O}?",
    "For how many [vendors|suppliers] is the {S} {O}?",
    "How many [vendors|suppliers] have agreed to a {S} {O}?",
    "Tell me how many [agreements|contracts] have a {S} {O}.",
    "Give the number of [agreements|vendors] whose {S} is {O}.",
    "Of all [agreements|contracts], how many have a {S} {O}?",
    "How often is the {S} {O}?",
    "Count all [agreements|contracts|vendors|suppliers] whose {S} is {O}.",
    "How many [agreements|contracts] state a {S} {O}?",
    "The number of [contracts|agreements] with a {S} {O}?",
    "Please count the [agreements|contracts] that have a {S} {O}.",
    "How many [agreements|contracts] are there whose {S} is {O}?",
    "How many times is a {S} {O} agreed?",
    "I need the number of [agreements|vendors] with a {S} {O}.",
    "Among the [agreements|contracts], how many have a {S} {O}?",
    "Find out how many [agreements|vendors] have a {S} {O}.",
)
LIST: tuple[str, ...] = (
    "List the [vendors|suppliers] with a {S} {O}.",
    "List all [vendors|suppliers] whose {S} is {O}.",
    "Which [vendors|suppliers] have a {S} {O}?",
    "Name the [vendors|suppliers] with a {S} {O}.",
    "Name all [vendors|suppliers] that have a {S} {O}.",
    "Give me the [vendors|suppliers] whose {S} is {O}.",
    "Which [agreements|contracts] have a {S} {O}?",
    "List every [vendor|supplier] with a {S} {O}.",
    "Show the [vendors|suppliers] with a {S} {O}.",
    "For which [vendors|suppliers] is the {S} {O}?",
    "Who has a {S} {O}?",
    "What [vendors|suppliers] have a {S} {O}?",
    "Find all [vendors|suppliers] with a {S} {O}.",
    "Show all [agreements|contracts] whose {S} is {O}.",
    "Please list the [vendors|suppliers] that have a {S} {O}.",
    "Which of the [vendors|suppliers] have agreed to a {S} {O}?",
    "In which [agreements|contracts] is the {S} {O}?",
    "I need a list of the [vendors|suppliers] with a {S} {O}.",
    "Find the [vendors|suppliers] whose {S} is {O}.",
    "Tell me which [vendors|suppliers] have a {S} {O}.",
    "Which are the [vendors|suppliers] with a {S} {O}?",
)
EXTREME: tuple[str, ...] = (
    "Which [vendor|supplier] has the {E} {S}?",
    "Who has the {E} {S}?",
    "Name the [vendor|supplier] with the {E} {S}.",
    "Which [agreement|contract] has the {E} {S}?",
    "Find the [vendor|supplier] with the {E} {S}.",
    "With which [vendor|supplier] is the {S} the {E}?",
    "What [vendor|supplier] has the {E} {S}?",
    "Tell me which [vendor|supplier] has the {E} {S}.",
    "Which of the [vendors|suppliers] has the {E} {S}?",
    "The {E} {S} is agreed with which [vendor|supplier]?",
    "Whose {S} is the {E}?",
    "Which [vendor|supplier] has agreed to the {E} {S}?",
    "Give the [vendor|supplier] with the {E} {S}.",
    "Of all [vendors|suppliers], who has the {E} {S}?",
    "Which [vendor|supplier], of all, has the {E} {S}?",
    "Please name the [vendor|supplier] whose {S} is the {E}.",
    "Who, among the [vendors|suppliers], has the {E} {S}?",
    "For which [vendor|supplier] is the {S} the {E}?",
    "Show the [vendor|supplier] with the {E} {S}.",
    "In which [agreement|contract] is the {S} the {E}?",
    "Find out who has the {E} {S}.",
)
COMPARE: tuple[str, ...] = (
    "Which folder has {M} [agreements|contracts|vendors] with a {S} {O}, {F} or {G}?",
    "Does {F} or {G} have {M} [agreements|contracts] with a {S} {O}?",
    "Are there {M} [agreements|contracts] with a {S} {O} in {F} or in {G}?",
    "Which of {F} and {G} has {M} [agreements|contracts|vendors] with a {S} {O}?",
    "Compare {F} and {G}: which has {M} [agreements|contracts] with a {S} {O}?",
    "Between {F} and {G}, which folder has {M} [agreements|contracts] with a {S} {O}?",
    "Where are there {M} [agreements|contracts] with a {S} {O}, in {F} or in {G}?",
    "Of the folders {F} and {G}, which one has {M} [agreements|vendors] with a {S} {O}?",
    "Who has {M} [agreements|contracts] with a {S} {O}, {F} or {G}?",
    "{F} or {G}: which has {M} [agreements|contracts|vendors] with a {S} {O}?",
    "In which folder, {F} or {G}, do {M} [agreements|contracts] have a {S} {O}?",
    "Does the folder {F} or the folder {G} have {M} [vendors|suppliers] with a {S} {O}?",
    "Which folder, {F} or {G}, has {M} [agreements|contracts] with a {S} {O}?",
    "Tell me which folder has {M} [agreements|contracts] with a {S} {O}, {F} or {G}.",
    "Do {M} [vendors|suppliers] have a {S} {O} in {F} or in {G}?",
    "Find out which of {F} and {G} has {M} [agreements|vendors] with a {S} {O}.",
    "Is it {F} or {G} that has {M} [agreements|contracts] with a {S} {O}?",
    "Which folder has {M} [contracts|suppliers] whose {S} is {O}: {F} or {G}?",
    "Of {F} and {G}, which has {M} [agreements|contracts] whose {S} is {O}?",
    "Name the folder with {M} [agreements|contracts] that have a {S} {O}, {F} or {G}.",
    "Comparing {F} with {G}, which has {M} [contracts|agreements] with a {S} {O}?",
)
LAW_COUNT: tuple[str, ...] = (
    "How many [agreements|contracts] are governed by the law of {P}?",
    "How many [agreements|contracts] are subject to the law of {P}?",
    "Count the [agreements|contracts] governed by {P} law.",
    "In how many [agreements|contracts] does the law of {P} apply?",
    "To how many [agreements|contracts] does {P} law apply?",
    "What is the number of [agreements|contracts] governed by the law of {P}?",
    "Count the [agreements|contracts] subject to {P} law.",
)
LAW_LIST: tuple[str, ...] = (
    "Which [vendors|suppliers] are governed by the law of {P}?",
    "List the [vendors|suppliers] whose agreement is governed by the law of {P}.",
    "Name the [vendors|suppliers] whose agreement is governed by {P} law.",
    "List the [agreements|contracts] governed by the law of {P}.",
    "Which [agreements|contracts] are governed by {P} law?",
    "Name the [agreements|contracts] governed by {P} law.",
    "List the [vendors|suppliers] governed by {P} law.",
)
OPERATORS: dict[str, tuple[str, ...]] = {
    ">": ("above", "above", "over", "of more than", "greater than", "longer than", "higher than", "exceeding"),
    "<": ("below", "below", "under", "of less than", "smaller than", "shorter than", "lower than"),
    ">=": ("of at least", "of no less than", "not below"),
    "<=": ("of at most", "of no more than", "not above", "of up to"),
    "==": ("of exactly", "equal to", "of just"),
}
HIGH = ("highest", "largest", "greatest", "biggest", "longest")
LOW = ("lowest", "smallest", "least", "shortest")
MORE, FEWER = ("more",), ("fewer", "less")


def amount(field: Field, value: int | str) -> str:
    """A threshold as a question writes it."""
    shapes = {"money": "${}", "days": "{} days", "months": "{} months"}
    return shapes.get(field.kind, "{}").format(answer(value))


def comparison(rng: random.Random, field: Field, operator: str, value: int, *, canonical: bool = False) -> str:
    words = OPERATORS[operator]
    if field.kind == "money":
        words = tuple(w for w in words if w not in ("longer than", "shorter than"))
    else:
        words = tuple(w for w in words if w not in ("higher than", "smaller than", "lower than"))
    return f"{words[0] if canonical else rng.choice(words)} {amount(field, value)}"


def bare(rng: random.Random, field: Field, split: Split) -> str:
    """The field's question over one document."""
    general = BARE if field.kind not in ("place",) else BARE[:16]
    special = rng.random() < (0.5 if field.kind == "place" else 0.25)
    skeletons = SPECIAL_BARE[field.key] if special else pool(general, split, (), more.BARE if general is BARE else ())
    return expand(rng, rng.choice(skeletons), {"S": rng.choice(field.subjects)})


def vendor(rng: random.Random, field: Field, split: Split, name: str) -> str:
    """The field's question naming one vendor."""
    return expand(rng, rng.choice(pool(VENDOR, split, (), more.VENDOR)), {"S": rng.choice(field.subjects), "N": name})


def canonical_count(field: Field, operator: str, value: int | str) -> str:
    """The count question a root hands to its children."""
    if isinstance(value, str):
        return f"How many agreements are governed by the law of {value}?"
    words = f"{OPERATORS[operator][0]} {amount(field, value)}"
    return f"How many agreements have a {field.subjects[0]} {words}?"
