"""Two runs beside each other: what differs, both answers, both trees."""

from typing import ClassVar

from rich.cells import set_cell_size
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from rlm_desk.clean import clean, one_line
from rlm_desk.tui.commands import bindings
from rlm_desk.tui.differences import Row, changed_words, rows
from rlm_desk.tui.player import Player
from rlm_desk.tui.port import DeskPort, PastRun
from rlm_desk.tui.screens.beside import Beside, Words
from rlm_desk.tui.screens.playback import Playback
from rlm_desk.tui.widgets.bars import ScreenTitle
from rlm_desk.tui.widgets.keyline import KeyLine
from rlm_desk.tui.widgets.recursion import RecursionTree
from rlm_desk.tui.wording import MUTED

NAMES = ("A", "B")


class Compare(Beside):
    """Figures on top, the one run at the left, the other at the right. Tab goes through the parts."""

    AUTO_FOCUS = "#answer-a"
    parts: ClassVar[tuple[str, ...]] = ("compare",)
    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [*bindings("compare")]

    def __init__(self, one: PastRun, other: PastRun, desk: DeskPort | None = None) -> None:
        super().__init__()
        self._desk = desk
        self._runs = (one, other)
        self._players = tuple(
            Player(run.recorded, run.corpus, goes_on=run.summary.status == "running") for run in self._runs
        )

    def compose(self) -> ComposeResult:
        yield ScreenTitle("Two runs side by side")
        yield Figures(id="figures")
        with Horizontal(id="beside"):
            for name in NAMES:
                with Vertical(classes="side"):
                    yield Answer(id=f"answer-{name.lower()}")
                    yield RecursionTree(id=f"tree-{name.lower()}")
        yield Words()
        yield KeyLine()

    def on_mount(self) -> None:
        views = []
        for player in self._players:
            player.end()
            view = player.session.frame(player.now)
            assert view is not None
            views.append(view)
        readings = [player.session.reading() for player in self._players]
        self.say("Enter opens the run in focus; what only one of them says is underlined")
        self.query_one(Figures).show(
            rows(self._runs, views, [reading.headline if reading else "" for reading in readings])
        )
        texts = [clean(view.answer) for view in views]
        for name, run, view, text, pieces in zip(NAMES, self._runs, views, texts, changed_words(*texts), strict=True):
            answer = self.query_one(f"#answer-{name.lower()}", Answer)
            answer.border_title = Content(f"{name} · {one_line(run.summary.question or run.summary.id, 60)}")
            answer.show(text, pieces)
            tree = self.query_one(f"#tree-{name.lower()}", RecursionTree)
            tree.border_title = Content(f"{name} · the tree")
            tree.show(view if view.nodes else None)

    def action_open(self) -> None:
        """Open the run whose part has the focus."""
        focused = self.focused.id if self.focused is not None else None
        self.app.push_screen(Playback(self._runs[1 if focused and focused.endswith("-b") else 0], desk=self._desk))


class Figures(Static):
    """A row for each figure; those that differ are marked, and said to be."""

    def __init__(self, *, id: str) -> None:
        super().__init__("", id=id, markup=False)
        self._rows: list[Row] = []

    def show(self, rows: list[Row]) -> None:
        """Draw the figures."""
        self._rows = rows
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        column = max(8, (self.size.width - 16) // 2)
        parts: list[str | tuple[str, str]] = [(f"   {'':<11}{'A':<{column}} B\n", MUTED)]
        for row in self._rows:
            mark, style = (" ≠ ", "bold $warning") if row.differs else ("   ", "")
            one, other = (set_cell_size(one_line(value, column), column) for value in (row.one, row.other))
            parts += [(mark, style), (f"{row.name:<11}", MUTED), (one, style), (f" {other}\n", style)]
        self.update(Content.assemble(*parts))


class Answer(Static, can_focus=True):
    """An answer; the words the other one does not have are underlined."""

    def show(self, text: str, pieces: list[tuple[str, bool]]) -> None:
        """Draw the pieces; `True` marks those that only this answer has."""
        if not text:
            self.update(Content.styled("(no answer)", MUTED))
            return
        self.update(Content.assemble(*((piece, "underline bold") if own else piece for piece, own in pieces)))
