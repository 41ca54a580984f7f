"""Which passages an answer rests on: those shown to sub-calls whose replies reached it, as far as events tell.

A reply reached the answer when its value stands in it, or when the answer names the document it read; when
neither can be seen (a count, say), every sub-call that found something is a source. Of what a sub-call was shown,
the passage is the sentence that holds its reply.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from rlm_desk.corpus import Corpus, Span
from rlm_desk.events import Asked, NodeStarted, Recorded, Replied, RunFinished
from rlm_desk.evidence.intervals import merged
from rlm_desk.evidence.lookup import number_pattern, occurrences, words_pattern

PASSAGE = 300
"""Characters of a passage at most."""
LIMIT = 50
"""Sources listed at most; the number of all of them is kept."""
_NONE = re.compile(
    r"\W*(?:none|n/?a|null|nil|nothing|unknown|no (?:answer|information|mention)|not (?:stated|given|found|specified|"
    r"mentioned|available|present|applicable)[^.\n]{0,40})?\W*",
    re.I,
)
_NO = re.compile(r"\W*(?:no|false)\b.{0,40}", re.I | re.S)
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_SENTENCE_END = re.compile(r"[.!?;](?=\s)|\n\s*\n|\n(?=\s*(?:[-•*]|\d+[.)]))")


@dataclass(frozen=True, slots=True)
class Source:
    """A numbered source of an answer."""

    number: int
    span: Span
    """The passage, in the run's corpus."""
    shown: tuple[Span, ...]
    """All that the sub-call was shown."""
    document: int
    """Index in the corpus."""
    name: str
    page_kind: str
    pages: tuple[str, ...]
    """Labels of the pages the passage touches."""
    passage: str
    node: int
    """The sub-call, in the tree."""
    reply: str
    located: bool
    """Whether the reply's words stand in the passage; else it is the beginning of what was shown."""


@dataclass(frozen=True, slots=True)
class Citations:
    """The sources of an answer."""

    sources: tuple[Source, ...]
    total: int
    """How many there are, listed or not."""


@dataclass(slots=True)
class _Call:
    node: int
    shown: list[Span]
    reply: str | None = None


def cite(corpus: Corpus, recorded: Iterable[Recorded], limit: int = LIMIT) -> Citations:
    """The sources of a run's answer, as `[1]`, `[2]`... in corpus order."""
    calls, answer = _fold(recorded)
    places = _Documents(corpus)
    used = _used(places, calls, answer or "")
    sources = [_source(places, call) for call in used]
    placed = sorted((source for source in sources if source), key=lambda source: source.span)
    distinct: dict[Span, Source] = {}
    for source in placed:
        distinct.setdefault(source.span, source)
    listed = [replace(source, number=n) for n, source in enumerate(list(distinct.values())[:limit], 1)]
    return Citations(tuple(listed), len(distinct))


def is_none(reply: str) -> bool:
    """Whether a reply says that there is nothing to say."""
    return _NONE.fullmatch(reply) is not None


def _fold(recorded: Iterable[Recorded]) -> tuple[list[_Call], str | None]:
    texts: dict[str, str] = {}
    roles: dict[int, str] = {}
    calls: defaultdict[int, _Call] = defaultdict(lambda: _Call(-1, []))
    answer: str | None = None
    for one in recorded:
        texts.update(one.texts)
        event = one.event
        if isinstance(event, NodeStarted):
            roles[event.node] = event.role
        elif isinstance(event, Asked):
            call = calls[event.node]
            call.node = event.node
            call.shown += [Span(*span) for span in event.shown]
        elif isinstance(event, Replied):
            calls[event.node].reply = texts.get(event.text)
        elif isinstance(event, RunFinished) and event.answer:
            answer = texts.get(event.answer)
    found = [call for call in calls.values() if call.shown and call.reply is not None]
    leaves = [call for call in found if roles.get(call.node) == "call"]
    return leaves or found, answer  # no sub-calls: a plain answer, which rests on all it was shown


