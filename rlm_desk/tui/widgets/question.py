"""The question box. A path that is pasted or dragged into it is no question: it goes on to the workspace."""

from textual import events
from textual.widgets import Input

from rlm_desk.tui.paths import pasted_paths


class QuestionBox(Input):
    """One line for a question."""

    def on_paste(self, event: events.Paste) -> None:
        """Leave paths to the screen, which loads them; `Input` takes everything else in."""
        if pasted_paths(event.text):
            event.prevent_default()
