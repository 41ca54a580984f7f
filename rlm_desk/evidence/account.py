"""All that can be said for and against an answer: sources, checked claims, coverage, gaps. A fold over a run's events.

`gather` makes one plain, immutable `Evidence`; every face and every report shows the same one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rlm_desk.clean import plural
from rlm_desk.corpus import Corpus
from rlm_desk.events import Recorded, RunStarted
from rlm_desk.evidence.calls import is_none, told
from rlm_desk.evidence.citations import LIMIT, Source, Statement, cite_told
from rlm_desk.evidence.coverage import Amount, Cell, Coverage, DocumentCoverage, strip
from rlm_desk.evidence.intervals import Counter, Range, touching
from rlm_desk.evidence.leftout import Gap, gaps_of, says_nothing, unchecked
from rlm_desk.evidence.quotes import Checked, Claim, check

Standing = Literal["supported", "partly", "unsupported", "not_found", "none"]
"""What an answer stands on: every statement has a source; some have; none has; it says itself that there is nothing,
and no source says otherwise; there is no answer."""

_GONE = "The text of the answer was removed."


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an answer rests on, and what it does not."""

    run: str
    question: str
    answer: str
    standing: Standing
    sentence: str
    """Standing and unread pages in a sentence or two, for a person."""
    statements: tuple[Statement, ...]
    """The answer's sentences and list items, each with the numbers of its sources; none: it says so."""
    sources: tuple[Source, ...]
    """In the order of their numbers, from 1."""
    sources_total: int
    """How many there are; at most `citations.LIMIT` are listed."""
    checked: tuple[Checked, ...]
    """Quotations, dates, numbers and names of the answer, looked up in the passages that their statement cites."""
    amount: Amount
    """Characters of all documents by how they were read."""
    documents: tuple[DocumentCoverage, ...]
    """In corpus order, each with its pages."""
    pages: int
    pages_read: int
    """Pages of which a model was shown something."""
    gaps: tuple[Gap, ...]
    """Prompts that would not fit, replies cut or missing, files and pages that nobody can have read."""
    shown: tuple[Range, ...]
    """Corpus characters a model was shown, sorted and disjoint."""
    returned: tuple[Range, ...]
    """Given back by a helper, such as a search hit, and not shown."""
    scanned: tuple[Range, ...]
    """Seen by code only."""

    @property
    def headline(self) -> str:
        """`read 212 of 3,104 pages`."""
        return f"read {self.pages_read:,} of {plural(self.pages, 'page')}"

    def strip(self, corpus: Corpus, document: int, cells: int) -> tuple[Cell, ...]:
        """A document's coverage as `cells` cells; `corpus` is the run's (`Coverage.strip` is the live one)."""
        placed = corpus.documents[document]
        read = (self.shown, self.returned, self.scanned)
        counters = [Counter(touching(ranges, placed.start, placed.end)) for ranges in read]
        return strip(counters, placed.start, len(placed.document.text), cells)

    def source(self, number: int) -> Source:
        """A listed source. Raises KeyError."""
        if not 1 <= number <= len(self.sources):
            raise KeyError(number)
        return self.sources[number - 1]


def gather(corpus: Corpus, recorded: Sequence[Recorded], limit: int = LIMIT) -> Evidence:
    """Fold a run, finished or under way, over the corpus that its offsets mean.

    Takes milliseconds for most runs; where a claim stands nowhere, all the text is searched once, about 30 ms a
    million characters: call it beside the event loop. What a hostile answer can make of it is bounded in `quotes`,
    `statements` and `finding`, and said as a gap.
    """
    run = told(recorded)
    citations = cite_told(corpus, run, limit)
    coverage = Coverage(corpus, recorded)
    statements = citations.statements

    def own(claim: Claim) -> tuple[int, ...]:
        return next((one.sources for one in statements if one.start <= claim.start < one.end), ())

    checks = check(run.answer, corpus, [source.span for source in citations.sources], own)
    gaps = (*unchecked(run.answer, statements[-1].end if statements else 0, checks.left), *gaps_of(corpus, recorded))
    standing = _standing(run.answer, statements)
    started = next((one.event for one in recorded if isinstance(one.event, RunStarted)), None)
    return Evidence(
        run=started.run if started else "",
        question=run.question,
        answer=run.answer,
        standing=standing,
        sentence=_GONE
        if run.removed
        else _sentence(standing, citations.sources, citations.total, statements, coverage, corpus.pages),
        statements=statements,
        sources=citations.sources,
        sources_total=citations.total,
        checked=checks.found,
        amount=coverage.amount,
        documents=tuple(coverage.documents()),
        pages=corpus.pages,
        pages_read=coverage.pages_read,
        gaps=gaps,
        shown=tuple(coverage.shown()),
        returned=tuple(coverage.returned()),
        scanned=tuple(coverage.scanned()),
    )


def _standing(answer: str, statements: Iterable[Statement]) -> Standing:
    if not answer.strip():
        return "none"
    needing = [one for one in statements if not one.lead]
    with_source = sum(1 for one in needing if one.sources)
    if not with_source:
        return "not_found" if is_none(answer) or says_nothing(answer) else "unsupported"
    return "supported" if with_source == len(needing) else "partly"


def _sentence(
    standing: Standing,
    sources: Sequence[Source],
    total: int,
    statements: Sequence[Statement],
    coverage: Coverage,
    pages: int,
) -> str:
    documents = plural(len({source.document for source in sources}), "document")
    bare = sum(1 for one in statements if not one.lead and not one.sources)
    verb = "Rests on" if all(one.direct for one in statements) else "Worked out from"
    more = "" if total == len(sources) else " and more"
    said = {
        "none": "No answer.",
        "not_found": "Not found in what was read.",
        "unsupported": "No source: no passage that a model was shown can be tied to this answer.",
        "partly": f"{plural(bare, 'statement')} without a source.",
        "supported": f"{verb} {plural(total, 'passage')} in {documents}{more}.",
    }[standing]
    unread = pages - coverage.pages_read
    if standing == "not_found" and not coverage.pages_read:
        return "Not found: no model was shown any page."
    if standing == "supported" or not unread:
        return said
    return f"{said} {plural(unread, 'page')} of {pages:,} {'was' if unread == 1 else 'were'} not read."
