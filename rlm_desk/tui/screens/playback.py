"""A run of the history: as it was when it ended, or played again from its events. No model is asked."""

import time
from typing import ClassVar

from textual import on, work
from textual.binding import Binding

from rlm_desk.tui.commands import bindings
from rlm_desk.tui.player import Player
from rlm_desk.tui.port import DeskPort, PastRun
from rlm_desk.tui.screens.once import Once
from rlm_desk.tui.screens.taking import Taking
from rlm_desk.tui.widgets.answer import AnswerPane
from rlm_desk.tui.widgets.bars import TitleBar
from rlm_desk.tui.widgets.documents import Documents, DocumentTree
from rlm_desk.tui.widgets.inspector import Inspector
from rlm_desk.tui.widgets.playerbar import PlayerBar
from rlm_desk.tui.widgets.turn import Turn

FRAMES = 20
"""Frames a second while it plays."""

STEP = 0.05
"""What a key goes forward or back, of the whole."""


class Playback(Taking, Once[None]):
    """The workspace's panes around one stored run and the documents it read."""

    AUTO_FOCUS = "#tree"
    none = "There is no answer at this moment of the run"
    parts: ClassVar[tuple[str, ...]] = ("playback", "documents", "answer", "tree", "timeline", "inspector", "source")
    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [*bindings("playback")]

    def __init__(
        self,
        past: PastRun,
        *,
        playing: bool = False,
        title: str = "rlm-desk history",
        desk: DeskPort | None = None,
        stored: bool = True,
    ) -> None:
        super().__init__(title)
        self._stored = stored
        """It lies in the desk's store: a carried one does not."""
        self.past = past
        self._desk = desk
        self.player = Player(past.recorded, past.corpus, goes_on=past.summary.status == "running")
        self._display.clock = lambda: self.player.now
        self._playing = playing
        self._turn = Turn(past.summary.question or "(the question was removed)")
        self._last = time.monotonic()

    def on_mount(self) -> None:
        self.query_one("#question").display = False
        self.call_next(self._begin)

    @property
    def moving(self) -> bool:
        """It plays: frames must come in time."""
        return self.player.playing

    async def _begin(self) -> None:
        await self.mount(PlayerBar(), before="#budget-bar")
        summary = self.past.summary
        self.query_one(TitleBar).way_out = ("Esc", "back")
        self.query_one(TitleBar).describe(summary.model, summary.demonstration, 0)
        self.query_one(Documents).show(self.past.corpus, ())
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(summary.started))
        self._turn.note(f"From the history: asked {when}, run {summary.id}.")
        await self.query_one(AnswerPane).add(self._turn)
        self._display.mounted()
        self._display.turn = self._turn
        self._timer = self.set_interval(1 / FRAMES, self._tick, pause=True)
        if self._playing:
            self.player.play()
            self._timer.resume()
            self._last = time.monotonic()
        else:
            self.player.end()
        self._show()
        self._target("recursion").focus()
        if self.past.summary.answer:
            self._rest()

    @work(exit_on_error=False)
    async def _rest(self) -> None:
        """What the answer rests on, where the documents are still there."""
        if self.player.session.reading() is not None:
            evidence = await self.past.evidence()
            self._display.rests(self._turn, self.player.session, evidence)

    def _tick(self) -> None:
        now = time.monotonic()
        self.player.advance(now - self._last)
        self._last = now
        self._show()
        if not self.player.playing:
            self._timer.pause()

    def _show(self) -> None:
        """Draw the moment the player is at."""
        if self._display.session is not self.player.session:
            self._turn.new_reply()
            self._display.session = self.player.session
        self._display.frame()
        self.query_one(PlayerBar).show(self.player)
        if self.player.session.view.root is None:
            self.query_one(Inspector).show(None, None)  # nothing has begun yet at this moment

    # playing

    @on(PlayerBar.Toggled)
    def action_play(self) -> None:
        """Play, or pause."""
        if self.player.playing:
            self.player.pause()
        else:
            self.player.play()
            self._last = time.monotonic()
            self._timer.resume()
        self._show()

    def action_faster(self, by: int) -> None:
        """The next speed, or the one before."""
        self.player.faster(by)
        self._show()

    def action_skip(self, by: int) -> None:
        """A twentieth forward or back."""
        self._go(self.player.position + by * STEP * self.player.length)

    def action_start(self) -> None:
        """To the first event."""
        self._go(0.0)

    def action_end(self) -> None:
        """To the last event."""
        self._go(self.player.length)

    @on(PlayerBar.Went)
    def _clicked(self, event: PlayerBar.Went) -> None:
        self._go(event.share * self.player.length)

    def _go(self, position: float) -> None:
        self.player.seek(position)
        self._last = time.monotonic()
        self._show()

    # looking

    def painter(self) -> DeskPort | None:
        """The desk this run lies in."""
        return self._desk

    def action_preview(self) -> None:
        """Read the chosen document as this run read it."""
        chosen = self.query_one(Documents).chosen
        if chosen is None or chosen.kind != "document":
            self.query_one(DocumentTree).fold()
            return
        corpus = self.past.corpus
        found = (p for p in corpus.documents if (p.document.id, p.document.name) == (chosen.document, chosen.name))
        self.open_document(corpus, next(found))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A run's documents stay what they were."""
        return action not in ("remove_document", "stop_node")

    async def taken(self, run: str) -> PastRun:
        """This run; the audit log has a line of one that lies in the store."""
        return await self._desk.export(run) if self._desk is not None and self._stored else self.past

    def action_leave(self) -> None:
        """Leave the zoom, close the source, or go back to where the run was opened."""
        if self.zoomed:
            self.action_zoom()
        elif not self.close_source():
            self.dismiss()
