"""Which passages an answer rests on, statement by statement: `[1]`, `[2]`... with document, page and marked words.

A sub-call's reply reached a statement when its value stands there, when they share a quotation, date, number or name,
or when the statement names the document it read. When none of that can be seen anywhere in the answer (a count, say),
the answer rests on every sub-call that found something. Text that code only printed to the root or a child counts
where a statement repeats it. What rests on nothing has no source, and says so.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rlm_desk.corpus import Corpus, Span
from rlm_desk.events import Recorded
from rlm_desk.evidence.calls import Call, Told, is_none, told
from rlm_desk.evidence.lookup import occurrences
from rlm_desk.evidence.passages import PASSAGE, Basis, Passage, Places, around, locate, topics
from rlm_desk.evidence.quotes import CLAIMS, Claim, claims
from rlm_desk.evidence.statements import Part, statements

__all__ = ["LIMIT", "PASSAGE", "Citations", "Source", "Statement", "cite", "is_none"]

LIMIT = 50
"""Sources listed at most; the number of all of them is kept."""
MORE_PASSAGES = 3
"""Passages of one sub-call for one statement, at most."""
SEARCHED = 400
"""Calls in whose text the claims of a statement are looked for."""
_COUNTING = re.compile(r"\b(?:how many|how much in total|number of|count|total|in all|altogether|average|sum)\b", re.I)
_BARE_NUMBER = re.compile(r"\W*+\d[\d,.]*+\W*+")
_POLAR = re.compile(r"\W*+(?:yes|no|true|false)\W*+", re.I)


@dataclass(frozen=True, slots=True)
class Source:
    """A numbered source of an answer."""

    number: int
    span: Span
    """The passage, in the run's corpus."""
    mark: Span | None
    """The words in it that hold the fact; None when they were not found."""
    shown: tuple[Span, ...]
    """All that the model was shown there."""
    document: int
    """Index in the corpus."""
    name: str
    page_kind: str
    pages: tuple[str, ...]
    """Labels of the pages the passage touches."""
    passage: str
    node: int
    """The sub-call (or the root or child that saw it printed), in the tree."""
    reply: str
    basis: Basis

    @property
    def located(self) -> bool:
        """Whether the fact's words stand in the passage; else it is the nearest sentence of what was shown."""
        return self.basis == "value"

    @property
    def parts(self) -> tuple[str, str, str]:
        """The passage before, at and after its marked words."""
        if self.mark is None:
            return self.passage, "", ""
        start, end = self.mark.start - self.span.start, self.mark.end - self.span.start
        return self.passage[:start], self.passage[start:end], self.passage[end:]


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence or list item of the answer, and the numbers of its sources."""

    start: int
    """Offset in the answer."""
    end: int
    sources: tuple[int, ...]
    lead: bool
    """It only announces what follows (`The agreements are:`) and needs no source."""
    direct: bool = True
    """Whether its sources say what it says; else it was worked out (counted, say) from all that was found."""


@dataclass(frozen=True, slots=True)
class Citations:
    """The sources of an answer."""

    sources: tuple[Source, ...]
    total: int
    """How many there are, listed or not."""
    statements: tuple[Statement, ...] = ()


_Found = tuple[Call, Passage]


def cite(corpus: Corpus, recorded: Iterable[Recorded], limit: int = LIMIT) -> Citations:
    """The sources of a run's answer, numbered in the order in which the answer needs them."""
    return cite_told(corpus, told(recorded), limit)


def cite_told(corpus: Corpus, run: Told, limit: int = LIMIT) -> Citations:
    """The same, of a run that is folded already."""
    citing = _Citing(corpus, run, limit)
    parts = statements(run.answer)
    each = [[] if part.lead else citing.of(part) for part in parts]
    direct = any(each)
    if not direct:
        everything = citing.positive()
        each = [[] if part.lead else everything for part in parts]
    numbers: dict[tuple[int, Span], int] = {}
    listed: list[Source] = []
    made: list[Statement] = []
    for part, found in zip(parts, each, strict=True):
        mine: list[int] = []
        for call, passage in found:
            document = citing.places.at(passage.span.start)
            if document is None:
                continue
            key = (document, passage.span)
            if key not in numbers:
                numbers[key] = len(numbers) + 1
                if len(listed) < limit:
                    listed.append(citing.source(numbers[key], call, passage, document))
            if numbers[key] <= limit and numbers[key] not in mine:
                mine.append(numbers[key])
        made.append(Statement(part.start, part.end, tuple(sorted(mine)), part.lead, direct))
    return Citations(tuple(listed), max(len(numbers), citing.total), tuple(made))


