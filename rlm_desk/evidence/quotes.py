"""Every quotation, number, date and name of an answer, looked up in the passages it rests on.

`verified` means: there, in a cited span. What stands only somewhere else in the documents is said to stand
elsewhere: a match somewhere in a million words proves nothing. A name that only names a file or folder (`Harbour`)
is said to be that.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from rlm_desk.corpus import Corpus, Placed, Span
from rlm_desk.evidence import finding
from rlm_desk.evidence.lookup import SCALES, UNITS, date_pattern, number_pattern, occurrences, words_pattern

Kind = Literal["quotation", "date", "number", "name"]
Verdict = Literal["verified", "elsewhere", "title", "missing"]


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
    """Where it stands; None when it is in no text."""
    document: str = ""
    """The name of the document where it stands, or whose name it is part of."""
    page: str = ""
    """Its page's label, where it stands."""
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
    rf"(?![\w]|[.,]\d|-\w)(?:\s((?i:{'|'.join(SCALES)}))(?!\w))?(?:[\s-]?({_UNIT})(?!\w))?"
)
_CODE = re.compile(r"(?<![\w-])(?=[\w/-]*\d)(?=[\w/-]*[A-Za-z])[A-Za-z0-9]+(?:[-/][A-Za-z0-9]+)*(?![\w-])")
_NAME = re.compile(
    r"(?<!\w)[^\W\d_a-z][\w’'&-]*"
    r"(?:[ \u00a0](?:of |de |van |von |and |& |the )?[^\W\d_a-z][\w’'&-]*)*"
)
_JOINING = re.compile(r"\s+(?:and|&)\s+")
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
    found: list[Checked] = []
    for claim in claims(answer):
        numbers = range(1, len(cited) + 1) if of is None else sorted(of(claim))
        spans = [(number, cited[number - 1]) for number in numbers]
        one = _look_up(claim, corpus, spans)
        parts = _parts(claim) if one.verdict == "missing" else []
        found += [_look_up(part, corpus, spans) for part in parts] or [one]
    return tuple(found)


def _look_up(claim: Claim, corpus: Corpus, cited: Sequence[tuple[int, Span]]) -> Checked:
    """In the cited passages, in the names of their documents, in all documents, in all names; in this order."""
    hits = ((number, at) for number, span in cited for at in _places(claim, corpus.text, span))
    number, span = next(hits, (0, None))
    verdict: Verdict = "verified"
    if span is None:
        verdict = "elsewhere"
        named = _named(claim, (corpus.locate(span.start) for _, span in cited))
        if named:
            return Checked(claim, "title", None, named)
        span = finding.first(claim.kind, claim.text, claim.pattern, corpus)
    place = corpus.locate(span.start) if span else None
    if span is None or place is None:
        named = _named(claim, ((placed, None) for placed in corpus.documents))
        return Checked(claim, "title" if named else "missing", None, named)
    document, page = place[0].document, place[1]
    return Checked(claim, verdict, span, document.name, page.label, document.place(page), number)


def _parts(claim: Claim) -> list[Claim]:
    """`Oldham and Tarn` may be one name or two: the two. Empty for what is one."""
    joints = list(_JOINING.finditer(claim.text)) if claim.kind == "name" else []
    if not joints:
        return []
    starts, ends = [0, *(one.end() for one in joints)], [*(one.start() for one in joints), len(claim.text)]
    parts = [(start, claim.text[start:end]) for start, end in zip(starts, ends, strict=True)]
    return [Claim("name", text, claim.start + start, words_pattern(text)) for start, text in parts]


def claims(answer: str) -> list[Claim]:
    """What can be looked up, in order; nothing is counted twice."""
    taken: list[Claim] = []
    for reader in (_quotations, _dates, _codes, _numbers, _names):
        for claim in reader(answer):
            end = claim.start + len(claim.text)
            if not any(claim.start < other.start + len(other.text) and other.start < end for other in taken):
                taken.append(claim)
    return sorted(taken, key=lambda claim: claim.start)


def _named(claim: Claim, places: Iterable[tuple[Placed, object] | None]) -> str:
    """The first of some documents whose name a name is part of; empty where there is none."""
    names = (place[0].document.name for place in places if place) if claim.kind == "name" else ()
    return next((name for name in names if next(occurrences(claim.pattern, name, 0, len(name)), None)), "")


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
        if not (match[1] or match[3] or match[4] or len(match[2]) > 2):
            continue  # a count, as likely as not: the documents do not say it, and any text holds a 7
        yield Claim(
            "number", match[0], match.start(), number_pattern(match[2], match[1] or match[4] or "", match[3] or "")
        )


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
