"""Root turns of a run as training samples: one JSON line a turn, messages as they were recorded, the reply last.

What was sent differs where old outputs were shortened or left out to fit the window: samples have them whole.

Kept are turns of runs that the model finished by itself, but for those whose reply could not be used, whose cell
failed, or that are too long to train on. Whether the answer was right is for whoever chooses the runs.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rlm_desk.corpus import Corpus
from rlm_desk.events import Asked, CellFinished, Nudged, Recorded, Replied, RunFinished

LONGEST = 100_000
"""Characters of a sample."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One turn: what the root was sent, and what it wrote."""

    run: str
    turn: int
    messages: tuple[tuple[str, str], ...]
    """Role and content; the last is the assistant's reply."""

    @property
    def line(self) -> str:
        """As JSON, in the field's common shape."""
        messages = [{"role": role, "content": content} for role, content in self.messages]
        return json.dumps({"run": self.run, "turn": self.turn, "messages": messages})


def samples(corpus: Corpus, recorded: Iterable[Recorded]) -> Iterator[Sample]:
    """The samples of one run, in order; none of a run that did not end by itself, or whose texts are gone."""
    texts: dict[str, str] = {}
    history: list[tuple[str, str]] = []
    found: dict[int, Sample] = {}
    dropped: set[int] = set()
    turn, answered = 0, False
    for one in recorded:
        texts.update(one.texts)
        match one.event:
            case Asked(node=0, turn=turn) as event:
                for message in event.messages:
                    pieces = [
                        corpus.text[piece.start : piece.end] if piece.blob is None else texts.get(piece.blob, "")
                        for piece in message.pieces
                    ]
                    history.append((message.role, "".join(pieces)))
            case Replied(node=0) as event if event.text in texts:
                history.append(("assistant", texts[event.text]))
                found[event.turn] = Sample(event.run, event.turn, tuple(history))
            case Nudged(node=0) as event:
                dropped.add(event.turn)
            case CellFinished(node=0, failed=True):
                dropped.add(turn)
            case RunFinished(status="answered"):
                answered = True
            case _:
                pass
    for number, sample in found.items():
        short = sum(len(content) for _, content in sample.messages) <= LONGEST
        if answered and short and number not in dropped and all(content for _, content in sample.messages):
            yield sample
