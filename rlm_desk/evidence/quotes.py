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


CLAIMS = 500
"""Claims of one answer that are looked up; how many more it makes is said."""
_NAME_CHARS = 200
"""No name is longer: what is, is a run of capital letters."""
_NEAR = 300
"""Characters of a line looked at on either side of a claim: an answer may be one line of 200,000."""
_UNIT = "|".join(re.escape(unit) for unit in sorted({unit for row in UNITS for unit in row}, key=len, reverse=True))
_QUOTATION = re.compile(r"“([^“”]{2,5000})”|\"([^\"\n]{2,5000})\"|«\s?([^«»]{2,5000}?)\s?»|„([^„“”]{2,5000})[“”]")
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_DATE = re.compile(
    rf"\b\d{{4}}-\d{{2}}-\d{{2}}\b|\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH},?\s+\d{{4}}\b"
    rf"|\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}\b"
)
_NUMBER = re.compile(
    rf"(?:(?<!\w)({_UNIT})\s?)?(?<![\w.,-])(\d{{1,3}}(?:[,'\u00a0]\d{{3}}){{1,8}}(?:\.\d+)?|\d+(?:\.\d+)?)"
    rf"(?![\w]|[.,]\d|-\w)(?:\s((?i:{'|'.join(SCALES)}))(?!\w))?(?:[\s-]?({_UNIT})(?!\w))?"
)
_CODE = re.compile(r"(?<![\w-])(?=[\w/-]{0,60}\d)(?=[\w/-]{0,60}[A-Za-z])[A-Za-z0-9]+(?:[-/][A-Za-z0-9]+)*(?![\w-])")
_NAME = re.compile(
    r"(?<!\w)[^\W\d_a-z][\w’'&-]*"
    r"(?:[ \u00a0](?:of |de |van |von |and |& |the )?[^\W\d_a-z][\w’'&-]*)*"
)
_JOINING = re.compile(r"\s+(?:and|&)\s+")
_FILLER = frozenset(
    "A According All An And As At Both But By Each Every For From However I If In It Its No None Not Of On One Only "
    "Or So That The Their There These They This Those To Two Under We What When Which While With Yes You".split()
)


@dataclass(frozen=True, slots=True)
class Checks:
    """The claims of an answer, looked up in the order it makes them."""

    found: tuple[Checked, ...]
    left: int
    """Claims that were not looked up: the answer makes too many, or looking took too long."""


def check(
    answer: str, corpus: Corpus, cited: Sequence[Span], of: Callable[[Claim], Collection[int]] | None = None
) -> Checks:
    """Look up the claims of `answer`, the first `CLAIMS` of them.

    Args:
        answer: what is checked.
        corpus: the documents of its run.
        cited: the passages it rests on; the first is source 1.
        of: the numbers of the sources that a claim's own statement cites, where it is to be found in those only.
    """
    made = claims(answer)
    finder = finding.Finder(corpus)

    def spans(claim: Claim) -> list[tuple[int, Span]]:
        numbers = range(1, len(cited) + 1) if of is None else sorted(of(claim))
        return [(number, cited[number - 1]) for number in numbers]

    looked = [(claim, one) for claim, one in _look_up(made[:CLAIMS], finder, spans) if one]
    parts = {claim: _parts(claim) for claim, one in looked if one.verdict == "missing"}
    again = dict(_look_up([part for some in parts.values() for part in some], finder, spans))
    found: list[Checked] = []
    for claim, one in looked:
        found += [part for part in map(again.get, parts.get(claim, ())) if part] or [one]
    return Checks(tuple(found), len(made) - len(looked))


def _look_up(
    said: Sequence[Claim], finder: finding.Finder, spans: Callable[[Claim], Sequence[tuple[int, Span]]]
) -> list[tuple[Claim, Checked | None]]:
    """In the cited passages, in the names of their documents, in all documents, in all names; in this order.

    None for claims that there was no more time to look for.
    """
    corpus = finder.corpus
    near = {claim: _near(claim, corpus, spans(claim)) for claim in said}
    far = [claim for claim, one in near.items() if one is None]
    spans_far = dict(zip(far, finder.first([(one.kind, one.text, one.pattern) for one in far]), strict=True))
    return [
        (claim, one or (None if spans_far[claim] is finding.UNKNOWN else _far(claim, corpus, spans_far[claim])))
        for claim, one in near.items()
    ]


def _near(claim: Claim, corpus: Corpus, cited: Sequence[tuple[int, Span]]) -> Checked | None:
    hits = ((number, at) for number, span in cited for at in _places(claim, corpus.text, span))
    number, span = next(hits, (0, None))
    if span is not None:
        return _placed(claim, corpus, span, "verified", number)
    named = _named(claim, (corpus.locate(span.start) for _, span in cited))
    return Checked(claim, "title", None, named) if named else None


def _far(claim: Claim, corpus: Corpus, span: Span | None) -> Checked:
    found = _placed(claim, corpus, span, "elsewhere", 0) if span else None
    if found:
        return found
    named = _named(claim, ((placed, None) for placed in corpus.documents))
    return Checked(claim, "title" if named else "missing", None, named)


def _placed(claim: Claim, corpus: Corpus, span: Span, verdict: Verdict, number: int) -> Checked | None:
    place = corpus.locate(span.start)
    if place is None:
        return None
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
    covered = bytearray(len(answer))
    for reader in (_quotations, _dates, _codes, _numbers, _names):
        for claim in reader(answer):
            end = claim.start + len(claim.text)
            if not any(covered[claim.start : end]):
                covered[claim.start : end] = bytes((1,)) * (end - claim.start)
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
    before = answer[max(match.start() - _NEAR, 0) : match.start()].rsplit("\n", 1)[-1]
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
        if len(text) > _NAME_CHARS:
            continue
        end = start + len(text)
        label = answer[end : end + _NEAR].lstrip("*_ ").startswith(":")
        if not text[:1].isupper() or (label and " " not in text):
            continue
        if " " in text or not _begins_sentence(answer, start):
            yield Claim("name", text, start, words_pattern(text))


def _begins_sentence(answer: str, start: int) -> bool:
    """Whether a capital letter there says nothing; in a short line, such as an item of a list, it does."""
    before = answer[max(start - _NEAR, 0) : start].rsplit("\n", 1)[-1]
    behind = answer[start : start + _NEAR].split("\n", 1)[0]
    if len((before + behind).split()) <= 4:
        return False
    before = before.rstrip(" *_-•\"“'(")
    return not before or before[-1] in ".!?:"
