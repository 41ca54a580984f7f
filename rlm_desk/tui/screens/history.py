"""Earlier runs; opening one plays its events into the workspace."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import DataTable, Static

from rlm_desk.clean import one_line
from rlm_desk.tui.port import RunSummary
from rlm_desk.tui.wording import RUN_WORDS, duration

EMPTY = "No runs yet.\n\nEvery question you ask is kept here, with all its steps, on this machine only.\nEsc goes back."

MARKS = {"answered": "✓", "failed": "✗", "cancelled": "⊘"}


class History(ModalScreen[str]):
    """A table of runs, newest first; its result is the id of the one to open, or empty."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        Binding("escape,q", "dismiss('')", "Back", show=False)
    ]

    def __init__(self, runs: Sequence[RunSummary]) -> None:
        super().__init__()
        self._runs = list(runs)

    def compose(self) -> ComposeResult:
        with Vertical(classes="full") as box:
            box.border_title = "History"
            box.border_subtitle = "Enter opens · Esc goes back"
            if self._runs:
                yield DataTable(id="history-table", cursor_type="row", zebra_stripes=False)
            else:
                yield Static(EMPTY, id="history-empty", markup=False)

    def on_mount(self) -> None:
        if not self._runs:
            return
        table: DataTable[Text] = self.query_one(DataTable)
        width = max(20, self.app.size.width - 58)
        for name, cells in (("When", 16), ("State", 14), ("Time", 7), ("Model", 10)):
            table.add_column(name, width=cells)
        table.add_column("Question", width=width)
        for run in self._runs:
            when = datetime.fromtimestamp(run.started).strftime("%Y-%m-%d %H:%M")
            state = f"{MARKS.get(run.status, '!')} {RUN_WORDS.get(run.status, run.status)}"
            # Text, not str: a table reads strings as markup.
            table.add_row(
                Text(when),
                Text(state),
                Text(duration(run.seconds)),
                Text(one_line(run.model, 10)),
                Text(one_line(run.question or "(the question was removed)", width)),
            )
        table.focus()

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        self.dismiss(self._runs[event.cursor_row].id)
