"""A budget has run out while somebody watches: what now?"""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from rlm_desk.events import BudgetAsked, BudgetLimits
from rlm_desk.tui.screens.dialog import Dialog
from rlm_desk.tui.wording import budget_words


class SpentDialog(Dialog):
    """Its result is ``more``, ``now``, or empty: look around first."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        Binding("d,ctrl+d,ctrl+b", "dismiss('more')", "More", show=False),
        Binding("n,ctrl+n", "dismiss('now')", "Answer now", show=False),
    ]

    def __init__(self, asked: BudgetAsked, limits: BudgetLimits) -> None:
        super().__init__()
        self._asked, self._limits = asked, limits

    def compose(self) -> ComposeResult:
        asked, limits = self._asked, self._limits
        more = max(limits.subcalls * 2, round(asked.needed) if asked.what == "subcalls" else 0)
        with Vertical(id="dialog") as box:
            box.border_title = "A budget is used up"
            yield Static(
                Content.assemble((budget_words(asked.what, asked.limit), "bold"), " are used up. The run rests.")
            )
            yield Static(
                f"Going on allows {more:,} sub-calls, {limits.turns * 2:,} turns, {limits.tokens * 2:,} tokens and "
                f"{budget_words('seconds', limits.seconds * 2)} in all.",
                markup=False,
            )
            yield Static(
                "Answering now makes the best of what was read so far, and says so. "
                "Esc: look around first; the status line keeps both keys.",
                classes="hint",
                markup=False,
            )
            with Horizontal(classes="buttons"):
                yield Button("Answer now (N)", id="now")
                yield Button("Go on with more (D)", id="more", variant="primary")

    def on_mount(self) -> None:
        self.query_one("#more").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id or "")
