"""One question of the conversation and what came of it: what goes on, the answer, what was read of the documents."""

from dataclasses import dataclass

from textual.content import Content
from textual.widgets import Static

from rlm_desk.clean import clean
from rlm_desk.rlm.tree import TreeView
from rlm_desk.tui.session import Reading
from rlm_desk.tui.widgets import strips
from rlm_desk.tui.wording import MUTED, RUN_WORDS, count, duration, plural

TAIL = 8
"""Lines of the code being written that are shown; all of it is in the inspector."""

KEPT_LIVE = 20_000
"""Characters of a live reply that are kept."""

LABELS = {
    "forced": "Forced answer: the model was made to stop and answer with what it had. Check it.",
    "best_effort": "Best effort: a budget ran out before the model had finished. Check it.",
}

Part = str | Content | tuple[str, str]


@dataclass(slots=True)
class Note:
    """A sentence below an answer, with its style."""

    text: str
    style: str


class Turn(Static):
    """One question and what came of it. Drawn again from a snapshot; finished turns do not change."""

    def __init__(self, question: str) -> None:
        super().__init__("", markup=False, classes="turn")
        self._question = clean(question)
        self._live = ""
        self._view: TreeView | None = None
        self._reading: Reading | None = None
        self._notes: list[Note] = []
        self._drawn = Content("")
        self._shape: tuple[int, str, bool] | None = None
        self._draw()

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

    def note(self, text: str, style: str = MUTED) -> None:
        """A sentence below the answer: an error, a verdict."""
        self._notes.append(Note(clean(text), style))
        self._draw()

    @property
    def plain(self) -> str:
        """Question, answer and labels as text, for a file."""
        view = self._view
        lines = [f"Question: {self._question}", ""]
        if view is not None:
            lines += [clean(view.answer) or f"({RUN_WORDS[view.status]})", ""]
            if view.how in LABELS:
                lines += [LABELS[view.how], ""]
            lines += [self._reading.headline] if self._reading else []
            lines += [self._figures(view), f"Run {view.run}"]
        lines += [note.text for note in self._notes]
        return "\n".join(lines) + "\n"

    @property
    def answer(self) -> str:
        return clean(self._view.answer) if self._view else ""

    def _draw(self) -> None:
        parts: list[Part] = [("❯ ", "bold $primary"), (self._question, "bold"), "\n\n"]
        view = self._view
        if view is None:
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
            return [live, ("▌", "blink")]
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
        if view.answer:
            parts += [clean(view.answer), "\n\n"]
        elif view.status == "cancelled":
            parts.append(("⊘ Cancelled before there was an answer. The run is kept in the history (Ctrl+R).\n\n", ""))
        elif view.status == "interrupted":
            parts.append(("! Interrupted: the app was stopped during this run. What was recorded is shown.\n\n", ""))
        elif view.status == "failed":
            parts.append(("✗ The run failed.\n\n", "bold $error"))
        if view.error and view.status != "cancelled":
            parts.append((f"{clean(view.error)}\n\n", "$error" if view.status == "failed" else "$warning"))
        return [*parts, *self._read(), (self._figures(view), MUTED), "\n"]

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
