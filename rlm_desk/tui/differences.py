"""How two runs differ: figure by figure, and word by word in their answers. No widget in here."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rlm_desk.clean import one_line
from rlm_desk.rlm.tree import TreeView
from rlm_desk.tui.port import PastRun
from rlm_desk.tui.wording import RUN_WORDS, count, duration, plural

COMPARED = 4_000
"""Characters of an answer that are compared word by word; longer ones are shown unmarked."""

Pieces = list[tuple[str, bool]]
"""An answer cut up; True: the other one does not have this."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of both runs."""

    name: str
    one: str
    other: str

    @property
    def differs(self) -> bool:
        return self.one != self.other


def rows(runs: Sequence[PastRun], views: Sequence[TreeView], covered: Sequence[str]) -> list[Row]:
    """All figures of two runs, in the order they are shown."""
    both = [_figures(run, view, headline) for run, view, headline in zip(runs, views, covered, strict=True)]
    return [Row(name, both[0][name], both[1][name]) for name in both[0]]


def _figures(run: PastRun, view: TreeView, headline: str) -> dict[str, str]:
    demonstration = " (demonstration)" if view.demonstration else ""
    status = run.summary.status if view.status == "interrupted" else view.status
    return {
        "question": one_line(view.question, 200) or "(removed)",
        "state": RUN_WORDS.get(status, status),
        "model": one_line(view.model) + demonstration,
        "route": view.started.route if view.started else "",
        "documents": f"{plural(len(run.corpus.documents), 'document')}, {count(len(run.corpus))} characters",
        "pages": headline or "unknown",
        "sub-calls": f"{view.used.subcalls:,}, depth {view.used.depth}",
        "turns": str(view.used.turns),
        "tokens": f"{view.total.processed:,}",
        "time": duration(view.elapsed()),
    }


def changed_words(one: str, other: str) -> tuple[Pieces, Pieces]:
    """Both texts cut where they differ. Joined again they are what they were."""
    if max(len(one), len(other)) > COMPARED or not (one and other):
        return [(one, False)], [(other, False)]
    a, b = (re.findall(r"\s+|\w+|[^\w\s]", text) for text in (one, other))
    left: Pieces = []
    right: Pieces = []
    for kind, a1, a2, b1, b2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        left.append(("".join(a[a1:a2]), kind != "equal"))
        right.append(("".join(b[b1:b2]), kind != "equal"))
    return [piece for piece in left if piece[0]], [piece for piece in right if piece[0]]
