"""A bordered part of the workspace with a number, so that a key can go to it."""

from textual.containers import Vertical
from textual.content import Content


class Pane(Vertical):
    """One of the four panes."""

    def __init__(self, number: int, title: str, *, id: str) -> None:
        super().__init__(id=id, classes="pane")
        self.number = number
        self.name_shown = title
        self._caption: tuple[str, str] | None = None
        self.caption("")

    def caption(self, more: str, below: str = "") -> None:
        """What stands in the border: the pane's name, `more` behind it, `below` at the bottom."""
        # Content, not str: a border title given as text would be read as markup.
        if (more, below) == self._caption:
            return
        self._caption = (more, below)
        title = f"{self.number} {self.name_shown}" + (f" · {more}" if more else "")
        self.border_title = Content(title)
        self.border_subtitle = Content(below) if below else None
