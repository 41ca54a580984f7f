"""What a run left out, as its events tell: nothing is cut or skipped in silence. A fold."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rlm_desk.clean import plural
from rlm_desk.corpus import Corpus
from rlm_desk.errors import allowed
from rlm_desk.events import (
    BudgetSpent,
    Event,
    Missing,
    NodeFinished,
    NodeStarted,
    Recorded,
    Refused,
    Replied,
    RunStarted,
)

GapKind = Literal["refused", "cut", "missing", "failed", "budget", "skipped", "unreadable", "removed", "unchecked"]
"""A prompt larger than the window; a reply cut at its limit; items without a usable answer; calls that failed; a
budget that ran out; a file that could not be read; pages without text; a document purged since; claims
of the answer that were not looked up."""

_NOTHING = re.compile(
    r"\b(?:not found|nothing (?:was|is|could be) found|(?:could|can) ?not (?:be )?(?:find|found|determined?|answered)"
    r"|do(?:es)? not (?:say|state|mention|specify|contain|give)"
    r"|no (?:such )?(?:information|mention|evidence|answer))\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that was left out, as a sentence."""

    kind: GapKind
    text: str
    node: int | None = None
    """Where in the tree, if it is in one place."""


def gaps_of(corpus: Corpus, recorded: Iterable[Recorded]) -> tuple[Gap, ...]:
    """Everything that a run left out, what matters most first."""
    tally = _Tally()
    for one in recorded:
        tally.add(one.event)
    documents: list[Gap] = []
    gone = [placed.document.name for placed in corpus.documents if placed.document.kind == REMOVED]
    if gone:
        what = gone[0] if len(gone) == 1 else f"The text of {len(gone):,} documents"
        documents.append(Gap("removed", f"{what} was removed: passages in it cannot be shown."))
    for placed in corpus.documents:
        documents += [Gap("unreadable", f"{placed.document.name}: {note}") for note in placed.document.notes]
    return (*tally.gaps(), *documents, *tally.skipped)


def unchecked(answer: str, end: int, claims: int) -> tuple[Gap, ...]:
    """What an answer is too long for: characters behind its last statement at `end`, and claims nobody looked up."""
    behind = len(answer[end:].strip()) if any(character.isalnum() for character in answer[end:]) else 0
    left = [f"its last {behind:,} characters were not tied to sources"] if behind else []
    if claims:
        what = "name, number, date or quotation was", "names, numbers, dates and quotations were"
        left.append(f"{claims:,} {what[claims > 1]} not looked up")
    return (Gap("unchecked", f"The answer is very long: {', and '.join(left)}."),) if left else ()


class _Tally:
    def __init__(self) -> None:
        self.skipped: list[Gap] = []
        self._spent: list[Gap] = []
        self._refused: list[Refused] = []
        self._cut: list[int] = []
        self._failed: list[int] = []
        self._calls: set[int] = set()
        self._items = self._missing = 0

    def add(self, event: Event) -> None:
        match event:
            case NodeStarted():
                self._items += event.items
                if event.role == "call":
                    self._calls.add(event.node)
            case Refused():
                self._refused.append(event)
            case Replied(finish="length"):
                self._cut.append(event.node)
            case Missing():
                self._missing += len(event.items)
            case NodeFinished(status="failed"):
                self._failed.append(event.node)
            case BudgetSpent():
                gap = Gap("budget", f"The budget of {allowed(event.limit, event.what)} was not enough.")
                if gap not in self._spent:  # each node that it stops says so
                    self._spent.append(gap)
            case RunStarted():
                self.skipped += [Gap("skipped", f"{one.name} was not read: {one.reason}.") for one in event.skipped]
            case _:
                pass

    def gaps(self) -> list[Gap]:
        found = [_refused(self._refused)] if self._refused else []
        if self._cut:
            cut = plural(len(self._cut), "reply", "replies")
            found.append(Gap("cut", f"{cut} reached the length limit and may be cut off.", self._cut[0]))
        if self._missing:
            calls = plural(self._items, "sub-call")
            found.append(Gap("missing", f"{self._missing:,} of {calls} gave no usable answer."))
        refused = {event.node for event in self._refused}
        lost = [node for node in self._failed if node in self._calls and node not in refused]
        if lost:
            found.append(Gap("failed", f"{plural(len(lost), 'sub-call')} failed.", lost[0]))
        return found + self._spent


REMOVED = "removed"
"""Kind of the document that stands in for one whose text was purged."""


def says_nothing(answer: str) -> bool:
    """Whether an answer says that it found nothing."""
    return bool(_NOTHING.search(answer))


def _refused(events: list[Refused]) -> Gap:
    largest = max(events, key=lambda event: event.tokens)
    chars = sum(end - start for start, end in {span for event in events for span in event.shown})
    what = f" {chars:,} characters of the documents were in them." if chars else ""
    many = "prompt was" if len(events) == 1 else "prompts were"
    return Gap(
        "refused",
        f"{len(events):,} {many} larger than the window and not sent: the largest has {largest.tokens:,} tokens, "
        f"{largest.window:,} fit.{what}",
        largest.node,
    )
