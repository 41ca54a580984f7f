"""Every screen in its states, for the snapshots: fixed times, paths and machine. A scene leaves its screen ready."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from textual.pilot import Pilot

from rlm_desk.corpus import Corpus
from rlm_desk.errors import EngineError, ModelError, StoreError
from rlm_desk.tui.screens.changing import ChangeDialog
from rlm_desk.tui.screens.compare import Compare
from rlm_desk.tui.screens.confirm import ConfirmDialog
from rlm_desk.tui.screens.dialog import AddDialog, ConsentDialog
from rlm_desk.tui.screens.exporting import ExportDialog
from rlm_desk.tui.screens.history import History
from rlm_desk.tui.screens.playback import Playback
from rlm_desk.tui.screens.settings import Settings
from rlm_desk.tui.screens.workspaces import WorkspacesDialog
from rlm_desk.tui.widgets.answer import AnswerPane
from rlm_desk.tui.widgets.bars import StatusLine
from rlm_desk.tui.widgets.captions import Captions
from rlm_desk.tui.widgets.runpane import RecursionPane
from rlm_desk.tui.widgets.runs import RunTable
from rlm_desk.tui.widgets.settingtable import SettingTable
from tests.tui.driving import QUESTION, over, until
from tests.tui.fakerecords import FakeEstimate, FakeProgress, FakeSummary, document
from tests.tui.fakes import FakeDesk, office
from tests.tui.modelscenes import OWN, FakeModels, importing, models, own, unseen, verifying, with_models
from tests.tui.recording import full_run
from tests.tui.test_guided import FakeGuide
from tests.tui.test_workspaces import with_conversation

STARTED = 1_700_000_000.0
"""When recorded runs began."""
Scene = tuple[Callable[[], FakeDesk], dict[str, Any], Callable[[Pilot[None]], Awaitable[None]]]
"""The desk, what it starts with, and how its screen is come to."""


async def _nothing(pilot: Pilot[None]) -> None:
    await pilot.pause()


async def _answered(pilot: Pilot[None]) -> None:
    workspace = pilot.app.workspace
    await until(pilot, lambda: over(workspace))
    workspace._display._said_until = 0.0
    workspace._display.work(False)


async def _resumed(pilot: Pilot[None]) -> None:
    """What was left is there, and greeted."""
    workspace = pilot.app.workspace
    await until(pilot, lambda: "as you left it" in str(workspace.query_one(StatusLine).content))
    workspace._display._said_until = float("inf")  # a busy machine needs longer than a greeting stands
    await until(pilot, lambda: len(workspace.query_one(AnswerPane).turns) == 2 and workspace.desk.warmed)


async def _workspaces(pilot: Pilot[None]) -> None:
    await _resumed(pilot)
    await pilot.press("ctrl+n")
    await until(pilot, lambda: isinstance(pilot.app.screen, WorkspacesDialog))


async def _timeline(pilot: Pilot[None]) -> None:
    await _answered(pilot)
    await pilot.press("f4", "t")
    await until(pilot, lambda: pilot.app.workspace.query_one(RecursionPane).timed)


async def _guided(pilot: Pilot[None]) -> None:
    """The third caption, after the run it speaks of."""
    workspace = pilot.app.workspace

    async def said(number: int) -> None:
        await until(pilot, lambda: f"caption {number}" in str(workspace.query_one(Captions).content))

    await said(0)
    await pilot.press("space")
    await said(1)
    await pilot.press("space")
    await said(2)
    await _answered(pilot)


async def _running(pilot: Pilot[None]) -> None:
    """All events up to the one where the run is held have come, two seconds after it began."""
    workspace = pilot.app.workspace
    display, asking = workspace._display, workspace._asking
    await until(pilot, lambda: asking.run is not None and asking.run.held.is_set())
    session = display.session
    display.clock = lambda: STARTED + 2.0
    display._said_until = 0.0  # a word stands for a while of real time
    # The speed is that of all frames so far, however many the machine found time to draw.
    session._rates.clear()
    session._rates.append((STARTED, 0))
    session._reading_due = 0.0
    session._dirty = True
    display.frame()


def _shown(kind: type) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def come(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: isinstance(pilot.app.screen, kind))

    return come


def _pressed(*keys: str, then: Callable[[Pilot[None]], Awaitable[None]]) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def come(pilot: Pilot[None]) -> None:
        await pilot.press(*keys)
        await then(pilot)

    return come


def _past() -> FakeDesk:
    """Three runs: answered, failed, of one's own model."""
    runs = {"run-1": full_run(), "run-2": full_run("run-2", fail=2)}
    desk = office()
    desk.summaries = [
        FakeSummary("run-1", 1_600_000_000.0, "answered", QUESTION, "desk-tiny", 2.6, "In all we pay 18,007 a year."),
        FakeSummary("run-2", 1_599_000_000.0, "failed", "Who signed?", "qwen3-8b", 75.0, error="The engine died."),
        FakeSummary("run-3", 1_598_000_000.0, "cancelled", None, "desk-tiny", 0.4),
    ]
    desk.history = {name: run.recorded for name, run in runs.items()}
    desk.past_corpus = Corpus([document(f"Harbour/Contract {n}.txt", "x" * 4000) for n in range(3)])
    return desk


async def _history(pilot: Pilot[None]) -> None:
    await pilot.press("ctrl+r")
    await until(pilot, lambda: isinstance(pilot.app.screen, History))
    await until(pilot, lambda: "…" not in str(pilot.app.screen.query_one("#words").content))


