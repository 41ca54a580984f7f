"""The conversation: questions and answers, oldest first."""

from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Static

from rlm_desk.clean import one_line
from rlm_desk.confine.host import privacy
from rlm_desk.rlm.tree import TreeView
from rlm_desk.tui.commands import bindings
from rlm_desk.tui.session import Reading
from rlm_desk.tui.widgets.pane import Pane
from rlm_desk.tui.widgets.turn import Turn

KEPT = 20
"""Turns that stay mounted; older ones are in the history."""

TEACH = """\
Ask questions of documents far longer than the model's window.

1  Add documents: Ctrl+O, then a file or a folder.
2  Write a question below and press Enter.
3  Watch the tree: the model cuts the text up, asks itself about the pieces and combines what comes back. \
Every step can be looked at.

%s F1 shows all keys."""

TRYING = (
    "\n\n%s is for trying out: F11, then t asks it about agreements invented for it. "
    "For your own documents, F11 leads to a model."
)
"""Below that where a demonstration model is asked."""


class Taught(Static):
    """What an empty desk teaches. The lines of a numbered step stand under its first word."""

    def __init__(self, text: str) -> None:
        super().__init__(text, id="answer-empty", markup=False)
        self._text = text

    def teach(self, text: str) -> None:
        """Say this from now on."""
        self._text = text
        self.on_resize()

    def on_resize(self) -> None:
        width = self.content_size.width
        lines = self._text.split("\n")
        steps = {
            line: wrap(line, width, subsequent_indent="   ") for line in lines if line[:1].isdigit() and width > 12
        }
        self.update("\n".join("\n".join(steps.get(line, [line])) for line in lines))


class AnswerPane(Pane):
    """The conversation, scrolled to its end unless a person scrolled away."""

    DEFAULT_CSS = """
    AnswerPane VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    AnswerPane .turn { height: auto; padding: 0 1; margin: 0 0 1 0; }
    AnswerPane #answer-empty { color: $text-muted; padding: 0 1; height: auto; }
    """

    def compose(self) -> ComposeResult:
        with Conversation(id="conversation"):
            yield Taught(TEACH % privacy(""))

    def teach(self, leaves: str, trying: str) -> None:
        """Say how to begin, where text goes, and that the model `trying`, if there is one, is for trying things out."""
        more = TRYING % one_line(trying, 40) if trying else ""
        self.query_one(Taught).teach(TEACH % privacy(leaves) + more)

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

    async def clear(self) -> None:
        """Take all turns off, and teach again."""
        await self.query(Turn).remove()
        self.query_one("#answer-empty").display = True

    def show(self, turn: Turn, view: TreeView, reading: Reading | None = None) -> None:
        """Draw a turn; stay at the end of the conversation unless a person scrolled away."""
        conversation = self.query_one(Conversation)
        # Textual's own anchor() scrolls below zero while everything fits (8.2.8).
        at_end = conversation.is_vertical_scroll_end
        turn.show(view, reading)
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
        *bindings("answer"),
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
    ]
