"""The documents pane: a tree by folder, what was skipped and why, and how far loading is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static, Tree
from textual.widgets.tree import TreeNode

from rlm_desk.clean import clean, one_line
from rlm_desk.corpus import Corpus, Placed
from rlm_desk.tui.commands import bindings
from rlm_desk.tui.port import Progress, Skipped
from rlm_desk.tui.widgets.pane import Pane
from rlm_desk.tui.wording import bar, count, plural

OPEN_LIMIT = 60
"""With more documents than this, folders start folded."""

TEACH = (
    "No documents yet.\n\nCtrl+O adds a file or a whole folder: "
    "text, Markdown and PDF. They are read on this machine and stay on it."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a line of the tree stands for."""

    kind: Literal["folder", "document", "skipped"]
    name: str
    document: str = ""
    """The document's id."""
    reason: str = ""
    """Why a file was skipped."""


class DocumentTree(Tree[Entry]):
    """Documents by folder."""

    # Without Tree's own Enter: that reads the document here (see commands).
    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        *bindings("documents"),
        *(b for b in Tree.BINDINGS if isinstance(b, Binding) and b.key != "enter"),
    ]

    def __init__(self) -> None:
        super().__init__("documents", id="document-tree")
        self.show_root = False
        self.guide_depth = 2
        self.auto_expand = False


class Documents(Pane):
    """Shows a corpus. It changes only by `show`, and rebuilds the tree once for all of it."""

    DEFAULT_CSS = """
    Documents #documents-empty { color: $text-muted; padding: 0 1; height: auto; }
    Documents #documents-progress { height: auto; color: $accent; padding: 0 1; display: none; }
    Documents DocumentTree { background: transparent; height: 1fr; scrollbar-size: 0 1; }
    """

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
        if progress is not None:
            share = progress.done / max(1, progress.total)
            name = one_line(progress.name, 40)
            line.update(Content(f"Reading {progress.done:,} of {progress.total:,}  {bar(share, 10)}\n{name}"))

    def show(self, corpus: Corpus, skipped: Sequence[Skipped]) -> None:
        """Draw what is loaded."""
        tree = self.tree_widget
        something = bool(corpus.documents or skipped)
        tree.display = something
        self.query_one("#documents-empty").display = not something
        opened = len(corpus.documents) <= OPEN_LIMIT
        tree.clear()
        folders: dict[str, list[Placed]] = {}
        for placed in corpus.documents:
            folders.setdefault(placed.document.folder, []).append(placed)
        for folder in sorted(folders, key=str.casefold):
            inside = folders[folder]
            where: TreeNode[Entry] = tree.root
            if folder:
                label = Text.assemble((one_line(folder, 60), "bold"), (f"  {len(inside)}", "dim"))
                where = tree.root.add(label, Entry("folder", folder), expand=opened)
            for placed in sorted(inside, key=lambda p: p.document.name.casefold()):
                where.add_leaf(self._label(placed), Entry("document", placed.document.name, placed.document.id))
        if skipped:
            label = Text(f"✗ {plural(len(skipped), 'file')} skipped", style="bold")
            where = tree.root.add(label, Entry("skipped", ""), expand=len(skipped) <= 5)
            for one in skipped:
                text = Text.assemble(one_line(one.name, 60), (f" {one_line(one.reason, 200)}", "dim"))
                where.add_leaf(text, Entry("skipped", one.name, reason=one.reason))
        tree.root.expand()
        self.caption(
            f"{len(corpus.documents):,}" if corpus.documents else "",
            f"{plural(corpus.pages, 'page')} · {count(len(corpus))} characters" if corpus.documents else "",
        )
        if something:
            tree.call_after_refresh(self._first_line)

    def _first_line(self) -> None:
        self.tree_widget.cursor_line = max(self.tree_widget.cursor_line, 0)

    @property
    def chosen(self) -> Entry | None:
        """What the cursor is on."""
        node = self.tree_widget.cursor_node
        return node.data if node is not None else None

    @staticmethod
    def _label(placed: Placed) -> Text:
        document = placed.document
        file = one_line(document.name.rsplit("/", 1)[-1], 60)
        unit = {"page": "p", "section": "sec", "lines": "part"}.get(document.page_kind, document.page_kind)
        pages = f"{len(document.pages):,} {clean(unit)} " if len(document.pages) > 1 else ""
        label = Text.assemble(file, (f"  {pages}{count(len(document.text))}", "dim"))
        if document.notes:
            label.append(" ⚑", "dim")
        return label
