"""What regular expressions can do with the same agreements: the floor that shows a sub-call is doing work.

Written with the training wordings in view: for each field its cue words, the value pattern, the cue nearest to a value
wins, and sentences that smell of a superseded or refused value count last. It reads no truth and no held-out wording.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MONEY = r"(?:US\$|USD |\$)?(\d{1,3}(?:,\d{3})+)(?: (?:US )?dollars)?"
_DAYS = r"(\d{1,3}) (?:calendar |consecutive |full )?days"
_MONTHS = r"(\d{1,3}) (?:calendar |full )?months"
_CODE = r"\b([A-Z]{2}-\d{4})\b"
_PLACE = r"(?:laws? (?:of|is|is that of) |that of |under )([A-Z][a-z]+)\b|\b([A-Z][a-z]+) law\b"


@dataclass(frozen=True)
class _Reader:
    cue: re.Pattern[str]
    value: re.Pattern[str]
    asked: re.Pattern[str]


def _reader(cue: str, value: str, asked: str) -> _Reader:
    return _Reader(re.compile(cue, re.I), re.compile(value), re.compile(asked, re.I))


_READERS: tuple[_Reader, ...] = (
    _reader(r"deposit|as security|refundable|security", _MONEY, r"deposit|security"),
    _reader(r"liab\w+|damages|capped|claims", _MONEY, r"liab|damages|\bcap\b"),
    _reader(
        r"monthly|per month|(?:each|every|a) month|retainer|fee for|service fee|price of the service|charge",
        _MONEY,
        r"month(?!s)|retainer|service|charge",
    ),
    _reader(r"notice|terminat\w+|cancellation|ending", _DAYS, r"notice|terminat"),
    _reader(r"invoices?|payment|payable|credit period|paying", _DAYS, r"invoice|pay|credit"),
    _reader(r"renew\w*|exten\w+|further terms", _MONTHS, r"renew|exten"),
    _reader(r"law|laws", _PLACE, r"law"),
    _reader(r"code|gate|door|enter", _CODE, r"code"),
)
_STALE = re.compile(
    r"earlier|previous\w*|former\w*|\bold\b|propos\w+|suggested|draft|asked for|refused|declined|cancelled|not accepted"
    r"|no longer|\bnot\b|until now|before|in place of|instead of",
    re.I,
)
_SENTENCE = re.compile(r"(?<=[.;:])\s+(?=[A-Z0-9$\"(-])|\n\s*\n")


def answer(text: str, question: str) -> str:
    """The answer the expressions give, or `none`."""
    bare = re.sub(r"(?:with|of|for|has|by) (?:[A-Z]\w+ ?)+", "", question)
    reader = next((one for one in _READERS if one.asked.search(bare)), None)
    if reader is None:
        return "none"
    best: tuple[float, str] | None = None
    for sentence in _SENTENCE.split(text):
        flat = " ".join(sentence.split())
        stale = [match.end() for match in _STALE.finditer(flat)]
        for cue in reader.cue.finditer(flat):
            for found in reader.value.finditer(flat):
                distance = float(
                    found.start() - cue.end() if found.start() >= cue.end() else cue.start() - found.end() + 15
                )
                if any(0 <= found.start() - at < 60 for at in stale):
                    distance += 150
                value = next(group for group in found.groups() if group)
                if best is None or distance < best[0]:
                    best = (distance, value)
    return best[1] if best else "none"
