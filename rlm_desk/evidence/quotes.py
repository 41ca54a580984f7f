"""Every quotation, number, date and name of an answer, looked up in the passages it rests on.

`verified` means: there, in a cited span. What stands only somewhere else in the documents is said to stand
elsewhere: a match somewhere in a million words proves nothing.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from rlm_desk.corpus import Corpus, Span
from rlm_desk.evidence import finding
from rlm_desk.evidence.lookup import UNITS, date_pattern, number_pattern, occurrences, words_pattern

Kind = Literal["quotation", "date", "number", "name"]
Verdict = Literal["verified", "elsewhere", "missing"]


@dataclass(frozen=True, slots=True)
class Claim:
    """Something an answer says that can be looked up."""

    kind: Kind
    text: str
    start: int
    """Offset in the answer."""
    pattern: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A claim and what became of looking it up."""

    claim: Claim
    verdict: Verdict
    span: Span | None
    """Where it stands; None when it is missing."""
    document: str = ""
    page: str = ""
    """Its document's name and page label, where it stands."""
    place: str = ""
    """The page in words: `p. 3`, `sheet Prices!A1:D40`."""
    source: int = 0
    """Number of the source it was verified in."""


_UNIT = "|".join(re.escape(unit) for unit in sorted({unit for row in UNITS for unit in row}, key=len, reverse=True))
_QUOTATION = re.compile(r"“([^“”]{2,5000})”|\"([^\"\n]{2,5000})\"|«\s?([^«»]{2,5000}?)\s?»|„([^„“”]{2,5000})[“”]")
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_DATE = re.compile(
    rf"\b\d{{4}}-\d{{2}}-\d{{2}}\b|\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH},?\s+\d{{4}}\b"
    rf"|\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}\b"
)
_NUMBER = re.compile(
    rf"(?:(?<!\w)({_UNIT})\s?)?(?<![\w.,-])(\d{{1,3}}(?:[,'\u00a0]\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    rf"(?![\w]|[.,]\d|-\w)(?:[\s-]?({_UNIT})(?!\w))?"
)
_CODE = re.compile(r"(?<![\w-])(?=[\w/-]*\d)(?=[\w/-]*[A-Za-z])[A-Za-z0-9]+(?:[-/][A-Za-z0-9]+)*(?![\w-])")
_NAME = re.compile(
    r"(?<!\w)[^\W\d_a-z][\w’'&-]*"
    r"(?:[ \u00a0](?:of |de |van |von |and |& |the )?[^\W\d_a-z][\w’'&-]*)*"
)
_FILLER = frozenset(
    "A According All An And As At Both But By Each Every For From However I If In It Its No None Not Of On One Only "
    "Or So That The Their There These They This Those To Two Under We What When Which While With Yes You".split()
)


def check(
    answer: str, corpus: Corpus, cited: Sequence[Span], of: Callable[[Claim], Collection[int]] | None = None
) -> tuple[Checked, ...]:
    """Look up every claim of `answer`, in the order it makes them.

    Args:
        answer: what is checked.
        corpus: the documents of its run.
        cited: the passages it rests on; the first is source 1.
        of: the numbers of the sources that a claim's own statement cites, where it is to be found in those only.
    """
    found = []
    for claim in claims(answer):
        numbers = range(1, len(cited) + 1) if of is None else sorted(of(claim))
        hits = ((number, at) for number in numbers for at in _places(claim, corpus.text, cited[number - 1]))
        number, span = next(hits, (0, None))
        verdict: Verdict = "verified"
        if span is None:
            verdict = "elsewhere"
            span = finding.first(claim.kind, claim.text, claim.pattern, corpus)
        place = corpus.locate(span.start) if span else None
        if span is None or place is None:
            found.append(Checked(claim, "missing", None))
        else:
            document, page = place[0].document, place[1]
            found.append(Checked(claim, verdict, span, document.name, page.label, document.place(page), number))
    return tuple(found)


