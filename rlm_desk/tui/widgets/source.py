"""The source pane: one document, the word that is searched in it, and what stands in its borders."""

import re
from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from rlm_desk.clean import one_line
from rlm_desk.corpus import Corpus, Placed
from rlm_desk.tui.widgets import strips
from rlm_desk.tui.widgets.field import Field
from rlm_desk.tui.widgets.pane import Pane
from rlm_desk.tui.widgets.sourceview import Mark, SourceView
from rlm_desk.tui.wording import count, plural

FOUND = 5_000
"""Places of a searched word that are marked."""

TEACH = "A document's text is shown here: choose a number such as [1] in an answer, or a document and Enter."


class SourcePane(Pane):
    """Shows one document; a word can be searched in it."""

    DEFAULT_CSS = """
    SourcePane #source-empty { color: $text-muted; padding: 0 1; height: auto; }
    SourcePane #source-find { border: none; height: 1; padding: 0 1; display: none; background: $panel; }
    SourcePane #source-find:focus { border: none; }
    """

    def __init__(self, number: int, title: str, *, id: str) -> None:
        super().__init__(number, title, id=id)
        self._marks: list[Mark] = []
        self._hits: list[Mark] = []
        self._footing = ""
        self.corpus: Corpus | None = None
        """What the document lies in."""

    def compose(self) -> ComposeResult:
        yield Static(TEACH, id="source-empty", markup=False)
        yield SourceView(id="source-text")
        yield Field(placeholder="Find in this document, then Enter", id="source-find", select_on_focus=True)

    def on_mount(self) -> None:
        self.view.display = False

    @property
    def view(self) -> SourceView:
        return self.query_one(SourceView)

    def show(
        self,
        corpus: Corpus,
        placed: Placed,
        marks: Sequence[Mark] = (),
        *,
        ledger: strips.Ledger | None = None,
        aim: int | None = None,
        footing: str = "",
    ) -> None:
        """Show a document of the corpus. `footing` stands in the lower border."""
        self.query_one("#source-empty").display = False
        view = self.view
        view.display = True
        self.corpus, view.ledger, view.offset_in_corpus = corpus, ledger, placed.start
        self._marks, self._hits, self._footing = list(marks), [], footing
        strong = next((m for m in marks if m.strong), None)
        view.show(placed.document, marks, aim if aim is not None else strong.start if strong else 0)
        self._title(view.page_at(strong.start if strong else aim or 0))

    def clear(self) -> None:
        """Show no document."""
        self.corpus = None
        self._marks, self._hits, self._footing = [], [], ""
        self.view.display, self.query_one("#source-empty").display = False, True
        self.caption("")

    def read(self, ledger: strips.Ledger | None) -> None:
        """The run on the screen has read more."""
        if self.view.display and (ledger is not None or self.view.ledger is not None):
            self.view.ledger = ledger
            self.view.refresh()

    @on(SourceView.Moved)
    def _moved(self, event: SourceView.Moved) -> None:
        self._title(event.page)

    def _title(self, page: int) -> None:
        document = self.view.document
        if document is None:
            return
        pages = document.pages
        where = f" · {document.page_kind} {one_line(pages[page].label, 20)}" if pages else ""
        of = f" of {len(pages):,}" if len(pages) > 1 else ""
        below = self._footing or f"{plural(len(pages), 'page')} · {count(len(document.text))} characters"
        self.caption(f"{one_line(document.name, 60)}{where}{of}", below)

    # finding

    def find(self) -> None:
        """Ask for a word to search."""
        if self.view.display:
            self.query_one("#source-find").display = True
            self.query_one("#source-find").focus()

    @on(Input.Submitted, "#source-find")
    def _find(self, event: Input.Submitted) -> None:
        event.stop()
        document = self.view.document
        word = event.value.strip()
        event.input.display = False
        self.view.focus()
        if document is None or not word:
            self._hits = []
            self.view.mark(self._marks)
            return
        pattern = re.compile(r"\s+".join(map(re.escape, word.split())), re.IGNORECASE)
        self._hits = []
        for hit in pattern.finditer(document.text):
            self._hits.append(Mark(hit.start(), hit.end(), strong=False))
            if len(self._hits) == FOUND:
                break
        self.step(1, self.view.top_offset() - 1)
        if not self._hits:
            self._footing = f"“{one_line(word, 30)}” is not in this document"
            self._title(self.view.page_at(self.view.top_offset()))

    def step(self, by: int, after: int | None = None) -> bool:
        """Go to the next hit (1) or the one before (-1). False when nothing was searched."""
        if not self._hits:
            return False
        at = next((i for i, m in enumerate(self._hits) if m.strong), None)
        if at is None:
            at = next((i for i, m in enumerate(self._hits) if m.start > (after or 0)), 0) - by
        at = (at + by) % len(self._hits)
        self._hits = [Mark(m.start, m.end, i == at) for i, m in enumerate(self._hits)]
        self.view.mark([*(Mark(m.start, m.end, False) for m in self._marks), *self._hits])
        self.view.go(self._hits[at].start)
        self._footing = f"{at + 1:,} of {len(self._hits):,} · n next · Esc back"
        self._title(self.view.page_at(self._hits[at].start))
        return True
