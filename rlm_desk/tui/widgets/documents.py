"""The documents pane: a tree by folder with pages, tokens and coverage; what was skipped; how far loading is."""

from collections.abc import Hashable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from rlm_desk.clean import one_line
from rlm_desk.corpus import Corpus
from rlm_desk.tui.commands import bindings
from rlm_desk.tui.port import Progress, Skipped
from rlm_desk.tui.widgets import strips
from rlm_desk.tui.widgets.documententries import Entry, entries
from rlm_desk.tui.widgets.pane import Pane
from rlm_desk.tui.widgets.rows import Rows, fitted, fitted_name
from rlm_desk.tui.wording import bar, count, plural

OPEN_LIMIT = 60
"""With more documents than this, folders start folded."""

CHARS_PER_TOKEN = 4.0
"""Until the model has counted a sample of the documents."""

TEACH = (
    "No documents yet.\n\nCtrl+O adds a file or a whole folder; paths dragged or pasted into this window work too. "
    "They are read on this machine and stay on it."
)


class DocumentTree(Rows):
    """Documents by folder."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        *bindings("documents"),
        Binding("left", "fold(True)", "Fold", show=False),
        Binding("right", "fold(False)", "Unfold", show=False),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "documents--name",
        "documents--folder",
        "documents--figure",
        "documents--skipped",
        *(f"documents--{one}" for one in strips.SIGNS),
    }

    DEFAULT_CSS = """
    DocumentTree { height: 1fr; }
    DocumentTree .documents--folder { text-style: bold; }
    DocumentTree .documents--figure { color: $text-muted; }
    DocumentTree .documents--skipped { color: $warning; }
    DocumentTree .documents--shown { color: $success; text-style: bold; }
    DocumentTree .documents--part { color: $success; }
    DocumentTree .documents--returned { color: $accent; }
    DocumentTree .documents--scanned { color: $warning; }
    DocumentTree .documents--untouched { color: $foreground 40%; }
    """

    def __init__(self) -> None:
        super().__init__(id="document-tree")
        self._entries: list[Entry] = []
        self._visible: list[Entry] = []
        self._folded: set[Hashable] = set()
        self.ledger: strips.Ledger | None = None
        """How the run on the screen read the documents; None when there is none, or it read others."""
        self.per_token = CHARS_PER_TOKEN

    @property
    def chosen(self) -> Entry | None:
        """What the cursor is on."""
        row = self.row(self.cursor)
        return self._visible[row] if row is not None and row < len(self._visible) else None

    def show(self, corpus: Corpus, skipped: Sequence[Skipped]) -> None:
        """Draw what is loaded."""
        first, self._entries = not self._entries, entries(corpus, skipped)
        if first and len(corpus.documents) > OPEN_LIMIT:
            self._folded = {self._key(entry) for entry in self._entries if entry.kind == "folder"}
        if first and len(skipped) > 5:
            self._folded.add(("skipped", "", ""))
        self._lay_out()
        if self.row(self.cursor) is None and self.keys:
            self.choose(self.keys[0])

    def _lay_out(self) -> None:
        hidden: int | None = None
        self._visible = []
        for entry in self._entries:
            if hidden is not None and entry.level > hidden:
                continue
            hidden = entry.level if self._key(entry) in self._folded else None
            self._visible.append(entry)
        self.lay_out([self._key(entry) for entry in self._visible])

    @staticmethod
    def _key(entry: Entry) -> tuple[str, str, str]:
        # A name may stand twice, with other bytes behind it.
        return (entry.kind, entry.name, entry.document)

    def fold(self) -> None:
        """Fold or unfold the chosen folder."""
        entry = self.chosen
        if entry is not None and (entry.kind == "folder" or not entry.name):
            self._folded ^= {self._key(entry)}
            self._lay_out()

    def action_fold(self, folded: bool) -> None:
        """Fold or unfold the chosen folder; a document's own folder is gone to."""
        entry = self.chosen
        if entry is None:
            return
        if entry.kind == "folder" and (self._key(entry) in self._folded) != folded:
            self.fold()
        elif folded and entry.level:
            row = self.row(self.cursor) or 0
            above = next((e for e in reversed(self._visible[:row]) if e.level < entry.level), None)
            if above is not None:
                self.choose(self._key(above))

    def pressed(self, row: int, x: int, twice: bool) -> None:
        entry = self._visible[row]
        if entry.kind == "folder" or (entry.kind == "skipped" and not entry.name):
            self.fold()
        elif twice:
            self.call_later(self.run_action, "screen.preview")

    def paint(self, row: int, width: int) -> list[Segment]:
        """A line: name, coverage, pages, tokens."""
        entry = self._visible[row]
        component = self.get_component_rich_style
        indent = " " + "  " * entry.level
        figure = component("documents--figure")
        if entry.kind == "skipped":
            style = component("documents--skipped")
            if not entry.name:
                sign = "▸" if self._key(entry) in self._folded else "▾"
                return [Segment(f"{indent}{sign} ✗ {plural(entry.documents, 'file')} not read", style)]
            why = fitted(f"{one_line(entry.name)} {entry.reason}", width - cell_len(indent) - 3)  # Enter says it whole
            return [Segment(f"{indent}✗ ", style), Segment(why, figure)]
        right = self._figures(entry, width)
        room = width - cell_len(indent + right) - 2
        cells = 0 if room < 18 else min(16, room // 3)
        strip = [
            Segment(text, component(f"documents--{one}"))
            for one, text in strips.runs(strips.cells(self.ledger, entry.ranges, cells))
        ]
        name = one_line(entry.shown, 200)
        sign = "  " if entry.kind == "document" else "▸ " if self._key(entry) in self._folded else "▾ "
        look = component("documents--folder" if entry.kind == "folder" else "documents--name")
        return [
            Segment(indent, figure),
            Segment(sign, figure),
            Segment((fitted if entry.kind == "folder" else fitted_name)(name, room - cells - (cells > 0)), look),
            Segment(" " if cells else "", figure),
            *strip,
            Segment(right, figure),
        ]

    def _figures(self, entry: Entry, width: int) -> str:
        """Pages and tokens, right-aligned."""
        if width < 24:
            return ""
        wide = width >= 46
        unit = f" {entry.unit:<4}" if wide else entry.unit[:1]
        pages = f"{count(entry.pages):>4}{unit}" if entry.pages else ""
        tokens = f"{count(entry.chars / self.per_token):>5}{' tok' if wide else 't'}"
        return f" {pages:>5} {tokens}{' ⚑' if entry.noted else '  ' if wide else ' '}"


class Documents(Pane):
    """Shows a corpus, and how a run reads it."""

    DEFAULT_CSS = """
    Documents #documents-empty { color: $text-muted; padding: 0 1; height: auto; }
    Documents #documents-progress { height: auto; color: $accent; padding: 0 1; display: none; }
    """

    def __init__(self, number: int, title: str, *, id: str) -> None:
        super().__init__(number, title, id=id)
        self.showing: Corpus | None = None
        """What is drawn."""
        self._above = self._below = ""

    def compose(self) -> ComposeResult:
        yield Static(TEACH, id="documents-empty", markup=False)
        yield Static("", id="documents-progress", markup=False)
        yield DocumentTree()

    @property
    def tree_widget(self) -> DocumentTree:
        return self.query_one(DocumentTree)

    def on_mount(self) -> None:
        self.tree_widget.display = False

    def progress(self, progress: Progress | None) -> None:
        """How far loading is; None when it is over."""
        line = self.query_one("#documents-progress", Static)
        line.display = progress is not None
        self.query_one("#documents-empty").display = progress is None and not self.tree_widget.display
        if progress is not None:
            share = progress.done / max(1, progress.total)
            name = one_line(progress.name, 40)
            line.update(Content(f"Reading {progress.done:,} of {progress.total:,}  {bar(share, 10)}\n{name}"))

    def show(self, corpus: Corpus, skipped: Sequence[Skipped]) -> None:
        """Draw what is loaded; how an earlier run read other documents is taken off."""
        self.showing = corpus
        something = bool(corpus.documents or skipped)
        self.tree_widget.display = something
        self.query_one("#documents-empty").display = not something
        self.tree_widget.ledger = None
        self.tree_widget.show(corpus, skipped)
        self._above = plural(len(corpus.documents), "document") if corpus.documents else ""
        self._sum_up()

    def _sum_up(self) -> None:
        """Below: the sums of the columns, in words, since there is no room for them beside every figure."""
        corpus, per_token = self.showing, self.tree_widget.per_token
        some = corpus is not None and bool(corpus.documents)
        below = f"{plural(corpus.pages, 'page')} · {count(len(corpus) / per_token)} tokens" if corpus and some else ""
        self._below = below
        if self.tree_widget.ledger is None:
            self.caption(self._above, below)

    def read(self, ledger: strips.Ledger | None, headline: str) -> None:
        """Draw how a run has read the documents so far."""
        tree = self.tree_widget
        if ledger is not None or tree.ledger is not None:
            tree.ledger = ledger
            tree.refresh_rows()
        if tree.display:
            self.caption(self._above, headline or self._below)

    def measured(self, per_token: float) -> None:
        """Say tokens as the model counts them."""
        self.tree_widget.per_token = max(per_token, 0.1)
        self._sum_up()
        self.tree_widget.refresh_rows()

    @property
    def chosen(self) -> Entry | None:
        """What the cursor is on."""
        return self.tree_widget.chosen