def claims(answer: str) -> list[Claim]:
    """What can be looked up, in order; nothing is counted twice."""
    taken: list[Claim] = []
    for reader in (_quotations, _dates, _codes, _numbers, _names):
        for claim in reader(answer):
            end = claim.start + len(claim.text)
            if not any(claim.start < other.start + len(other.text) and other.start < end for other in taken):
                taken.append(claim)
    return sorted(taken, key=lambda claim: claim.start)


def _places(claim: Claim, text: str, span: Span) -> Iterator[Span]:
    return occurrences(claim.pattern, text, span.start, span.end)


def _quotations(answer: str) -> Iterator[Claim]:
    for match in _QUOTATION.finditer(answer):
        group = match.lastindex or 1
        text = match[group].strip()
        # A quotation may end with the sentence's comma or full stop, which is the answer's own.
        text = text.rstrip(",.;").rstrip()
        if any(character.isalnum() for character in text):
            start = match.start(group) + len(match[group]) - len(match[group].lstrip())
            yield Claim("quotation", text, start, words_pattern(text))


def _dates(answer: str) -> Iterator[Claim]:
    for match in _DATE.finditer(answer):
        day = _day(match[0])
        if day:
            yield Claim("date", match[0], match.start(), date_pattern(day))


def _day(text: str) -> date | None:
    plain = re.sub(r"(?<=\d)(?:st|nd|rd|th)|\bof\b|[.,]", "", text)
    words = [word[:3] if word[0].isalpha() else word for word in plain.split()]
    for form in ("%Y-%m-%d", "%d %b %Y", "%b %d %Y"):
        try:
            return datetime.strptime(" ".join(words), form).date()
        except ValueError:
            continue  # another form, or no date at all, such as the 31st of June
    return None


def _numbers(answer: str) -> Iterator[Claim]:
    for match in _NUMBER.finditer(answer):
        if _list_marker(answer, match):
            continue
        if not (match[1] or match[3] or len(match[2]) > 2):
            continue  # a count, as likely as not: the documents do not say it, and any text holds a 7
        yield Claim("number", match[0], match.start(), number_pattern(match[2], match[1] or match[3] or ""))


def _list_marker(answer: str, match: re.Match[str]) -> bool:
    """`1.` or `[1]` at the beginning of a line, or a citation: numbers of the answer's own."""
    before = answer[: match.start()].rsplit("\n", 1)[-1]
    after = answer[match.end() : match.end() + 2]
    return (not before.strip() and after[:1] in (".", ")") and after[1:] in ("", " ")) or (
        before.endswith("[") and after.startswith("]")
    )


def _codes(answer: str) -> Iterator[Claim]:
    for match in _CODE.finditer(answer):
        if not re.fullmatch(r"\d+(?:st|nd|rd|th|s|x|k|m)?", match[0]) and not _NUMBER.fullmatch(match[0]):
            yield Claim("name", match[0], match.start(), words_pattern(match[0]))


def _names(answer: str) -> Iterator[Claim]:
    for match in _NAME.finditer(answer):
        text, start = match[0], match.start()
        first = text.split(" ", 1)
        if first[0] in _FILLER:
            if len(first) == 1:
                continue
            start += len(first[0]) + 1
            text = first[1]
        label = answer[start + len(text) :].lstrip("*_ ").startswith(":")
        if not text[:1].isupper() or (label and " " not in text):
            continue
        if " " in text or not _begins_sentence(answer, start):
            yield Claim("name", text, start, words_pattern(text))


def _begins_sentence(answer: str, start: int) -> bool:
    """Whether a capital letter there says nothing; in a short line, such as an item of a list, it does."""
    line_start = answer.rfind("\n", 0, start) + 1
    line_end = answer.find("\n", start)
    line = answer[line_start : line_end if line_end >= 0 else len(answer)]
    if len(line.split()) <= 4:
        return False
    before = answer[line_start:start].rstrip(" *_-•\"“'(")
    return not before or before[-1] in ".!?:"
