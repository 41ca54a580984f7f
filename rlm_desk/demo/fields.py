"""The eight facts an agreement may state, how each is named, drawn and written."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from rlm_desk.demo import names
from rlm_desk.demo.names import Split

Kind = Literal["money", "days", "months", "place", "code"]


@dataclass(frozen=True)
class Field:
    """One fact: `subjects` are its names in running text, the first one being the canonical name."""

    key: str
    kind: Kind
    subjects: tuple[str, ...]
    question: str

    @property
    def numeric(self) -> bool:
        return self.kind in ("money", "days", "months")


FIELDS: tuple[Field, ...] = (
    Field(
        "fee",
        "money",
        ("monthly fee", "monthly charge", "monthly service fee", "recurring monthly charge", "fee for each month",
         "charge for every month of service", "monthly price of the service", "monthly retainer",
         "service fee per month", "regular monthly payment"),
        "What is the monthly fee?",
    ),
    Field(
        "deposit",
        "money",
        ("security deposit", "deposit", "refundable deposit", "deposit held as security", "initial deposit",
         "deposit lodged by the Customer", "sum held as a deposit", "refundable security", "opening deposit",
         "guarantee deposit"),
        "What is the security deposit?",
    ),
    Field(
        "cap",
        "money",
        ("liability cap", "cap on liability", "limit of liability", "liability limit", "maximum liability",
         "ceiling on liability", "upper limit of liability", "liability ceiling", "cap on damages",
         "highest amount of liability"),
        "What is the liability cap?",
    ),
    Field(
        "notice",
        "days",
        ("notice period", "period of notice", "termination notice", "notice of termination", "notice to terminate",
         "notice required to terminate", "advance notice of termination", "length of notice", "cancellation notice",
         "notice for ending this agreement"),
        "What is the notice period?",
    ),
    Field(
        "payment",
        "days",
        ("payment term", "payment period", "time for payment", "period for paying invoices", "invoice payment period",
         "payment deadline", "time allowed to pay an invoice", "term of payment", "credit period for invoices",
         "invoice deadline"),
        "What is the payment term?",
    ),
    Field(
        "renewal",
        "months",
        ("renewal term", "renewal period", "term of renewal", "length of each renewal", "automatic renewal term",
         "extension term", "extension period", "length of each extension", "period of renewal", "renewal length"),
        "What is the renewal term?",
    ),
    Field(
        "law",
        "place",
        ("governing law", "applicable law", "law of this agreement", "law governing this agreement"),
        "Which law governs?",
    ),
    Field(
        "code",
        "code",
        ("access code", "entry code", "site access code", "gate code", "code for entering the site", "door code",
         "code for access", "entrance code", "visitor code", "site code"),
        "What is the access code?",
    ),
)  # fmt: skip
BY_KEY = {field.key: field for field in FIELDS}

_DRAW: dict[Kind, Callable[[random.Random, Split], int | str]] = {
    "money": names.money,
    "days": names.days,
    "months": names.months,
    "place": names.word,
    "code": names.code,
}
_BOUNDS: dict[Kind, tuple[int, int]] = {"money": (1_000, 99_999), "days": (5, 180), "months": (3, 96)}
_SURFACE: dict[Kind, tuple[str, ...]] = {
    "money": ("${}", "${}", "USD {}", "{} dollars", "US${}", "{} US dollars", "a total of ${}", "the sum of ${}"),
    "days": ("{} days", "{} days", "{} calendar days", "a period of {} days", "{} consecutive days", "{} full days"),
    "months": ("{} months", "{} months", "{} calendar months", "a period of {} months", "{} full months"),
    "place": ("{}",),
    "code": ("{}", "{}", '"{}"', "no. {}"),
}


def draw(rng: random.Random, field: Field, split: Split) -> int | str:
    return _DRAW[field.kind](rng, split)


def like(rng: random.Random, field: Field, split: Split, value: int | str) -> int | str:
    """A value of the field that is easily taken for `value`."""
    made = names.like(rng, split, value, *_BOUNDS.get(field.kind, (0, 0)))
    return draw(rng, field, split) if made is None else made


def answer(value: int | str) -> str:
    """The value as a sub-call must say it, and as the text writes it."""
    return f"{value:,}" if isinstance(value, int) else value


def surface(rng: random.Random, field: Field, value: int | str) -> str:
    """The value as it stands in a sentence, with its unit."""
    return rng.choice(_SURFACE[field.kind]).format(answer(value))
