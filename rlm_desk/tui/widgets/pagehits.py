"""Pages that hold the words that were searched for."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from rlm_desk.clean import clean, one_line
from rlm_desk.tui.port import PageHit
from rlm_desk.tui.wording import MUTED, plural


class PageHits(OptionList):
    """One line a page: where it is, and the words with what stands around them."""

    DEFAULT_CSS = """
    PageHits { height: auto; max-height: 40%; border: round $edge; background: $surface; padding: 0;
        border-title-color: $text-muted; border-subtitle-color: $text-muted; }
    PageHits:focus { border: round $primary; border-title-color: $primary; }
    """

    @dataclass
    class Chosen(Message):
        """A page is to be read."""

        hit: PageHit

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, markup=False)
        self._hits: list[PageHit] = []

    def show(self, hits: Sequence[PageHit], more: bool) -> None:
        """List pages, best first; `more` says that others fit too."""
        self._hits = list(hits)
        self.clear_options()
        self.add_options([Option(_line(hit)) for hit in self._hits])
        self.highlighted = 0 if self._hits else None
        self.border_title = Content(plural(len(hits), "page") + (" and more" if more else ""))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(self._hits[event.option_index]))


def _line(hit: PageHit) -> Content:
    """Where and what; the words that fit are bold."""
    parts: list[str | tuple[str, str]] = [
        (f"{one_line(hit.name, 40)} {clean(hit.page_kind)} {clean(hit.label)}", "bold")
    ]
    parts.append((": ", MUTED))
    at = 0
    for start, end in hit.marks:
        parts += [_flat(hit.snippet[at:start]), (_flat(hit.snippet[start:end]), "bold underline")]
        at = end
    parts.append(_flat(hit.snippet[at:]))
    return Content.assemble(*parts)


def _flat(text: str) -> str:
    """A piece of a line; the blanks at its ends are part of it."""
    return clean(text).replace("\n", " ")
