"""The pane of a run: its tree, or the same nodes over time."""

from textual.app import ComposeResult
from textual.widget import Widget

from rlm_desk.tui.widgets.pane import Pane
from rlm_desk.tui.widgets.recursion import RecursionTree
from rlm_desk.tui.widgets.timeline import Timeline


class RecursionPane(Pane):
    """Holds both; one of them is seen."""

    timed = False
    """The timeline is seen."""

    def compose(self) -> ComposeResult:
        tree = RecursionTree(id="tree")
        yield tree
        yield Timeline(tree, id="timeline")

    @property
    def target(self) -> Widget:
        """What takes the focus."""
        return self.query_one(Timeline) if self.timed else self.query_one(RecursionTree)

    def turn(self, now: float | None) -> None:
        """Show the other one; the cursor stays on its node. `now` as for the tree."""
        focused = self.target.has_focus
        self.timed = not self.timed
        tree, timeline = self.query_one(RecursionTree), self.query_one(Timeline)
        tree.display, timeline.display = not self.timed, self.timed
        self.name_shown = "Timeline" if self.timed else "Tree"
        if self.timed:
            timeline.show(now)
            self.call_after_refresh(timeline.follow)
        elif tree.chosen is not None:
            tree.reveal(tree.chosen)
        if focused:
            self.target.focus()
