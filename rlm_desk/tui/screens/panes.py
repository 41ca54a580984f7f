"""The parts of the screen, and which of them is seen: by the terminal's size, zoomed, hidden, for an audience."""

from collections.abc import Mapping
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

from rlm_desk.tui.arrangement import Edge, Name, name_for
from rlm_desk.tui.widgets.answer import AnswerPane, Conversation
from rlm_desk.tui.widgets.bars import BudgetBar, PaneTabs, StatusLine, TitleBar
from rlm_desk.tui.widgets.documents import Documents, DocumentTree
from rlm_desk.tui.widgets.inspector import Inspector, InspectorText
from rlm_desk.tui.widgets.keyline import KeyLine
from rlm_desk.tui.widgets.pane import Pane, PaneGrid
from rlm_desk.tui.widgets.question import QuestionBox
from rlm_desk.tui.widgets.recursion import RecursionTree
from rlm_desk.tui.widgets.runpane import RecursionPane
from rlm_desk.tui.widgets.source import SourcePane
from rlm_desk.tui.widgets.sourceview import SourceView

STEPS: dict[str, tuple[Edge, Edge, int]] = {
    "wider": ("right", "left", 3),
    "narrower": ("right", "left", -3),
    "higher": ("bottom", "top", 2),
    "lower": ("bottom", "top", -2),
}
"""The edge that moves, the one that moves the other way where there is no such neighbour, and by how much."""

TARGETS: dict[str, type[Widget]] = {
    "documents": DocumentTree,
    "answer": Conversation,
    "recursion": RecursionTree,
    "inspector": InspectorText,
    "source": SourceView,
}
"""What takes the focus in each pane."""


