"""The question box. A path that is pasted or dragged into it is no question: it goes on to the workspace."""

from textual import events

from rlm_desk.tui.paths import pasted_paths
from rlm_desk.tui.widgets.field import Field

ASK = "Ask a question of all documents, then press Enter"

ASK_WHOLE = "Ask another, with its names: this model does not know the question before"
"""A demonstration model was not taught to go on with a conversation."""


class QuestionBox(Field):
    """One line for a question."""

    def __init__(self, *, id: str) -> None:
        # A question half written is gone on with when the focus comes back, not written over.
        super().__init__(placeholder=ASK, id=id, select_on_focus=False)

    def invite(self, *, whole: bool) -> None:
        """Say what can be asked; `whole`: the model does not know what was asked before."""
        self.placeholder = ASK_WHOLE if whole else ASK

    def on_paste(self, event: events.Paste) -> None:
        """Leave paths to the screen, which loads them; `Field` takes everything else in."""
        if pasted_paths(event.text):
            event.prevent_default()
