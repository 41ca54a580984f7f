"""The question box. A path that is pasted or dragged into it is no question: it goes on to the workspace."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.binding import Binding

from rlm_desk.tui.commands import bindings
from rlm_desk.tui.paths import pasted_paths
from rlm_desk.tui.widgets.field import Field

ASK = "Ask a question of all documents, then press Enter"

ASK_WHOLE = "Ask another, with its names: this model knows none before. Ctrl+L ↑ the last"
"""A demonstration model was not taught to go on with a conversation."""


class QuestionBox(Field):
    """One line for a question."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [*bindings("question")]

    def __init__(self, *, id: str) -> None:
        # A question half written is gone on with when the focus comes back, not written over.
        super().__init__(placeholder=ASK, id=id, select_on_focus=False)
        self._back = 0
        """How many questions back the one is that was brought back; 0: none was."""
        self._draft = ""
        """What was being written before that."""

    def invite(self, *, whole: bool) -> None:
        """Say what can be asked; `whole`: the model does not know what was asked before."""
        self.placeholder = ASK_WHOLE if whole else ASK

    def recall(self, asked: Sequence[str], by: int) -> None:
        """Bring back the question before (-1) or the one after (1) of those `asked`, oldest first; last, the draft."""
        if self._back == 0:
            self._draft = self.value
        self._back = max(0, min(len(asked), self._back - by))
        self.value = asked[-self._back] if self._back else self._draft
        self.cursor_position = len(self.value)

    @on(Field.Submitted)
    def _sent(self) -> None:
        self._back = 0

    def on_paste(self, event: events.Paste) -> None:
        """Leave paths to the screen, which loads them; `Field` takes everything else in."""
        if pasted_paths(event.text):
            event.prevent_default()
