"""The parts of the screen, and which of them is seen where there is no room for all."""

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer, Input

from rlm_desk.tui.widgets.answer import AnswerPane, Conversation
from rlm_desk.tui.widgets.bars import BudgetBar, PaneTabs, StatusLine, TitleBar
from rlm_desk.tui.widgets.documents import Documents, DocumentTree
from rlm_desk.tui.widgets.inspector import Inspector, InspectorText
from rlm_desk.tui.widgets.pane import Pane
from rlm_desk.tui.widgets.recursion import RecursionTree


class Panes(Screen[None]):
    """Four panes between a title and a question box. The stylesheet places them by the terminal's size."""

    AUTO_FOCUS = "#question"

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def compose(self) -> ComposeResult:
        yield TitleBar(self._title)
        yield PaneTabs()
        with Container(id="panes"):
            yield Documents(1, "Documents", id="documents")
            yield AnswerPane(2, "Answer", id="answer")
            with Pane(3, "Tree", id="recursion"):
                yield RecursionTree(id="tree")
            yield Inspector(4, "Inspector", id="inspector")
        yield Input(placeholder="Ask a question of all documents, then press Enter", id="question")
        yield BudgetBar()
        yield StatusLine()
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one("#question").border_title = "Question"
        self.show_pane("answer")

    def show_pane(self, ident: str) -> None:
        """Make a pane the one that is seen where only one fits."""
        for pane in self.query(Pane):
            pane.set_class(pane.id == ident, "-current")
        self.query_one(PaneTabs).show(ident)

    @on(events.DescendantFocus)
    def _focus_moved(self) -> None:
        focused = self.focused
        within = {id(node) for node in focused.ancestors_with_self} if focused is not None else set()
        for pane in self.query(Pane):
            active = id(pane) in within
            pane.set_class(active, "-active")
            if active and pane.id:
                self.show_pane(pane.id)

    @on(PaneTabs.Wanted)
    def _tab_clicked(self, event: PaneTabs.Wanted) -> None:
        self.action_pane(event.pane)

    def action_pane(self, ident: str) -> None:
        """Show a pane and put the focus into it."""
        self.show_pane(ident)
        targets: dict[str, type[Widget]] = {
            "documents": DocumentTree,
            "answer": Conversation,
            "recursion": RecursionTree,
            "inspector": InspectorText,
        }
        widget = self.query_one(targets[ident])
        if widget.display:
            widget.focus()

    def action_question(self) -> None:
        """Focus the question box."""
        self.query_one("#question").focus()

    def action_zoom(self) -> None:
        """Give the pane in focus the whole screen, or all panes their place."""
        self.toggle_class("-zoomed")
