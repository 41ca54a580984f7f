"""What a person takes along of an answer: copied, saved as text, exported as a report."""

import time

from textual import work

from rlm_desk.errors import DeskError
from rlm_desk.tui.port import PastRun
from rlm_desk.tui.screens.looking import Looking
from rlm_desk.tui.screens.saving import save
from rlm_desk.tui.widgets.answer import AnswerPane
from rlm_desk.tui.widgets.turn import Turn


class Taking(Looking):
    """Takes the last answer of the screen's conversation."""

    none = "There is no answer yet"
    """Said where there is nothing to take."""

    def _answered(self) -> Turn | None:
        """The last turn; None, and a word, while it has no answer."""
        turn = self.query_one(AnswerPane).last
        if turn is None or not turn.answer:
            self._display.say(self.none)
            return None
        return turn

    def action_copy_answer(self) -> None:
        """Copy the answer (OSC 52: the terminal does not say whether it took it)."""
        if (turn := self._answered()) is not None:
            self.app.copy_to_clipboard(turn.answer)
            self._display.say("Sent to the clipboard. If your terminal does not take it, Ctrl+S saves a file")

    def action_save_answer(self) -> None:
        """Write question and answer, as they are now, to a new file."""
        if (turn := self._answered()) is None:
            return
        name = turn.run.run[:12] if turn.run is not None else time.strftime("%Y%m%d-%H%M%S")
        try:
            path = save(f"answer-{name}", ".txt", turn.plain)
        except DeskError as problem:
            self._display.tell(problem)
            return
        self._display.say(f"Saved as {path}")

    @work(exit_on_error=False)
    async def action_export(self) -> None:
        """Write the last run as a report or a bundle."""
        from rlm_desk.tui.screens.exporting import ExportDialog, write

        turn = self.query_one(AnswerPane).last
        if turn is None or turn.run is None:
            self._display.say("There is no run to export yet")
        elif turn.run.running:
            self._display.say("The run goes on: it can be exported when it is over")
        elif form := await self.app.push_screen_wait(ExportDialog()):
            self._display.wait("Writing the report")
            try:
                path = await write(await self.taken(turn.run.run), form)
            except DeskError as problem:
                self._display.tell(problem)
                return
            self._display.say(f"Saved as {path}")

    async def taken(self, run: str) -> PastRun:
        """The run that is about to be written somewhere. Raises DeskError."""
        raise NotImplementedError
