"""Panes with a run in them, to be looked at: shared by the workspace and by runs of the history."""

from typing import cast

from textual import on

from rlm_desk.corpus import Corpus, Placed
from rlm_desk.tui.screens.display import Display
from rlm_desk.tui.screens.panes import Panes
from rlm_desk.tui.session import Session
from rlm_desk.tui.widgets.inspector import Inspector
from rlm_desk.tui.widgets.recursion import Jump, RecursionTree
from rlm_desk.tui.widgets.source import SourcePane

NOTHING: dict[Jump, str] = {
    "failed": "No node failed",
    "slowest": "There is no sub-call yet",
    "answer": "No node is known that the answer stands on",
}


class Looking(Panes):
    """Choosing nodes of the tree, folding them, jumping to some, turning the inspector's tabs."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self._display = Display(self)

    @property
    def session(self) -> Session | None:
        """The run that the panes show."""
        return self._display.session

    @on(RecursionTree.Chosen)
    def _chosen(self, event: RecursionTree.Chosen) -> None:
        self._display.choose(event.node)

    def action_fold(self) -> None:
        """Fold or unfold the chosen node."""
        self.query_one(RecursionTree).fold()

    def action_jump(self, to: str) -> None:
        """Go to a node worth seeing."""
        if not self.query_one(RecursionTree).jump(cast(Jump, to)):
            self._display.say(NOTHING[cast(Jump, to)])

    def action_tab(self, by: int) -> None:
        """Change the inspector's tab."""
        self.query_one(Inspector).turn_tab(by)

    # documents

    def open_document(self, corpus: Corpus, placed: Placed) -> None:
        """Show a document's text in the source pane."""
        reading = self.session.reading() if self.session is not None and self.session.corpus is corpus else None
        self.query_one(SourcePane).show(corpus, placed, ledger=reading.ledger if reading else None)
        self.action_pane("source")

    def action_find(self) -> None:
        """Find a word in the document that is open."""
        self.query_one(SourcePane).find()