class _Citing:
    def __init__(self, corpus: Corpus, run: Told, limit: int) -> None:
        self.places = Places(corpus)
        self.total = 0
        """How many calls the answer rests on, where not all were looked at."""
        self._corpus = corpus
        self._run = run
        self._limit = limit
        self._plain_replies = {call.node: _plain(call.reply) for call in run.leaves if call.telling}
        self._telling = [call for call in run.leaves if call.telling]
        self._titles = [_plain(placed.document.title) for placed in corpus.documents]
        self._named_in_question = self._named(f" {_plain(run.question)} ")
        self._claims = CLAIMS
        """How many more claims are looked for: an answer may make a hundred thousand."""
        self._counting = bool(_COUNTING.search(run.question))

    def of(self, part: Part) -> list[_Found]:
        """What one statement rests on; empty when nothing can be seen."""
        text = self._run.answer[part.start : part.end]
        words = f" {_plain(text)} "
        said = claims(text)[: self._claims]
        self._claims -= len(said)
        if self._telling and self._telling[0].role != "call":  # a plain run: one call, and its reply is the answer
            return self._claimed(said, text, self._telling) or [
                (call, self._passage(call, [text], text)) for call in self._telling
            ]
        titles = self._named(words)
        by_value = [call for call in self._telling if self._holds(words, call)]
        named = [call for call in by_value if self._reads(call, titles | self._named_in_question)]
        if by_value and not named and self._coincidence(text, by_value):
            by_value = []
        if not by_value and titles:
            by_title = [call for call in self._telling if self._reads(call, titles)]
            by_value = [call for call in by_title if call.positive] or by_title
        if by_value:
            found = [(call, self._passage(call, [call.reply], text)) for call in self._some(named or by_value)]
            return found + self._rest(said, text, found)
        return self._claimed(said, text, self._telling) or self._claimed(said, text, self._run.readers)

    def positive(self) -> list[_Found]:
        """Every sub-call that found something: what a count rests on."""
        positive = [call for call in self._telling if call.positive] or self._telling
        if not self._run.answer or is_none(self._run.answer):
            return []
        return [(call, self._passage(call, [call.reply], "")) for call in self._some(positive)]

    def source(self, number: int, call: Call, passage: Passage, document: int) -> Source:
        """A passage with its place in words."""
        placed, span = self._corpus.documents[document].document, passage.span
        return Source(
            number=number,
            span=span,
            mark=passage.mark,
            shown=call.shown,
            document=document,
            name=placed.name,
            page_kind=placed.page_kind,
            pages=tuple(page.label for _, page in self._corpus.cite(span)),
            passage=self._corpus.text[span.start : span.end],
            node=call.node,
            reply=call.reply if call.role == "call" else "",
            basis=passage.basis,
        )

    def _passage(self, call: Call, values: Sequence[str], statement: str) -> Passage:
        values = [value for value in values if not _POLAR.fullmatch(value)]
        if values and len(values[0]) > PASSAGE:
            values = [line for line in values[0].splitlines() if line.strip()][:5]
        return locate(self.places, call.shown, values, self._about(call, statement))

    def _named(self, words: str) -> set[int]:
        """Documents whose title stands in a text."""
        return {n for n, title in enumerate(self._titles) if len(title) > 2 and f" {title} " in words}

    def _holds(self, words: str, call: Call) -> bool:
        value = self._plain_replies[call.node]
        return len(value) > 1 and f" {value} " in words and not _POLAR.fullmatch(call.reply)

    def _coincidence(self, text: str, calls: Sequence[Call]) -> bool:
        """A counted number that happens to be what some sub-call replied."""
        return (
            self._counting and len(self._telling) > 1 and all(_BARE_NUMBER.fullmatch(call.reply) for call in calls)
        ) or (len(self._telling) > 3 and bool(_BARE_NUMBER.fullmatch(text)) and len(_plain(text)) < 2)

    def _reads(self, call: Call, documents: set[int]) -> bool:
        return bool(documents) and any(self.places.at(start) in documents for start, _ in call.spans)

    def _claimed(self, said: Sequence[Claim], text: str, calls: Sequence[Call]) -> list[_Found]:
        """Passages that hold the statement's claims, in calls whose replies repeat them (or that saw them printed)."""
        found: list[_Found] = []
        for claim in said:
            for call in calls[-SEARCHED:]:
                if call.role == "call" and not _in(claim, call.reply, Span(0, len(call.reply))):
                    continue
                passage = around(self.places, call.shown, claim.pattern, self._about(call, text))
                if passage is not None:
                    if all(passage.span != other.span for _, other in found):
                        found.append((call, passage))
                    break
        return found[: 2 * MORE_PASSAGES]

    def _rest(self, said: Sequence[Claim], text: str, found: Sequence[_Found]) -> list[_Found]:
        """Passages for claims of the statement that the calls were shown, but beside the passages found so far."""
        more: list[_Found] = []
        for claim in said:
            if any(_in(claim, self._corpus.text, passage.span) for _, passage in (*found, *more)):
                continue
            for call, _ in found:
                passage = around(self.places, call.shown, claim.pattern, self._about(call, text))
                if passage is not None:
                    more.append((call, passage))
                    break
        return more[: MORE_PASSAGES - 1]

    def _about(self, call: Call, statement: str) -> frozenset[str]:
        return topics(call.asked or self._run.question, statement)

    def _some(self, calls: Sequence[Call]) -> list[Call]:
        """The first calls in corpus order, as many as are listed; how many there are is kept."""
        ordered = sorted(calls, key=lambda call: min(call.spans))
        if len(ordered) > self._limit:
            self.total = max(self.total, len(ordered))
        return ordered[: self._limit]


def _in(claim: Claim, text: str, span: Span) -> bool:
    return next(occurrences(claim.pattern, text, span.start, span.end), None) is not None


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", re.sub(r"(?<=\d),(?=\d{3})", "", text.casefold())))
