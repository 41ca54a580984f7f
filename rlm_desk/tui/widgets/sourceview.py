"""A document's text by pages, with passages marked and how the run read every line of it.

Only visible rows are drawn; where rows begin is found in slices, so that a document of any length opens at once and the
screen stays quick meanwhile.
"""

import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from rlm_desk.clean import one_line
from rlm_desk.corpus import Document
from rlm_desk.tui.commands import bindings
from rlm_desk.tui.widgets import strips
from rlm_desk.tui.widgets.wrapping import rows, shown

SLICE = 0.02
"""Seconds of laying out before the screen may draw and take keys."""

STEP = 65_536
"""Characters laid out between two looks at the clock."""

GUTTER = {"shown": "┃", "part": "╏", "returned": "┇", "scanned": "┊", "untouched": " "}


@dataclass(frozen=True, slots=True)
class Mark:
    """A passage that is marked, in characters of the document."""

    start: int
    end: int
    strong: bool = True
    """The one the person asked for; others are underlined."""


class SourceView(ScrollView, can_focus=True):
    """A document's text. Nothing in it is ever read as markup."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        *bindings("source"),
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
        Binding("space", "page_down", "Page down", show=False),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "source--text",
        "source--page",
        "source--note",
        "source--mark",
        "source--other",
        *(f"source--{one}" for one in strips.SIGNS),
    }

    DEFAULT_CSS = """
    SourceView { height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1; }
    SourceView .source--page { color: $primary; text-style: bold; }
    SourceView .source--note { color: $text-muted; text-style: italic; }
    SourceView .source--mark { background: $warning 35%; color: $foreground; text-style: bold; }
    SourceView .source--other { text-style: underline; color: $accent; }
    SourceView .source--shown { color: $success; }
    SourceView .source--part { color: $success; }
    SourceView .source--returned { color: $accent; }
    SourceView .source--scanned { color: $warning; }
    """

    @dataclass
    class Moved(Message):
        """Another page is at the top."""

        page: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._document: Document | None = None
        self._starts: list[int] = []
        """What each row begins with: an offset in the text, or the heading number -1 - row."""
        self._headings: list[tuple[str, str]] = []
        self._work: Iterator[None] | None = None
        self._width = 0
        self._marks: list[Mark] = []
        self._aim: int | None = None
        """The offset to show as soon as it is laid out."""
        self._aim_first = False
        """It is to be the first row that is seen."""
        self._page = -1
        self.ledger: strips.Ledger | None = None
        """How the run on the screen read the corpus the document lies in."""
        self.offset_in_corpus = 0

    @property
    def document(self) -> Document | None:
        """What is shown."""
        return self._document

    @property
    def laid_out(self) -> bool:
        """All rows are known."""
        return self._work is None

    @property
    def row_count(self) -> int:
        """Rows known so far."""
        return len(self._starts)

    def show(self, document: Document, marks: Sequence[Mark] = (), aim: int | None = None) -> None:
        """Show a document with its marks, at the offset `aim`."""
        if document is not self._document:
            self._document = document
            self._page = -1
            self._begin()
        self.mark(marks)
        self.go(aim if aim is not None else 0)

    def mark(self, marks: Sequence[Mark]) -> None:
        """Replace the marks."""
        self._marks = sorted(marks, key=lambda mark: (mark.start, not mark.strong))
        self.refresh()

    def go(self, offset: int, *, first: bool = False) -> None:
        """Show the row of an offset, a third down the pane or as the first row: now, or when it is laid out."""
        self._aim, self._aim_first = offset, first
        self._lay_out()

    def top_offset(self) -> int:
        """The text offset of the first visible row."""
        return self._offset(round(self.scroll_offset.y))

    def sees(self, offset: int) -> bool:
        """Whether the row of an offset is on the screen."""
        row = self.row_of(offset)
        return row is not None and 0 <= row - round(self.scroll_offset.y) < self.size.height

    def page_at(self, offset: int) -> int:
        """The index of the page that holds an offset."""
        pages = self._document.pages if self._document else ()
        return max(0, bisect_right([page.start for page in pages], offset) - 1)

    def on_resize(self, event: events.Resize) -> None:
        width = self.scrollable_content_region.width
        if width != self._width and self._document is not None:
            strong = next((mark.start for mark in self._marks if mark.strong and self.sees(mark.start)), None)
            first = self._aim_first if self._aim is not None else strong is None
            keep = self._aim if self._aim is not None else self.top_offset() if strong is None else strong
            self._begin()
            self.go(keep, first=first)

    # laying out

    def _begin(self) -> None:
        self._width = max(4, self.scrollable_content_region.width)
        self._starts, self._headings = [], []
        self._work = self._slices(self._document) if self._document else None

    def _slices(self, document: Document) -> Iterator[None]:
        text, width = document.text, self._width - 2
        for note in document.notes:
            self._heading("note", f"⚑ {one_line(note, 400)}")
        pages = document.pages
        bounds = [*(page.start for page in pages[1:]), len(text)] if pages else [len(text)]
        start = 0
        for index, end in enumerate(bounds):
            if len(pages) > 1:
                self._heading("page", f"── {one_line(document.page_kind, 20)} {one_line(pages[index].label, 40)} ")
            while start < end or (start == end and not text):
                stop = end if end - start <= STEP else text.find("\n", start + STEP, end) + 1 or end
                self._starts += rows(text, width, start, stop)
                start = stop
                yield
                if not text:
                    break

    def _heading(self, kind: str, text: str) -> None:
        self._headings.append((kind, text))
        self._starts.append(-len(self._headings))

    def _lay_out(self) -> None:
        """Lay out for a slice; the rest follows when the screen has drawn."""
        if self._width <= 4 or self._work is None:
            self._arrive()
            return
        until = time.perf_counter() + SLICE
        for _ in self._work:
            if time.perf_counter() > until:
                self.call_after_refresh(self._lay_out)
                break
        else:
            self._work = None
        self.virtual_size = Size(self._width, len(self._starts))
        self._arrive()
        self.refresh()

    def _arrive(self) -> None:
        if self._aim is None or self._width <= 4:
            return
        row = self.row_of(self._aim)
        if row is None:
            return
        self._aim = None
        above = 0 if self._aim_first else self.size.height // 3
        self.scroll_to(y=max(0, row - above), animate=False, force=True)

    def row_of(self, offset: int) -> int | None:
        """The row that holds an offset; None while it is not laid out."""
        if not self.laid_out and (not self._starts or self._offset(len(self._starts) - 1) <= offset):
            return None
        low, high = 0, len(self._starts)
        while low < high:
            middle = (low + high) // 2
            if self._offset(middle) <= offset:
                low = middle + 1
            else:
                high = middle
        return max(0, low - 1)

    def _offset(self, row: int) -> int:
        """The text offset a row stands at; a heading stands where the text below it begins, less a little."""
        while row < len(self._starts) and self._starts[row] < 0:
            row += 1
        if row < len(self._starts):
            return self._starts[row]
        return len(self._document.text) if self._document else 0

    def _end(self, row: int) -> int:
        return self._offset(row + 1)

    # drawing

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self._document is not None and self._starts:
            page = self.page_at(self.top_offset())
            if page != self._page:
                self._page = page
                self.post_message(self.Moved(page))

    def render_line(self, y: int) -> Strip:
        """One visible row."""
        row = y + round(self.scroll_offset.y)
        width = self.size.width
        base = self.rich_style
        if self._document is None or row >= len(self._starts):
            return Strip.blank(width, base)
        start = self._starts[row]
        if start < 0:
            kind, text = self._headings[-start - 1]
            style = self.get_component_rich_style(f"source--{kind}")
            text = text + "─" * (width - len(text) - 1) if kind == "page" else text
            return Strip([Segment(text, style)]).adjust_cell_length(width, base)
        end = self._end(row)
        segments = [self._gutter(start, end)]
        for piece, mark in self._pieces(start, end):
            look = "source--text" if mark is None else "source--mark" if mark.strong else "source--other"
            segments.append(Segment(shown(piece), self.get_component_rich_style(look)))
        return Strip(segments).adjust_cell_length(width, base)

    def _gutter(self, start: int, end: int) -> Segment:
        if self.ledger is None or start >= end:
            return Segment("  ", self.rich_style)
        state = strips.state(self.ledger.amount(start + self.offset_in_corpus, end + self.offset_in_corpus))
        return Segment(f"{GUTTER[state]} ", self.get_component_rich_style(f"source--{state}"))

    def _pieces(self, start: int, end: int) -> Iterator[tuple[str, Mark | None]]:
        """A row's text, cut where marks begin and end."""
        assert self._document is not None
        near = [m for m in self._marks if m.start < end and m.end > start]
        cuts = sorted({start, end, *(max(start, m.start) for m in near), *(min(end, m.end) for m in near)})
        for low, high in pairwise(cuts):
            over = [m for m in near if m.start <= low and m.end >= high]
            yield self._document.text[low:high], min(over, key=lambda m: not m.strong, default=None)
