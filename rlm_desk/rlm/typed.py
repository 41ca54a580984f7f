"""Replies of sub-calls as values: what a typed `map` or `classify` accepts, and what it asks again."""

import re
from datetime import date, datetime
from typing import Any

_NONE = re.compile(
    r"(?:none|n/?a|null|nothing|unknown|not (?:stated|given|found|specified|mentioned|available))\W*", re.I
)
# For a whole text; without going back, since a document may hold 50,000 digits in a row.
_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})++|\d++)(?:\.\d++)?")
_LOOSE = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?")
_DATES = ("%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d, %Y", "%m/%d/%Y", "%d.%m.%Y")

MAX_DIGITS = 300
"""No quantity in a document is longer; Python refuses to convert very long ones."""


CLOSED = ("yes_no", "label")
"""Kinds whose replies are a few fixed words: a grammar takes nothing from what a model wants to say."""


class Unusable(ValueError):
    """The reply is no value of the kind asked for."""


def parse(reply: str, kind: str, labels: tuple[str, ...] = ()) -> Any:
    """The value a reply holds; None when it says there is none.

    `kind` is ``text``, ``number`` (int or float), ``date`` (ISO string), ``yes_no`` (bool) or ``label``.

    Raises:
        Unusable: the reply must be asked again.
    """
    text = reply.strip().strip("`").strip()
    if kind == "label":
        return _label(text, labels)
    if not text:
        raise Unusable("an empty reply")
    if _NONE.fullmatch(text):
        return None
    if kind == "number":
        return number(text)
    if kind == "date":
        return _date(text)
    if kind == "yes_no":
        return _yes_no(text)
    return text


def grammar(kind: str, labels: tuple[str, ...] = ()) -> str:
    """GBNF of the replies `parse` accepts for a kind; empty for ``text``, which may be anything."""
    if kind == "label":
        return f"root ::= {' | '.join(_literal(label) for label in labels)}" if labels else ""
    if kind == "yes_no":
        return 'root ::= [Yy] "es" | [Nn] "o" | [Nn] "one"'
    if kind == "number":
        return (
            'root ::= [Nn] "one" | "-"? whole ("." [0-9]{1,12})?\n'
            'whole ::= [0-9]{1,15} | [0-9]{1,3} ("," [0-9] [0-9] [0-9]){1,5}'
        )
    if kind == "date":
        return 'root ::= [Nn] "one" | [0-9] [0-9] [0-9] [0-9] "-" [01] [0-9] "-" [0-3] [0-9]'
    return ""


NONE_ENDS = r"""root ::= "none" | [^n] rest | "n" ([^o] rest)? | "no" ([^n] rest)? | "non" ([^e] rest)?
rest ::= [^\x00]*"""
"""GBNF of any reply, but that one which begins with `none` ends with it: a small model may say it over and over."""
_WORD = re.compile(r"[A-Za-z0-9]+(?:[,.-][A-Za-z0-9]+)*")
WORDS = 1500
"""Different words of a text that an extractive grammar may offer; a longer text is answered freely."""


def extract(kind: str, text: str) -> str:
    """GBNF of the replies that stand in a text: ``none``, or one of its numbers (``number``) or words (``text``).

    For models that were trained to say a value as the text writes it. Empty for other kinds and for texts with too many
    words. Words are plain letters and digits, so that nothing in a document can be anything but a literal.
    """
    if kind not in ("number", "text"):
        return ""
    found = dict.fromkeys(_WORD.findall(text))
    words = [word for word in found if kind == "text" or _NUMBER.fullmatch(word)]
    if len(words) > WORDS:
        return ""
    return "root ::= " + " | ".join(_literal(word) for word in ("none", *words))


def _literal(text: str) -> str:
    """A text as a GBNF literal."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return f'"{"".join(escapes.get(letter, letter) for letter in text)}"'


def number(text: str) -> int | float:
    """The one number in a text, with thousands commas or not. Raises Unusable for none, several or a malformed one."""
    loose = _LOOSE.findall(text)
    if len(loose) != 1 or not _NUMBER.fullmatch(loose[0]):
        raise Unusable(f"not one number: {text[:60]!r}")
    digits = loose[0].replace(",", "")
    if len(digits) > MAX_DIGITS:
        raise Unusable(f"a number of {len(digits):,} digits")
    return float(digits) if "." in digits else int(digits)


def _date(text: str) -> str:
    bare = text.rstrip(".")
    for form in _DATES:
        try:
            return datetime.strptime(bare, form).date().isoformat()
        except ValueError:
            continue
    try:
        return date.fromisoformat(bare[:10]).isoformat()
    except ValueError:
        raise Unusable(f"not a date: {text[:60]!r}") from None


def _yes_no(text: str) -> bool:
    word = re.match(r"\W*(yes|no|true|false)\b", text, re.I)
    if not word:
        raise Unusable(f"neither yes nor no: {text[:60]!r}")
    return word[1].lower() in ("yes", "true")


def _label(text: str, labels: tuple[str, ...]) -> str:
    if text in labels:
        return text
    folded = text.casefold().strip(" .\"'")
    exact = [label for label in labels if label.casefold() == folded]
    found = exact or [label for label in labels if re.search(rf"\b{re.escape(label)}\b", text, re.I)]
    if len(found) != 1:
        raise Unusable(f"not one of the labels: {text[:60]!r}")
    return found[0]
