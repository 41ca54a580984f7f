"""The conversation: questions, what goes on while one is answered, and answers with their label."""

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from rlm_desk.clean import clean
from rlm_desk.rlm.tree import TreeView
from rlm_desk.tui.widgets.pane import Pane
from rlm_desk.tui.wording import MUTED, RUN_WORDS, count, duration, plural

KEPT = 20
"""Turns that stay mounted; older ones are in the history."""

TAIL = 8
"""Lines of the code being written that are shown; all of it is in the inspector."""

KEPT_LIVE = 20_000
"""Characters of a live reply that are kept."""

TEACH = """\
Ask questions of documents far longer than the model's window.

1  Add documents: Ctrl+O, then a file or a folder.
2  Write a question below and press Enter.
3  Watch the tree: the model writes code that cuts the text up, asks itself about the pieces and combines what \
comes back. Every step can be looked at.

Nothing leaves this machine. F1 shows all keys."""

LABELS = {
    "forced": "Forced answer: the model was made to stop and answer with what it had. Check it.",
    "best_effort": "Best effort: a budget ran out before the model had finished. Check it.",
}

Part = str | tuple[str, str]


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
        self._coverage = ""
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

    def show(self, view: TreeView, coverage: str = "") -> None:
        """Draw a snapshot of the run. `coverage` says how many pages a model was shown."""
        self._view, self._coverage = view, coverage
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
        parts.append((self._figures(view), MUTED))
        parts.append("\n")
        return parts

    def _figures(self, view: TreeView) -> str:
        model = clean(view.model) + (" (demonstration model)" if view.demonstration else "")
        route = "one plain call" if view.started is not None and view.started.route == "plain" else ""
        how = route or f"{plural(view.used.subcalls, 'sub-call')}, depth {view.used.depth}"
        parts = [model, how, f"{count(view.total.processed)} tokens", duration(view.elapsed())]
        return " · ".join([*parts, self._coverage] if self._coverage else parts)


class AnswerPane(Pane):
    """The conversation, scrolled to its end unless a person scrolled away."""

    DEFAULT_CSS = """
    AnswerPane VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    AnswerPane .turn { height: auto; padding: 0 1; margin: 0 0 1 0; }
    AnswerPane #answer-empty { color: $text-muted; padding: 0 1; height: auto; }
    """

    def compose(self) -> ComposeResult:
        with Conversation(id="conversation"):
            yield Static(TEACH, id="answer-empty", markup=False)

    @property
    def turns(self) -> list[Turn]:
        return list(self.query(Turn))

    @property
    def last(self) -> Turn | None:
        """The turn asked last."""
        turns = self.turns
        return turns[-1] if turns else None

    async def ask(self, question: str) -> Turn:
        """Begin a turn."""
        turn = Turn(question)
        await self.add(turn)
        return turn

    async def add(self, turn: Turn) -> None:
        """Put a turn at the end. One that is over is best drawn before: it is laid out once, as it is."""
        self.query_one("#answer-empty").display = False
        conversation = self.query_one(Conversation)
        await conversation.mount(turn)
        for old in self.turns[:-KEPT]:
            await old.remove()
        conversation.call_after_refresh(conversation.scroll_end, animate=False)

    def show(self, turn: Turn, view: TreeView, coverage: str = "") -> None:
        """Draw a turn; stay at the end of the conversation unless a person scrolled away."""
        conversation = self.query_one(Conversation)
        # Textual's own anchor() scrolls below zero while everything fits (8.2.8).
        at_end = conversation.is_vertical_scroll_end
        turn.show(view, coverage)
        if at_end:
            conversation.call_after_refresh(conversation.scroll_end, animate=False)

    def note(self, turn: Turn, text: str, style: str) -> None:
        """Add lines below a turn, and show them unless a person scrolled away."""
        conversation = self.query_one(Conversation)
        at_end = conversation.is_vertical_scroll_end
        turn.note(text, style)
        if at_end:
            conversation.call_after_refresh(conversation.scroll_end, animate=False)


class Conversation(VerticalScroll, can_focus=True):
    """Turns, oldest first."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
    ]
