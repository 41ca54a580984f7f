"""What a person can do to the run that goes on: stop it or a part of it, pause it, hurry it, allow it more."""

from textual import work

from rlm_desk.events import BudgetAsked, BudgetLimits
from rlm_desk.tui.port import RunPort
from rlm_desk.tui.screens.asking import Asking
from rlm_desk.tui.screens.taking import Taking
from rlm_desk.tui.widgets.question import QuestionBox

ONLY_WHILE = ("pause", "answer_now", "raise_budget", "stop_node")
"""Actions that need a run."""


class Steering(Taking):
    """A workspace's run, as far as it obeys."""

    _asking: Asking

    @property
    def run(self) -> RunPort | None:
        """The run that goes on."""
        return self._asking.run

    @property
    def running(self) -> bool:
        """A question is being prepared, answered or judged."""
        return self._asking.running

    def action_stop(self) -> None:
        """Cancel the run that goes on."""
        self._asking.stop()

    def action_stop_node(self) -> None:
        """Stop the chosen sub-call, batch or child; the run goes on without its answer."""
        session = self.session
        node = session.view.nodes.get(self.chosen) if session is not None and self.chosen is not None else None
        if self.run is None or node is None:
            self._display.say("Choose a line of the tree first")
        elif node.role == "root":
            self._display.say("Esc cancels the whole run; here, choose a sub-call, a batch or a child")
        elif node.over:
            self._display.say("That one is over already")
        elif self.run.stop(node.id):
            what = {"call": "The sub-call", "batch": "The batch"}.get(node.role, "The child and all below it")
            self._display.say(f"{what} is stopped; the run goes on without its answer")
        else:
            self._display.say("That one is ending already")

    def action_pause(self) -> None:
        """Pause the run, or let it go on."""
        if self.run is not None:
            rests = self.run.pause()
            self._display.say("Paused: what is being written is finished. Ctrl+G goes on" if rests else "Going on")

    def action_answer_now(self) -> None:
        """Let the run answer with what it has."""
        if self.run is not None:
            self.run.answer_now()
            self._display.say("Answering with what there is")

    def action_raise_budget(self) -> None:
        """Allow the run twice its sub-calls, turns, tokens and time."""
        limits = self.run.raise_budget() if self.run is not None else None
        if limits is not None:
            self._display.say(
                f"Allowed now: {limits.subcalls:,} sub-calls, {limits.turns:,} turns, {limits.tokens:,} tokens"
            )

    @work(exit_on_error=False, exclusive=True, group="spent")
    async def ask_for_more(self, asked: BudgetAsked) -> None:
        """A budget ran out: ask what to do. The run rests meanwhile."""
        from rlm_desk.tui.screens.spent import SpentDialog

        limits = self.session.view.limits if self.session is not None else BudgetLimits()
        choice = await self.app.push_screen_wait(SpentDialog(asked, limits))
        if choice == "more":
            self.action_raise_budget()
        elif choice == "now":
            self.action_answer_now()

    # questions that wait

    @work(exit_on_error=False)
    async def action_queue(self) -> None:
        """List the questions that wait, and change them."""
        if not self._asking.waiting:
            self._display.say("No question waits. What you ask while a run goes on is asked after it")
            return
        from rlm_desk.tui.screens.queue import QueueDialog

        taken = await self.app.push_screen_wait(QueueDialog(self._asking.waiting))
        self._asking.tell_queue()
        if taken:
            field = self.query_one(QuestionBox)
            field.value = taken
            field.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc leaves a zoom or a source first, then cancels what there is to cancel; else it goes to the question."""
        inside = self.zoomed or self.in_source
        if action == "stop":
            return self.running and not inside
        if action in ONLY_WHILE:
            return self.run is not None
        if action == "workspaces":  # its key lets a run answer now
            return self.run is None
        if action == "question":  # the footer says the way to the box only to who is somewhere else
            return not isinstance(self.focused, QuestionBox)
        if action == "queue":
            return bool(self._asking.waiting)
        return not (action == "back" and self.running and not inside)
