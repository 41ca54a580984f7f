"""The question box. A path that is pasted or dragged into it is no question: it goes on to the workspace."""

from textual import events

from rlm_desk.tui.paths import pasted_paths
from rlm_desk.tui.widgets.field import Field


class QuestionBox(Field):
    """One line for a question."""

    def __init__(self, *, placeholder: str, id: str) -> None:
        # A question half written is gone on with when the focus comes back, not written over.
        super().__init__(placeholder=placeholder, id=id, select_on_focus=False)

    def on_paste(self, event: events.Paste) -> None:
        """Leave paths to the screen, which loads them; `Field` takes everything else in."""
        if pasted_paths(event.text):
            event.prevent_default()
