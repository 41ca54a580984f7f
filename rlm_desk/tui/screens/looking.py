"""Panes with a run in them, to be looked at: shared by the workspace and by runs of the history."""

from typing import Literal, cast

from textual import on

from rlm_desk.tui.screens.display import Display
from rlm_desk.tui.screens.panes import Panes
from rlm_desk.tui.session import Session
from rlm_desk.tui.widgets.inspector import Inspector
from rlm_desk.tui.widgets.recursion import RecursionTree


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
        if not self.query_one(RecursionTree).jump(cast(Literal["failed", "slowest"], to)):
            self._display.say("No node failed" if to == "failed" else "There is no sub-call yet")

    def action_tab(self, by: int) -> None:
        """Change the inspector's tab."""
        self.query_one(Inspector).turn_tab(by)