class _Documents:
    """Which document of a corpus holds a character."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._starts = [placed.start for placed in corpus.documents]

    def at(self, offset: int) -> int | None:
        """Its index; None between documents."""
        index = bisect_right(self._starts, offset) - 1
        return index if index >= 0 and offset < self.corpus.documents[index].end else None


def _used(places: _Documents, calls: list[_Call], answer: str) -> list[_Call]:
    """The best-attested group of calls."""
    telling = [call for call in calls if call.reply is not None and not is_none(call.reply)]
    answer_words = f" {_plain(answer)} "
    titles = _titles(places.corpus, answer_words)
    both, by_value, by_title = [], [], []
    for call in telling:
        value = _plain(call.reply or "")
        in_answer = len(value) > 1 and f" {value} " in answer_words
        named = any(places.at(span.start) in titles for span in call.shown)
        if in_answer and named:
            both.append(call)
        elif in_answer:
            by_value.append(call)
        elif named:
            by_title.append(call)
    positive = [call for call in telling if not _NO.fullmatch(call.reply or "")]
    return both or by_value or by_title or positive or telling


def _titles(corpus: Corpus, answer_words: str) -> set[int]:
    """Documents whose title stands in the answer."""
    found = set()
    for index, placed in enumerate(corpus.documents):
        title = _plain(placed.document.title)
        if len(title) > 2 and f" {title} " in answer_words:
            found.add(index)
    return found


def _source(places: _Documents, call: _Call) -> Source | None:
    corpus = places.corpus
    shown = [Span(*one) for one in merged((span.start, span.end) for span in call.shown)]
    needles = [call.reply or ""]
    if len(needles[0]) > PASSAGE:
        needles = [line for line in needles[0].splitlines() if line.strip()][:5]
    hit = next((at for needle in needles for span in shown for at in _places(needle, corpus.text, span)), None)
    span = _sentence(places, shown, hit) if hit else _beginning(shown)
    document = places.at(span.start)
    if document is None:
        return None
    placed = corpus.documents[document]
    pages = tuple(page.label for _, page in corpus.cite(span))
    return Source(
        number=0,
        span=span,
        shown=tuple(shown),
        document=document,
        name=placed.document.name,
        page_kind=placed.document.page_kind,
        pages=pages,
        passage=corpus.text[span.start : span.end],
        node=call.node,
        reply=call.reply or "",
        located=hit is not None,
    )


def _places(needle: str, text: str, span: Span) -> Iterable[Span]:
    """Where a reply stands: as it is, else its first number."""
    bare = needle.strip().strip(".\"'`")
    if bare:
        yield from occurrences(words_pattern(bare), text, span.start, span.end)
    numbers = _NUMBER.findall(bare)
    if numbers and len(bare) < 60:
        yield from occurrences(number_pattern(numbers[0]), text, span.start, span.end)


def _sentence(places: _Documents, shown: list[Span], hit: Span) -> Span:
    """The sentence around a hit, inside what was shown and one document, PASSAGE characters at most."""
    corpus, index = places.corpus, places.at(hit.start)
    bounds = next(span for span in shown if span.start <= hit.start < span.end)
    low, high = bounds.start, bounds.end
    if index is not None:
        low, high = max(low, corpus.documents[index].start), min(high, corpus.documents[index].end)
    room = max(PASSAGE - len(hit), 0)
    low, high = max(low, hit.start - room // 2), min(high, max(hit.end, hit.end + room // 2))
    before = [match.end() for match in _SENTENCE_END.finditer(corpus.text, low, hit.start)]
    after = _SENTENCE_END.search(corpus.text, hit.end, high)
    start, end = (before[-1] if before else low), (after.start() + 1 if after else high)
    passage = corpus.text[start:end]
    return Span(start + len(passage) - len(passage.lstrip()), end - (len(passage) - len(passage.rstrip())))


def _beginning(shown: list[Span]) -> Span:
    return Span(shown[0].start, min(shown[0].end, shown[0].start + PASSAGE))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
