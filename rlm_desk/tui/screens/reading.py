"""A screen with one long text; a document's, to begin with."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import ModalScreen

from rlm_desk.clean import one_line
from rlm_desk.corpus import Document
from rlm_desk.tui.widgets.textview import Part, TextView
from rlm_desk.tui.wording import count, plural


class Reading(ModalScreen[None]):
    """One text over the whole screen; Esc goes back."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        Binding("escape,q,enter", "dismiss", "Back", show=False)
    ]

    def __init__(self, title: str, below: str, parts: list[Part]) -> None:
        super().__init__()
        self._title, self._below, self._parts = title, below, parts

    def compose(self) -> ComposeResult:
        view = TextView(id="reading")
        view.add_class("full")
        view.border_title = Content(one_line(self._title, 100))
        view.border_subtitle = Content(f"{self._below} · Esc goes back" if self._below else "Esc goes back")
        yield view

    def on_mount(self) -> None:
        self.query_one(TextView).show(self._parts)
        self.query_one(TextView).focus()


def document_screen(document: Document) -> Reading:
    """The text that was read from a document, page by page."""
    parts: list[Part] = [Part("note", note) for note in document.notes]
    for page in document.pages:
        if len(document.pages) > 1:
            parts.append(Part("heading", f"── {document.page_kind} {page.label} ──"))
        parts.append(Part("plain", document.text[page.start : page.end]))
    if not document.pages:
        parts.append(Part("plain", document.text))
    below = f"{plural(len(document.pages), 'page')} · {count(len(document.text))} characters"
    return Reading(document.name, below, parts)
