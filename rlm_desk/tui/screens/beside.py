"""What the screens beside the workspace share: a line for words, errors as sentences, a way back."""

from textual import on
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from rlm_desk.clean import clean, one_line
from rlm_desk.errors import DeskError
from rlm_desk.tui.screens.once import Once
from rlm_desk.tui.wording import told


class Words(Static):
    """The line above the footer."""

    DEFAULT_CSS = "Words { height: auto; min-height: 1; max-height: 3; color: $text-muted; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__("", id="words", markup=False)


class Beside(Once[None]):
    """A screen that is opened over the workspace and left with Esc. It composes a `Words`."""

    def say(self, text: str) -> None:
        """A quiet word."""
        self.query_one(Words).update(one_line(text, 400))

    def tell(self, problem: DeskError) -> None:
        """An error: what happened and what to do, in a notice and in the line."""
        text = told(problem)
        self.app.notify(text, title="That did not work", severity="error", timeout=12, markup=False)
        self.say(text)

    @on(Worker.StateChanged)
    def _worker_ended(self, event: Worker.StateChanged) -> None:
        # `exit_on_error` would end the app with a stack trace over it.
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            problem = event.worker.error
            self.log.error(repr(problem))
            text = clean(f"{type(problem).__name__}: {problem}\nThis is a defect of rlm-desk. Please report it.")
            self.app.notify(text, title="Something broke", severity="error", timeout=20, markup=False)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss()
