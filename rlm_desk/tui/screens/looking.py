"""Panes with a run in them, to be looked at: shared by the workspace and by runs of the history."""

from typing import cast

from textual import on

from rlm_desk.clean import one_line
from rlm_desk.corpus import Corpus, Placed
from rlm_desk.tui.port import DeskPort
from rlm_desk.tui.screens.display import Display
from rlm_desk.tui.screens.panes import Panes
from rlm_desk.tui.session import Session
from rlm_desk.tui.widgets.answer import AnswerPane
from rlm_desk.tui.widgets.inspector import Inspector
from rlm_desk.tui.widgets.recursion import Jump, RecursionTree
from rlm_desk.tui.widgets.runpane import RecursionPane
from rlm_desk.tui.widgets.source import SourcePane
from rlm_desk.tui.widgets.sourceview import Mark
from rlm_desk.tui.widgets.strips import Ledger
from rlm_desk.tui.widgets.timeline import Timeline
from rlm_desk.tui.widgets.turn import Turn

NOTHING: dict[Jump, str] = {
    "failed": "No node failed",
    "slowest": "There is no sub-call yet",
    "answer": "No sub-call is known that the answer stands on",
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

    @property
    def chosen(self) -> int | None:
        """The node under the cursor."""
        return self.query_one(RecursionTree).chosen

    @on(RecursionTree.Chosen)
    def _chosen(self, event: RecursionTree.Chosen) -> None:
        self._display.choose(event.node)

    def action_fold(self) -> None:
        """Fold or unfold the chosen node."""
        self.query_one(RecursionTree).fold()

    def action_jump(self, to: str) -> None:
        """Go to a node worth seeing."""
        if not self.query_one(RecursionTree).jump(cast(Jump, to)):
            early = to == "answer" and self.session is not None and self.session.view.running
            self._display.say("There is no answer yet" if early else NOTHING[cast(Jump, to)])
        self.query_one(Timeline).follow()

    def action_timeline(self) -> None:
        """The run as a tree, or over time."""
        self._display.turn_over()

    def action_closer(self, by: int) -> None:
        """Half the time around the cursor (1), or twice as much (-1)."""
        pane = self.query_one(RecursionPane)
        if pane.timed:
            self.query_one(Timeline).closer(by)

    def action_tab(self, by: int) -> None:
        """Change the inspector's tab."""
        self.query_one(Inspector).turn_tab(by)

    # documents

    def open_document(self, corpus: Corpus, placed: Placed) -> None:
        """Show a document's text in the source pane."""
        reading = self.session.reading() if self.session is not None and self.session.corpus is corpus else None
        for turn in self.query_one(AnswerPane).turns:
            if turn.cited:
                turn.cite(0)  # what is open now is no source of it
        self.query_one(SourcePane).show(corpus, placed, ledger=reading.ledger if reading else None)
        self.action_pane("source")

    def action_open_source(self, run: str, number: int) -> None:
        """Show a numbered source of an answer at its page, with the passage marked."""
        pane = self.query_one(AnswerPane)
        turn = next((t for t in reversed(pane.turns) if t.evidence is not None and t.evidence.run == run), None)
        if turn is None or turn.evidence is None or turn.corpus is None:
            return
        if not 1 <= number <= len(turn.evidence.sources):
            return
        source = turn.evidence.sources[number - 1]
        placed = turn.corpus.documents[source.document]
        marks = [
            Mark(one.span.start - placed.start, one.span.end - placed.start, one is source)
            for one in turn.evidence.sources
            if one.document == source.document
        ]
        ledger = Ledger(turn.evidence.shown, turn.evidence.returned, turn.evidence.scanned)
        footing = _footing(number, turn, turn is not pane.last)
        for other in pane.turns:
            if other is not turn and other.cited:
                other.cite(0)
        turn.cite(number)
        self.query_one(SourcePane).show(turn.corpus, placed, marks, ledger=ledger, footing=footing)
        self.action_pane("source")

    def leave_sources(self) -> None:
        """A new question: the source of an earlier answer goes, unless somebody reads it just now."""
        cited = [turn for turn in self.query_one(AnswerPane).turns if turn.cited]
        if not cited:
            return
        if self.in_source:
            self.query_one(SourcePane).foot(_footing(cited[0].cited, cited[0], earlier=True))
            return
        for turn in cited:
            turn.cite(0)
        self.query_one(SourcePane).clear()
        self.close_source()

    def action_cite(self, by: int) -> None:
        """Open the next source of the answer (1), or the one before (-1); in a searched document, the next hit."""
        if self.source_open and self.query_one(SourcePane).step(by):
            return
        turns = [t for t in self.query_one(AnswerPane).turns if t.evidence is not None and t.evidence.sources]
        if not turns:
            self._display.say("No answer here has sources yet")
            return
        turn = next((t for t in turns if t.cited), turns[-1])
        assert turn.evidence is not None
        count = len(turn.evidence.sources)
        number = (turn.cited - 1 + by) % count + 1 if turn.cited else (1 if by > 0 else count)
        self.action_open_source(turn.evidence.run, number)

    def painter(self) -> DeskPort | None:
        """The desk that draws pages of these documents; None where there is none yet."""
        raise NotImplementedError

    def action_page(self) -> None:
        """The page of a PDF beside its text, or in its place where only one fits; or the text alone again."""
        pane, desk = self.query_one(SourcePane), self.painter()
        document = pane.view.document if pane.corpus is not None else None
        if document is None:
            self._display.say("Choose a document first")
        elif document.kind != "pdf":
            self._display.say(f"{one_line(document.name, 60)} is no PDF: only a PDF has pages to draw")
        elif desk is None:
            self._display.say("The desk is not open: no page can be drawn")
        else:
            pane.picture(None if pane.pictured else desk.picture)

    def action_find(self) -> None:
        """Find a word in the document that is open."""
        self.query_one(SourcePane).find()


def _footing(number: int, turn: Turn, earlier: bool) -> str:
    """What stands below a source: which it is, and what can be done."""
    total = len(turn.evidence.sources) if turn.evidence is not None else 0
    whose = " of an earlier answer" if earlier else ""
    return f"source {number} of {total}{whose} · n next · p before · Esc back"
