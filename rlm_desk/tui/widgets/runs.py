"""Runs of the history: a table, and what stands beside it about the chosen one."""

import time
from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.widgets import DataTable

from rlm_desk.clean import one_line
from rlm_desk.tui.commands import binding_of
from rlm_desk.tui.port import RunSummary
from rlm_desk.tui.widgets.textview import Part, TextView
from rlm_desk.tui.wording import RUN_MARKS, RUN_WORDS, count, duration, moment, plural

GONE = "(the question was removed)"


def has(run: RunSummary, words: Sequence[str]) -> bool:
    """Whether all words stand in what was asked, answered or said about it."""
    text = " ".join((run.question or "", run.answer or "", run.error, run.model, run.id)).casefold()
    return all(word in text for word in words)


class RunTable(DataTable[Text]):
    """One line a run. The column of questions takes what the others leave."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [binding_of("screen.open")]

    DEFAULT_CSS = """
    RunTable { height: 1fr; background: $surface; scrollbar-size-vertical: 1; overflow-x: hidden; }
    RunTable:focus { background-tint: $foreground 0%; }
    """

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, cursor_type="row", zebra_stripes=False, cell_padding=1)
        self._runs: list[RunSummary] = []
        self._marked: str | None = None

    def on_mount(self) -> None:
        self._build()

    def on_resize(self, event: events.Resize) -> None:
        if event.size.width:
            self._build()

    @property
    def chosen(self) -> RunSummary | None:
        """The run under the cursor."""
        return self._runs[self.cursor_row] if 0 <= self.cursor_row < len(self._runs) else None

    def after(self, run: str) -> str | None:
        """The run that takes the place of one that goes."""
        ids = [one.id for one in self._runs]
        at = ids.index(run) if run in ids else 0
        rest = ids[at + 1 :] or ids[max(0, at - 1) : at]
        return rest[0] if rest else None

    def show(self, runs: Sequence[RunSummary], marked: str | None, chosen: str | None = None) -> None:
        """List runs; `marked` is the first of two to be compared. The cursor stays on its run, or goes to `chosen`."""
        wanted = chosen or (self.chosen.id if self.chosen else None)
        self._runs, self._marked = list(runs), marked
        self._build()
        rows = [row for row, run in enumerate(self._runs) if run.id == wanted]
        self.move_cursor(row=rows[0] if rows else 0)

    def _build(self) -> None:
        row = self.cursor_row
        self.clear(columns=True)
        narrow = self.size.width < 60
        widths = {"": 1, "When": 12 if narrow else 16, "State": 1 if narrow else 13, "Time": 6}
        # Each column has a blank cell on both sides; the scrollbar takes one.
        room = max(10, self.size.width - sum(widths.values()) - 2 * (len(widths) + 1) - 1)
        for name in ("", "When", "State"):
            self.add_column("" if narrow and name == "State" else name, width=widths[name])
        self.add_column("Question", width=room)
        self.add_column("Time", width=widths["Time"])
        now = time.time()
        for run in self._runs:
            mark = RUN_MARKS.get(run.status, "!")
            state = mark if narrow else f"{mark} {RUN_WORDS.get(run.status, run.status)}"
            # Text, not str: a table reads strings as markup.
            self.add_row(
                Text("◆" if run.id == self._marked else " "),
                Text(moment(run.started, now)[: widths["When"]]),
                Text(state),
                Text(one_line(run.question if run.question is not None else GONE, room)),
                Text(f"{duration(run.seconds):>6}"),
            )
        if self._runs:
            self.move_cursor(row=min(row, len(self._runs) - 1))


class Preview(TextView):
    """Question, answer and figures of a run, as the history keeps them."""

    DEFAULT_CSS = """
    Preview { border: round $edge; border-title-color: $text-muted; background: $surface; padding: 0 1; }
    Preview:focus { border: round $primary; border-title-color: $primary; }
    """

    def describe(self, run: RunSummary | None) -> None:
        """Draw a run; None draws nothing."""
        self.show(preview(run) if run is not None else ())


def preview(run: RunSummary) -> list[Part]:
    """What is known of a run without opening it."""
    parts = [Part("heading", run.question if run.question is not None else GONE), Part("plain", "")]
    if run.status == "best_effort":
        parts.append(Part("note", "Best effort: the work was cut short.\n"))
    if run.answer:
        parts.append(Part("plain", run.answer))
    elif run.status == "interrupted":
        parts.append(Part("note", "Interrupted: the app was stopped during this run. What was recorded can be opened."))
    elif run.status == "answered":
        parts.append(Part("note", "The text of the answer was removed."))
    else:
        parts.append(Part("note", f"No answer: {RUN_WORDS.get(run.status, run.status)}."))
    if run.error:
        parts.append(Part("bad", f"\n{run.error}"))
    demonstration = " (demonstration model)" if run.demonstration else ""
    rows = (
        ("asked", time.strftime("%Y-%m-%d %H:%M", time.localtime(run.started))),
        ("took", duration(run.seconds)),
        ("model", one_line(run.model) + demonstration),
        ("read", f"{plural(run.documents, 'document')}, {count(run.chars)} characters"),
        ("run", run.id),
    )
    parts.append(Part("note", "\n" + "\n".join(f"{name:<7}{value}" for name, value in rows)))
    return parts
