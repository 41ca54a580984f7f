"""The source pane: one document, its pages as printed, the word that is searched, what stands in its borders."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.worker import Worker

from rlm_desk.clean import one_line
from rlm_desk.corpus import Corpus, Document, Placed
from rlm_desk.documents.picture import Picture
from rlm_desk.errors import DeskError
from rlm_desk.tui.widgets import strips
from rlm_desk.tui.widgets.field import Field
from rlm_desk.tui.widgets.pageview import PageView
from rlm_desk.tui.widgets.pane import Pane
from rlm_desk.tui.widgets.sourceview import Mark, SourceView
from rlm_desk.tui.wording import count, plural

FOUND = 5_000
"""Places of a searched word that are marked."""

BOTH = 64
"""Columns of the pane from which on text and page stand side by side; with fewer the page takes the text's place."""

REST_SECONDS = 0.15
"""How long turning rests before a page is drawn."""

Paint = Callable[[Document, int, int, int], Awaitable[Picture]]
"""Draws a page: document, index of the page, and the box of pixels. Raises DeskError."""

TEACH = "A document's text is shown here: choose a number such as [1] in an answer, or a document and Enter."


class SourcePane(Pane):
    """Shows one document; a word can be searched in it, and its pages seen beside the text."""

    DEFAULT_CSS = """
    SourcePane #source-empty { color: $text-muted; padding: 0 1; height: auto; }
    SourcePane #source-both { height: 1fr; }
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
        self._paint: Paint | None = None
        """Draws pages; None: only text is shown."""
        self._page = 0
        """Index of the page that is looked at."""
        self._wanted: tuple[str, int, int, int] | None = None
        """The picture that is shown or on its way: document, page, width, height."""

    def compose(self) -> ComposeResult:
        yield Static(TEACH, id="source-empty", markup=False)
        with Horizontal(id="source-both"):
            yield SourceView(id="source-text")
            yield PageView(id="source-page")
        yield Field(placeholder="Find in this document, then Enter", id="source-find", select_on_focus=True)

    def on_mount(self) -> None:
        self.view.display = False

    @property
    def view(self) -> SourceView:
        return self.query_one(SourceView)

    @property
    def target(self) -> Widget:
        """What takes the focus."""
        view = self.view
        return view if view.display or self.corpus is None else self.query_one(PageView)

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
        self.corpus, view.ledger, view.offset_in_corpus = corpus, ledger, placed.start
        self._marks, self._hits, self._footing = list(marks), [], footing
        strong = next((m for m in marks if m.strong), None)
        view.show(placed.document, marks, aim if aim is not None else strong.start if strong else 0)
        self._title(view.page_at(strong.start if strong else aim or 0))
        self._arrange()

    def foot(self, text: str) -> None:
        """Another lower border for the document that is open."""
        self._footing = text
        self._title(self._page)

    def clear(self) -> None:
        """Show no document."""
        self.corpus = None
        self._marks, self._hits, self._footing = [], [], ""
        self.query_one("#source-empty").display = True
        self._arrange()
        self.caption("")

    def read(self, ledger: strips.Ledger | None) -> None:
        """The run on the screen has read more."""
        if self.corpus is not None and (ledger is not None or self.view.ledger is not None):
            self.view.ledger = ledger
            self.view.refresh()

    @on(SourceView.Moved)
    def _moved(self, event: SourceView.Moved) -> None:
        if self.view.display:
            strong = next((m for m in (*self._hits, *self._marks) if m.strong), None)
            seen = strong is not None and self.view.sees(strong.start)
            self._title(self.view.page_at(strong.start) if strong is not None and seen else event.page)

    def _title(self, page: int) -> None:
        document = self.view.document
        if document is None:
            return
        pages = document.pages
        self._page = page
        self._draw()
        where = f" · {one_line(document.page_kind, 20)} {one_line(pages[page].label, 20)}" if pages else ""
        of = f" of {len(pages):,}" if len(pages) > 1 else ""
        below = self._footing or f"{plural(len(pages), 'page')} · {count(len(document.text))} characters"
        self.caption(f"{one_line(document.name, 60)}{where}{of}", below)

    # the page itself

    @property
    def pictured(self) -> bool:
        """The page is shown, not its text alone."""
        return self._paint is not None

    def picture(self, paint: Paint | None) -> None:
        """Show the page too, drawn by `paint`; without one, the text alone."""
        self._paint = paint
        self._arrange()

    def _arrange(self) -> None:
        """Text, page or both, by the room there is."""
        view, page = self.view, self.query_one(PageView)
        focused = self.screen.focused in (view, page)
        was_hidden = page.display and not view.display
        drawable = view.document is not None and view.document.kind == "pdf"
        page.display = self.corpus is not None and self.pictured and drawable
        view.display = self.corpus is not None and not (page.display and self.content_size.width < BOTH)
        if focused and self.corpus is not None:
            self.screen.set_focus(self.target)
        document = view.document
        if was_hidden and view.display and document is not None and view.page_at(view.top_offset()) != self._page:
            view.go(document.pages[self._page].start)  # it was turned meanwhile
        self._draw()

    def on_resize(self) -> None:
        """Another width may have room for both."""
        if self.pictured:
            self._arrange()

    @on(PageView.Sized)
    def _draw(self) -> None:
        """Have the page drawn that is looked at, if it is to be seen and is not yet."""
        page, document = self.query_one(PageView), self.view.document
        width, height = page.box
        if self._paint is None or self.corpus is None or document is None:
            if self._wanted is not None:
                self._wanted = None
                self.workers.cancel_group(self.screen, "page")
            return
        wanted = (document.id, self._page, width, height)
        if page.display and width > 0 < height and wanted != self._wanted:
            self._wanted = wanted
            work = partial(self._painted, self._paint, document, self._page, page.box)
            # The screen's: it tells of defects, and ends the drawing of a page that is not looked at any more.
            _: Worker[None] = self.screen.run_worker(work, group="page", exclusive=True, exit_on_error=False)

    async def _painted(self, paint: Paint, document: Document, number: int, box: tuple[int, int]) -> None:
        page = self.query_one(PageView)
        await asyncio.sleep(REST_SECONDS)
        page.say("Drawing the page…")
        try:
            page.show(await paint(document, number, *box))
        except DeskError as problem:
            page.say(f"{one_line(problem.sentence, 300)} {problem.next_step}".strip())

    @on(PageView.Turned)
    def _turned(self, event: PageView.Turned) -> None:
        document = self.view.document
        if document is None or not document.pages:
            return
        number = min(max(self._page + event.by, 0), len(document.pages) - 1)
        if self.view.display:
            self.view.go(document.pages[number].start)
        self._title(number)

    # finding

    def find(self) -> None:
        """Ask for a word to search, in the text."""
        if self.corpus is not None:
            if not self.view.display:
                self.picture(None)
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