class Panes(Screen[None]):
    """Panes between a title and a question box."""

    AUTO_FOCUS = "#question"
    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = []

    def __init__(self, title: str, *, presenting: bool = False) -> None:
        super().__init__()
        self._title = title
        self.current = "answer"
        """The pane that is seen where only one fits."""
        self.presenting = presenting
        """Only the tree and the answer, large."""
        self.zoomed = False
        """One pane has the whole screen."""
        self.hidden: set[str] = set()
        """Panes a person has put away."""
        self.source_open = False
        """The source stands where the inspector was."""

    def compose(self) -> ComposeResult:
        yield TitleBar(self._title)
        yield PaneTabs()
        with PaneGrid(id="panes"):
            yield Documents(1, "Documents", id="documents")
            yield AnswerPane(2, "Answer", id="answer")
            yield RecursionPane(3, "Tree", id="recursion")
            yield Inspector(4, "Inspector", id="inspector")
            yield SourcePane(5, "Source", id="source")
        yield QuestionBox(id="question")
        yield BudgetBar()
        yield StatusLine()
        yield KeyLine()

    def on_mount(self) -> None:
        self.query_one("#question").border_title = "Question"
        self.show_pane("answer")

    def on_resize(self) -> None:
        self.place_panes()

    # which panes

    def shown(self) -> tuple[Name, list[str]]:
        """The arrangement and the panes it shows."""
        name = name_for(self.size)
        if self.zoomed or (name == "one" and not self.presenting):
            return "one", [self.current]
        if self.presenting:
            return ("stack" if self.size.width < 100 else "present"), ["recursion", "answer"]
        apart = "inspector" if self.source_open else "source"
        return name, [pane for pane in TARGETS if pane != apart and pane not in self.hidden]

    def place_panes(self) -> None:
        """Show and place the panes."""
        name, shown = self.shown()
        grid = self.query_one(PaneGrid)
        grid.panes.current = name
        for pane in self.query(Pane):
            pane.display = pane.id in shown
        self.set_class(name == "one", "-one")
        self.set_class(self.size.height < 30, "-short")
        self.set_class(self.presenting, "-presenting")
        self.set_class(self.zoomed, "-zoomed")
        self.query_one(PaneTabs).show(self.current, self.hidden)
        grid.rearrange()

    def show_pane(self, ident: str) -> None:
        """Make a pane the one that is seen where only one fits; bring it back where it was hidden."""
        self.current = ident
        self.hidden.discard(ident)
        if ident in ("source", "inspector"):
            self.source_open = ident == "source"
        for pane in self.query(Pane):
            pane.set_class(pane.id == ident, "-current")
        self.place_panes()

    @on(events.DescendantFocus)
    def _focus_moved(self) -> None:
        focused = self.focused
        within = {id(node) for node in focused.ancestors_with_self} if focused is not None else set()
        for pane in self.query(Pane):
            active = id(pane) in within
            pane.set_class(active, "-active")
            if active and pane.id and pane.id != self.current:
                self.show_pane(pane.id)

    @on(PaneTabs.Wanted)
    def _tab_clicked(self, event: PaneTabs.Wanted) -> None:
        self.action_pane(event.pane)

    def action_pane(self, ident: str) -> None:
        """Show a pane and put the focus into it."""
        if self.presenting and ident not in ("recursion", "answer"):
            self.presenting = False
        self.show_pane(ident)
        widget = self._target(ident)
        if widget.display:
            self.set_focus(widget)  # at once: `focus` does it a moment later, and the next key would be lost

    @on(RecursionTree.Opened)
    def _opened(self) -> None:
        """What a call was asked and answered, where the inspector is not in sight."""
        if not self.presenting and not self.query_one(Inspector).display:
            self.action_pane("inspector")

    def _target(self, ident: str) -> Widget:
        """What takes the focus in a pane now."""
        if ident == "source":
            return self.query_one(SourcePane).target
        return self.query_one(RecursionPane).target if ident == "recursion" else self.query_one(TARGETS[ident])

    def action_question(self) -> None:
        """Focus the question box."""
        if self.presenting:
            self.action_present()
        self.set_focus(self.query_one("#question"))

    def read_on(self) -> None:
        """Give who has nothing half written the keys of the answer; what they type begins a question from there too."""
        box = self.query_one(QuestionBox)
        here = self.focused is box and not box.value and self.app.screen is self
        if here and self.query_one(AnswerPane).display:
            self.set_focus(self.query_one(Conversation))

    def action_zoom(self) -> None:
        """Give the pane in focus the whole screen, or all panes their place."""
        self.zoomed = not self.zoomed
        self.place_panes()
        self.refresh_bindings()  # Esc has another meaning now

    def action_hide(self) -> None:
        """Put the pane in focus away; from the question box, bring all back."""
        pane = next((p for p in self.query(Pane) if p.has_class("-active") and p.display), None)
        if pane is None or self.zoomed or len(self.shown()[1]) < 2:
            self.hidden.clear()
            self.place_panes()
            return
        if pane.id == "source":
            self.close_source()
            return
        self.hidden.add(pane.id or "")
        self.query_one("#question").focus()
        pane.remove_class("-active")
        self.place_panes()

    def action_present(self) -> None:
        """Only the tree and the answer, for an audience; or everything again."""
        self.presenting = not self.presenting
        self.zoomed = False
        self.place_panes()
        (self._target("recursion") if self.presenting else self.query_one("#question")).focus()

    def close_source(self) -> bool:
        """Bring the inspector back; who was in the source goes to the question. False when it was not open."""
        if not self.source_open:
            return False
        read_now = self.in_source
        self.source_open = False
        if self.current == "source":
            self.current = "answer"
        self.show_pane(self.current)
        if read_now:
            box = self.query_one("#question")
            self.set_focus(box if box.display else self.query_one(Conversation))
        return True

    @property
    def in_source(self) -> bool:
        """The focus is in the source."""
        return self.source_open and self.query_one(SourcePane).has_focus_within

    # kept between starts

    @property
    def layout_state(self) -> dict[str, Any]:
        """What a person changed of the panes."""
        kept: dict[str, Any] = {"panes": self.query_one(PaneGrid).panes.arrangement.state}
        return kept | {"hidden": sorted(self.hidden), "timed": self.query_one(RecursionPane).timed}

    def restore_layout(self, state: Mapping[str, Any]) -> None:
        """Take what was kept; what makes no sense is left out."""
        panes, hidden = state.get("panes"), state.get("hidden")
        if isinstance(panes, dict):
            self.query_one(PaneGrid).panes.arrangement.restore(panes)
        if isinstance(hidden, list):
            self.hidden = {pane for pane in hidden if pane in TARGETS and pane != "answer"}
        if state.get("timed") is True and not self.query_one(RecursionPane).timed:
            self.query_one(RecursionPane).turn(None)
        self.place_panes()

    # sizes

    def action_resize(self, how: str) -> None:
        """Make the pane in focus wider, narrower, higher or lower."""
        pane = next((p for p in self.query(Pane) if p.has_class("-active") and p.display), None)
        if pane is None or pane.id is None:
            return
        edge, other, by = STEPS[how]
        place = pane.region.translate(-self.query_one(PaneGrid).region.offset)
        at = {"right": place.right, "left": place.x, "bottom": place.bottom, "top": place.y}
        if not self._move(pane.id, edge, at[edge] + by):
            self._move(pane.id, other, at[other] - by)

    @on(Pane.Dragged)
    def _dragged(self, event: Pane.Dragged) -> None:
        origin = self.query_one(PaneGrid).region.offset
        to = event.x - origin.x if event.edge in ("left", "right") else event.y - origin.y
        self._move(event.pane, event.edge, to + (event.edge in ("right", "bottom")))

    def _move(self, pane: str, edge: Edge, to: int) -> bool:
        grid = self.query_one(PaneGrid)
        name, shown = self.shown()
        if not grid.panes.arrangement.move(name, shown, grid.size, pane, edge, to):
            return False
        grid.rearrange()
        return True
