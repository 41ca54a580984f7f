"""One question of the conversation and what came of it: what goes on, the answer, what was read of the documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content
from textual.geometry import Size
from textual.style import Style
from textual.widgets import Static

from rlm_desk.clean import clean, one_line
from rlm_desk.corpus import Corpus
from rlm_desk.rlm.tree import TreeView
from rlm_desk.tui.session import Reading
from rlm_desk.tui.widgets import strips
from rlm_desk.tui.wording import MUTED, RUN_WORDS, count, duration, plural

if TYPE_CHECKING:  # numpy behind them would hold the first frame
    from rlm_desk.evidence.account import Evidence
    from rlm_desk.evidence.citations import Source

TAIL = 8
"""Lines of the code being written that are shown; all of it is in the inspector."""

LISTED = 4
"""Sources listed below an answer; the keys and the numbers go to all of them."""

LINES = 5_000
"""Lines of an answer that are shown: 200,000 empty ones, which a model can write, would hold the screen for ten seconds
each time it is laid out."""

NUMBERS = 4
"""Numbers behind one statement; the rest is counted."""

KEPT_LIVE = 20_000
"""Characters of a live reply that are kept."""

LABELS = {
    "forced": "Forced answer: the model was made to stop and answer with what it had. Check it.",
    "best_effort": "Best effort: the work was cut short. Check it.",
}

STOPPED = "A part of this run was stopped by hand: the answer does without what that would have said."

TRIED = "knows agreements that were invented for it. F11 leads to a model for documents of your own."
"""Said of a demonstration model where its answer stands on nothing."""

STANDING = {"supported": ("✓", "$success"), "partly": ("!", "$warning"), "unsupported": ("✗", "$error")}
"""A sign and a colour for what an answer stands on; others say it without."""

Part = str | Content | tuple[str, str | Style]


@dataclass(slots=True)
class Note:
    """A sentence below an answer, with its style."""

    text: str
    style: str


class Turn(Static):
    """One question and what came of it. Drawn again from a snapshot; finished turns do not change."""

    def __init__(self, question: str) -> None:
        super().__init__("", markup=False, classes="turn")
        self.question = clean(question)
        """As it is shown."""
        self._live = ""
        self._view: TreeView | None = None
        self._reading: Reading | None = None
        self._notes: list[Note] = []
        self._recalled: str | None = None
        self.evidence: Evidence | None = None
        """What the answer rests on, once that was worked out."""
        self.corpus: Corpus | None = None
        """What the run read: the evidence's offsets count in it."""
        self.cited = 0
        """The number of the source that is open; 0: none."""
        self._drawn = Content("")
        self._shape: tuple[int, str, bool] | None = None
        self._draw()

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Another height needs no second layout: nothing scrolls in a turn, and nothing stands in it."""
        return super()._size_updated(size, virtual_size, container_size, layout=False)

    def take_text(self, piece: str) -> None:
        """More of the live reply; shown with the next `show`."""
        self._live = (self._live + piece)[-KEPT_LIVE:]

    def new_reply(self) -> None:
        """The reply that streams now is another one."""
        self._live = ""

    def show(self, view: TreeView, reading: Reading | None = None) -> None:
        """Draw a snapshot of the run, and how it has read the documents."""
        self._view, self._reading = view, reading
        self._draw()

    def recall(self, answer: str) -> None:
        """Show an answer of an earlier start, as text: its run is in the history."""
        self._recalled = answer
        self._draw()

    def rest(self, evidence: Evidence, corpus: Corpus) -> None:
        """Say what the answer rests on."""
        self.evidence, self.corpus = evidence, corpus
        self._draw()

    def cite(self, number: int) -> None:
        """Mark the number of the source that is open."""
        self.cited = number
        self._draw()

    def note(self, text: str, style: str = MUTED) -> None:
        """A sentence below the answer: an error, a verdict."""
        self._notes.append(Note(clean(text), style))
        self._draw()

    @property
    def plain(self) -> str:
        """Question, answer and labels as text, for a file."""
        view = self._view
        lines = [f"Question: {self.question}", ""]
        if view is not None:
            lines += [clean(view.answer) or f"({RUN_WORDS[view.status]})", ""]
            if view.how in LABELS:
                lines += [LABELS[view.how], ""]
            if view.answer and _stopped(view):
                lines += [STOPPED, ""]
            lines += self._listed()
            lines += [self._reading.headline] if self._reading else []
            lines += [self._figures(view), f"Run {view.run}"]
        elif self._recalled is not None:
            lines += [clean(self._recalled), ""]
        lines += [note.text for note in self._notes]
        return "\n".join(lines) + "\n"

    def _listed(self) -> list[str]:
        evidence = self.evidence
        if evidence is None:
            return []
        listed = [f"[{s.number}] {place(s)}: {one_line(s.passage, 300)}" for s in evidence.sources]
        return [evidence.sentence, *listed, ""]

    @property
    def run(self) -> TreeView | None:
        """The run as it was drawn last; None for what is recalled as text."""
        return self._view

    @property
    def answer(self) -> str:
        return clean(self._view.answer if self._view else self._recalled or "")

    def _draw(self) -> None:
        parts: list[Part] = [("❯ ", "bold $primary"), (self.question, "bold"), "\n\n"]
        view = self._view
        if view is None and self._recalled is not None:
            parts += [_shown(self._recalled), "\n"]
        elif view is None:
            parts.append(("…\n", MUTED))
        elif view.running or view.status == "waiting":
            parts += self._progress(view)
        else:
            parts += self._result(view)
        for note in self._notes:
            parts += ["\n", (note.text, note.style), "\n"]
        content = Content.assemble(*parts)
        # Only a figure in the last line changed: laying the screen out again would cost ten times the frame.
        shape = (content.plain.count("\n"), self._live, view is not None and view.running)
        if content != self._drawn:
            self.update(content, layout=shape != self._shape)
        self._drawn, self._shape = content, shape

    def _progress(self, view: TreeView) -> list[Part]:
        live = clean(self._live).strip("\n")
        plain = view.started is not None and view.started.route == "plain"
        if plain and live:
            return [_shown(live), ("▌", "blink")]
        calls = plural(view.used.subcalls, "sub-call")
        parts: list[Part] = [(f"Working: turn {max(1, view.used.turns)}, {calls} so far.\n", MUTED)]
        parts += self._read()
        if live:
            tail = "\n".join(line[-200:] for line in live.split("\n")[-TAIL:])
            parts += ["\n", (tail, MUTED), "\n"]
        return parts

    def _result(self, view: TreeView) -> list[Part]:
        parts: list[Part] = []
        if view.how in LABELS:
            parts.append((f"⚑ {LABELS[view.how]}\n\n", "bold $warning"))
        if view.answer and _stopped(view):
            parts.append((f"⚑ {STOPPED}\n\n", "bold $warning"))
        if view.answer:
            parts += [*self._answer(view.answer), "\n\n", *self._sources()]
        elif view.status == "cancelled":
            parts.append(("⊘ Cancelled before there was an answer. The run is kept in the history (Ctrl+R).\n\n", ""))
        elif view.status == "interrupted":
            parts.append(("! Interrupted: the app was stopped during this run. What was recorded is shown.\n", ""))
            parts.append(("Asked again, it uses the answers that are kept.\n\n", MUTED))
        elif view.status == "failed":
            parts.append(("✗ The run failed.\n\n", "bold $error"))
        if view.error and view.status != "cancelled":
            parts.append((f"{clean(view.error)}\n\n", "$error" if view.status == "failed" else "$warning"))
        return [*parts, *self._read(), (self._figures(view), MUTED), "\n"]

    def _answer(self, answer: str) -> list[Part]:
        """The answer, with the numbers of its sources behind each statement."""
        evidence = self.evidence
        if evidence is None or evidence.answer != answer or answer.count("\n") > LINES:
            return [_shown(answer)]
        parts: list[Part] = []
        at = 0
        for statement in evidence.statements:
            text = answer[at : statement.end]
            bare = text.rstrip()
            parts.append(clean(bare))
            for number in statement.sources[:NUMBERS]:
                parts += [" ", self._number(number)]
            if len(statement.sources) > NUMBERS:
                parts.append((f" +{len(statement.sources) - NUMBERS}", MUTED))
            parts.append(text[len(bare) :])
            at = statement.end
        return [*parts, clean(answer[at:])]

    def _number(self, number: int) -> Part:
        assert self.evidence is not None
        link = Style.from_meta({"@click": f"screen.open_source('{self.evidence.run}', {number})"})
        look = "bold reverse $accent" if number == self.cited else "bold $accent"
        return Content.assemble((f"[{number}]", look)).stylize(link)

    def _sources(self) -> list[Part]:
        """What the answer stands on in a sentence, then the first sources with their pages."""
        evidence = self.evidence
        if evidence is None:
            return []
        sign, colour = STANDING.get(evidence.standing, ("", MUTED))
        parts: list[Part] = [(f"{sign} {evidence.sentence}".strip() + "\n", colour)]
        first = max(0, min(self.cited - 1, len(evidence.sources) - LISTED))
        for source in evidence.sources[first : first + LISTED]:
            words = one_line(source.parts[1] or source.passage, 90)
            parts += [self._number(source.number), f" {place(source)}  ", (words + "\n", MUTED)]
        if len(evidence.sources) > LISTED:
            parts.append((f"F3, then n and p go through all {len(evidence.sources)} sources · x exports\n", MUTED))
        elif evidence.sources:
            parts.append(("F3, then n opens a source at its page · x exports\n", MUTED))
        wrong = [one.claim.text for one in evidence.checked if one.verdict in ("elsewhere", "missing")]
        if wrong and evidence.sources:
            parts.append((f"! Not in these sources: {one_line(', '.join(wrong[:5]), 200)}\n", "$warning"))
        if not evidence.sources and self._view is not None and self._view.demonstration:
            parts.append((f"{one_line(self._view.model, 40)} {TRIED}\n", MUTED))
        return [*parts, "\n"]

    def _read(self) -> list[Part]:
        """What was read of all documents, in cells and in words."""
        if self._reading is None:
            return []
        return [strips.strip(self._reading.strip), (f"  {self._reading.headline}\n", MUTED)]

    def _figures(self, view: TreeView) -> str:
        model = clean(view.model) + (" (demonstration model)" if view.demonstration else "")
        route = "one plain call" if view.started is not None and view.started.route == "plain" else ""
        how = route or f"{plural(view.used.subcalls, 'sub-call')}, depth {view.used.depth}"
        return " · ".join([model, how, f"{count(view.total.processed)} tokens", duration(view.elapsed())])


def _shown(answer: str) -> str:
    """An answer cleaned, without what is behind so many lines."""
    text = clean(answer)
    if text.count("\n") <= LINES:
        return text
    lines = text.split("\n")
    return "\n".join([*lines[:LINES], f"… and {len(lines) - LINES:,} more lines: Ctrl+R, then x exports all of it"])


def _stopped(view: TreeView) -> bool:
    return any(node.stopped for node in view.nodes.values())


def place(source: Source) -> str:
    """A source's document and pages: ``Harbour/Lease.pdf, page 12``."""
    pages = ", ".join(one_line(page, 20) for page in source.pages[:3])
    return (
        f"{one_line(source.name, 60)}, {one_line(source.page_kind, 20)} {pages}" if pages else one_line(source.name, 60)
    )
