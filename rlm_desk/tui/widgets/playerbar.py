"""The line below a run that is played: speed, how far it is, and both as places to click."""

from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from rlm_desk.tui.player import Player
from rlm_desk.tui.wording import MUTED, duration


class PlayerBar(Static):
    """Drawn from a player by `show`; a click on the sign plays or pauses, one on the track goes there."""

    @dataclass
    class Went(Message):
        """A place on the track was clicked."""

        share: float

    class Toggled(Message):
        """The sign was clicked."""

    def __init__(self) -> None:
        super().__init__(id="player-bar", markup=False)
        self._player: Player | None = None
        self._drawn = ""
        self._track = (0, 1)
        """First cell and width of the track."""

    def show(self, player: Player) -> None:
        """Draw how far it is."""
        self._player = player
        self._draw()

    def on_resize(self) -> None:
        self._drawn = ""
        self._draw()

    def _draw(self) -> None:
        player = self._player
        if player is None:
            return
        word = "playing" if player.playing else "at its end" if player.over else "paused"
        sign = "▶" if player.playing else "■" if player.over else "‖"
        left = f" {sign} {word:<10} {player.speed:>2}× "
        right = f" {duration(player.position)} of {duration(player.length)} "
        width = max(4, self.size.width - len(left) - len(right))
        done = round(player.share * (width - 1))
        drawn = f"{left}{'━' * done}●{'─' * (width - 1 - done)}{right}"
        if drawn == self._drawn:
            return
        self._drawn, self._track = drawn, (len(left), width)
        # Without layout: a frame that lays the screen out again costs ten times as much.
        self.update(
            Content.assemble(
                (left, "bold $accent" if player.playing else ""),
                ("━" * done, "$accent"),
                ("●", "bold $accent"),
                ("─" * (width - 1 - done), MUTED),
                (right, MUTED),
            ),
            layout=False,
        )

    def on_click(self, event: events.Click) -> None:
        first, width = self._track
        if event.x < first:
            self.post_message(self.Toggled())
        elif event.x < first + width:
            self.post_message(self.Went((event.x - first) / max(1, width - 1)))
