"""What every prompt of a run showed, asked and brought back: a fold over events, for citations."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from rlm_desk.corpus import Span
from rlm_desk.events import (
    Answered,
    Asked,
    Event,
    NodeStarted,
    PartialReply,
    Recorded,
    Refused,
    Replied,
    RunFinished,
    RunStarted,
)
from rlm_desk.evidence.intervals import Range, merged

ASKED = 1500
"""Characters of a prompt's own words that are kept: longer ones are text that code passed on, not a question."""
_NONE = re.compile(
    r"\W*+(?:none|n/?a|null|nil|nothing|unknown|no (?:answer|information|mention)|not (?:stated|given|found|specified|"
    r"mentioned|available|present|applicable)[^.\n]{0,40})?\W*+",
    re.I,
)
_NO = re.compile(r"\W*+(?:no|false)\b.{0,40}", re.I | re.S)


@dataclass(slots=True)
class Call:
    """A node that was shown text of the corpus, and what it replied."""

    node: int
    role: str = ""
    asked: str = ""
    """The prompt's own words: the question of a sub-call."""
    reply: str = ""
    replied: bool = False
    spans: list[Range] = field(default_factory=list)

    @property
    def shown(self) -> tuple[Span, ...]:
        """What it was shown, sorted and disjoint."""
        return tuple(Span(*one) for one in merged(self.spans))

    @property
    def telling(self) -> bool:
        """Whether it replied something other than that there is nothing."""
        return self.replied and not is_none(self.reply)

    @property
    def positive(self) -> bool:
        """Telling, and not a `no`."""
        return self.telling and not _NO.fullmatch(self.reply)


@dataclass(frozen=True, slots=True)
class Told:
    """A run as citations need it."""

    question: str
    answer: str
    """Empty while there is none, and where its text was removed."""
    removed: bool
    """There was an answer, and its text is gone: purged, or left out of a bundle."""
    leaves: tuple[Call, ...]
    """Sub-calls that were shown something; of a plain run, the one call it made."""
    readers: tuple[Call, ...]
    """Roots and children that saw text themselves, printed by their code."""


def told(recorded: Iterable[Recorded]) -> Told:
    """Fold a run's events."""
    fold = _Fold()
    for one in recorded:
        fold.texts.update(one.texts)
        fold.add(one.event)
    return fold.told()


class _Fold:
    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._started: dict[int, NodeStarted] = {}
        self._calls: dict[int, Call] = {}
        self._waiting: dict[tuple[int, int], tuple[Range, ...]] = {}
        self._question = self._answer = ""
        self._plain = self._answered = False

    def add(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._question, self._plain = self.texts.get(event.question, ""), event.route == "plain"
            case NodeStarted():
                self._started[event.node] = event
            case Asked():
                self._asked(event)
            case Refused():
                self._waiting.pop((event.node, event.turn), None)
            case PartialReply() | Replied():
                self._answering(event)
            case Answered(node=0, text=text):
                self._answer = self.texts.get(text, self._answer)
                self._answered = True
            case RunFinished(answer=str() as text):
                self._answer = self.texts.get(text, self._answer)
                self._answered = True
            case _:
                pass

    def told(self) -> Told:
        leaves: list[Call] = []
        readers: list[Call] = []
        for call in self._calls.values():
            begun = self._started.get(call.node)
            call.role = begun.role if begun else ""
            batch = self._started.get(begun.parent) if begun and begun.parent is not None else None
            if batch is not None and batch.role == "batch":
                call.asked += f" {batch.label}"
            if call.spans and call.replied:
                (leaves if call.role == "call" or self._plain else readers).append(call)
        removed = self._answered and not self._answer
        return Told(self._question, self._answer, removed, tuple(leaves), tuple(readers))

    def _asked(self, event: Asked) -> None:
        words = [self.texts.get(p.blob, "") for m in event.messages for p in m.pieces if p.blob is not None]
        self._call(event.node).asked += " ".join(part for part in words if len(part) <= ASKED)
        self._waiting[event.node, event.turn] = event.shown

    def _answering(self, event: PartialReply | Replied) -> None:
        call = self._call(event.node)
        call.spans += self._waiting.pop((event.node, event.turn), ())
        if isinstance(event, Replied) and event.text in self.texts:
            call.reply, call.replied = self.texts[event.text], True

    def _call(self, node: int) -> Call:
        return self._calls.setdefault(node, Call(node))


def is_none(reply: str) -> bool:
    """Whether a reply says that there is nothing to say."""
    return _NONE.fullmatch(reply) is not None