async def _table(pilot: Pilot[None]) -> None:
    await _history(pilot)
    await until(pilot, lambda: pilot.app.screen.query_one(RunTable).row_count)


async def _no_run(pilot: Pilot[None]) -> None:
    await _table(pilot)
    await pilot.press("slash", *"zebra")


async def _export(pilot: Pilot[None]) -> None:
    await _table(pilot)
    await pilot.press("x")
    await until(pilot, lambda: isinstance(pilot.app.screen, ExportDialog))


async def _delete(pilot: Pilot[None]) -> None:
    await _table(pilot)
    await pilot.press("d")
    await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmDialog))


async def _playback(pilot: Pilot[None]) -> None:
    await _table(pilot)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, Playback))
    await until(pilot, lambda: pilot.app.screen.query("#player-bar"))


async def _compare(pilot: Pilot[None]) -> None:
    await _table(pilot)
    await pilot.press("c", "down", "c")
    await until(pilot, lambda: isinstance(pilot.app.screen, Compare))


async def _settings(pilot: Pilot[None]) -> None:
    await pilot.press("f10")
    await until(pilot, lambda: isinstance(pilot.app.screen, Settings))
    await until(pilot, lambda: pilot.app.screen.query_one(SettingTable).row_count)


async def _change(pilot: Pilot[None]) -> None:
    await _settings(pilot)
    await pilot.press("down", "down", "down", "enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, ChangeDialog))


async def _no_model(pilot: Pilot[None]) -> None:
    await until(pilot, lambda: pilot.app.problem is GONE)
    await until(pilot, lambda: "no model" in str(pilot.app.workspace.query_one(StatusLine).content))


async def _loading(pilot: Pilot[None]) -> None:
    await until(pilot, lambda: "Reading 2" in str(pilot.app.workspace.query_one(StatusLine).content))


class FakeBrokenDesk(FakeDesk):
    """Its history cannot be read."""

    async def runs(self, limit: int = 100) -> Any:
        raise StoreError("The database is damaged.", "Restore it from a copy, or begin anew with --data-dir.")


class FakeReadingDesk(FakeDesk):
    """It reads its second of six documents for as long as the scene stands."""

    async def load(self, paths: Any, on_progress: Any = None) -> Any:
        on_progress(FakeProgress(2, 6, "Harbour/Contract 1.txt"))
        await asyncio.Event().wait()


GONE = ModelError("There is no model my-model here.", "See what there is with rlm-desk models list.")


def _failed() -> FakeDesk:
    """The engine gives up in the middle of a run."""
    run = full_run()
    del run.recorded[16:]
    run.add("node_finished", node=0, status="failed", error=FAILED.sentence)
    run.finish(None, status="failed", error=FAILED.sentence)
    return office([run], result_error=FAILED)


READY = FakeGuide()
READY.let_plain.set()
ASKED = {"paths": ["office"], "question": QUESTION}
LONG = FakeEstimate(1_200_000, 1500.0, "measured here: reading 800 tokens/s")
FAILED = EngineError("The model's worker ended three times.", "Free some memory, then ask again.")

SCENES: dict[str, Scene] = {
    "workspace-empty": (office, {}, _nothing),
    "workspace-answered": (lambda: office([full_run()]), ASKED, _answered),
    "workspace-running": (lambda: office([full_run()], hold_at=30), ASKED, _running),
    "workspace-loading": (FakeReadingDesk, {"paths": ["office"]}, _loading),
    "workspace-error": (_failed, ASKED, _answered),
    "workspace-no-model": (lambda: office(model_error=GONE), {}, _no_model),
    "workspace-add": (office, {}, _pressed("ctrl+o", then=_shown(AddDialog))),
    "workspace-consent": (lambda: office([full_run()], estimated=LONG), ASKED, _shown(ConsentDialog)),
    "workspace-present": (lambda: office([full_run()]), ASKED, _pressed("f5", then=_answered)),
    "workspace-resumed": (with_conversation, {}, _resumed),
    "workspace-others": (with_conversation, {}, _workspaces),
    "timeline": (lambda: office([full_run()]), ASKED, _timeline),
    "guided": (lambda: office([full_run()]), {"paths": ["office"], "consent": False, "guide": READY}, _guided),
    "help": (office, {}, _pressed("f1", then=_nothing)),
    "history-empty": (office, {}, _history),
    "history": (_past, {}, _table),
    "history-nothing-found": (_past, {}, _no_run),
    "history-error": (FakeBrokenDesk, {}, _history),
    "history-export": (_past, {}, _export),
    "history-delete": (_past, {}, _delete),
    "playback": (_past, {}, _playback),
    "compare": (_past, {}, _compare),
    "settings": (office, {}, _settings),
    "settings-change": (office, {}, _change),
    "models-first-run": (lambda: with_models(FakeModels()), {}, models),
    "models-own": (lambda: with_models(FakeModels(own=True, asked=OWN, loaded=OWN)), {}, models),
    "models-to-fetch": (lambda: with_models(FakeModels()), {}, unseen),
    "models-verifying": (lambda: with_models(FakeModels(own=True, asked=OWN)), {}, verifying),
    "models-importing": (lambda: with_models(FakeModels()), {}, importing),
    "models-does-not-fit": (lambda: with_models(FakeModels(own=True, refuses=True)), {}, own),
}
