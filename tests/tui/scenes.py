"""Every screen in its states, for the snapshots: fixed times, paths and machine. A scene leaves its screen ready."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from rlm_desk.catalogue.devices import Devices
from rlm_desk.catalogue.facts import Facts
from rlm_desk.catalogue.fit import fit
from rlm_desk.catalogue.known import known
from rlm_desk.catalogue.planning import Prepared
from rlm_desk.corpus import Corpus
from rlm_desk.desk.estimate import Speed
from rlm_desk.desk.models import Here, Unseen
from rlm_desk.errors import DoesNotFit, EngineError, StoreError
from rlm_desk.plan import ModelSpec
from rlm_desk.tui.screens.changing import ChangeDialog
from rlm_desk.tui.screens.compare import Compare
from rlm_desk.tui.screens.confirm import ConfirmDialog
from rlm_desk.tui.screens.dialog import AddDialog, ConsentDialog
from rlm_desk.tui.screens.exporting import ExportDialog
from rlm_desk.tui.screens.history import History
from rlm_desk.tui.screens.models import Details, Models
from rlm_desk.tui.screens.playback import Playback
from rlm_desk.tui.screens.settings import Settings
from rlm_desk.tui.widgets.modellist import ModelList
from rlm_desk.tui.widgets.runs import RunTable
from rlm_desk.tui.widgets.settingtable import SettingTable
from tests.tui.fakes import FakeDesk, FakeEstimate, FakeSummary, document, office
from tests.tui.recording import full_run
from tests.tui.test_flows import QUESTION, over, until

GIB = 2**30
MACHINE = Devices(12 * GIB, 16 * GIB)
TINY = ModelSpec("desk-tiny", Path("/models/desk-tiny.gguf"), "", "desk", "small", 2048, demonstration=True)
OWN = ModelSpec("qwen3-8b", Path("/models/Qwen3-8B-Q4_K_M.gguf"), "12" * 32, "desk", "full", 32768)


@dataclass
class FakeModels:
    """Models of a machine with 12 GiB free."""

    own: bool = False
    asked: ModelSpec = TINY
    loaded: ModelSpec | None = None
    refuses: bool = False

    async def here(self) -> list[Here]:
        tiny = Here(TINY, 7_544_704, "bundled", license="Apache-2.0")
        own = Here(OWN, 5_027_784_000, "published", "qwen3", "Q4_K_M", 36, "Apache-2.0")
        return [tiny, own] if self.own else [tiny]

    async def unseen(self) -> list[Unseen]:
        found = []
        for entry in known()[1:6]:
            if entry.name != OWN.name or not self.own:
                made = fit(entry.spec(), threads=4, facts=entry.facts(), devices=MACHINE, size=entry.size)
                found.append(Unseen(entry, made))
        return [*found[:-1], replace(found[-1], fit=None, why="It needs 14.1 GiB, and 12.0 GiB are free.")]

    async def unfinished(self) -> list[str]:
        return ["Qwen3-4B-Q4_K_M"] if self.own else []

    async def devices(self) -> Devices:
        return MACHINE

    async def fit(self, spec: ModelSpec) -> Prepared:
        if self.refuses:
            raise DoesNotFit("qwen3-8b needs 6.3 GiB, and 3.0 GiB of memory is free.", "Choose a smaller model.")
        facts = Facts(5_027_784_000, layers=36, layer_bytes=(130_000_000,) * 36, kv_layers=(2048,) * 36, width=4096)
        made = fit(spec, threads=4, facts=replace(facts, window=spec.window), devices=MACHINE, size=facts.bytes)
        return Prepared(made, facts, MACHINE)

    def measured(self, spec: ModelSpec) -> tuple[Speed, float] | None:
        return (Speed(812.0, 21.0), 1_700_000_000.0) if self.own else None

    async def verify(self, spec: ModelSpec, on_bytes: Any) -> Any:
        on_bytes("hashing", 2_500_000_000, 5_027_784_000)
        await asyncio.sleep(600)


Scene = tuple[Callable[[], FakeDesk], dict[str, Any], Callable[[Pilot[None]], Awaitable[None]]]
"""The desk, what it starts with, and how its screen is come to."""


async def _nothing(pilot: Pilot[None]) -> None:
    await pilot.pause()


async def _answered(pilot: Pilot[None]) -> None:
    workspace = pilot.app.workspace
    await until(pilot, lambda: over(workspace))
    workspace._display._said_until = 0.0
    workspace._display.work(False)


async def _running(pilot: Pilot[None]) -> None:
    workspace = pilot.app.workspace
    workspace._display.clock = lambda: 1_700_000_002.0
    await until(pilot, lambda: workspace.session is not None and len(workspace.session.view.nodes) > 3)
    workspace._display._said_until = 0.0  # a word stands for a while of real time


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


async def _models(pilot: Pilot[None]) -> None:
    await pilot.press("f11")
    await until(pilot, lambda: isinstance(pilot.app.screen, Models))
    await until(pilot, lambda: len(pilot.app.screen.query_one(ModelList).keys) > 3)
    await until(pilot, lambda: "Looking at" not in pilot.app.screen.query_one(Details).plain)


async def _own(pilot: Pilot[None]) -> None:
    await _models(pilot)
    await pilot.press("down")
    await until(pilot, lambda: "Looking at" not in pilot.app.screen.query_one(Details).plain)


async def _unseen(pilot: Pilot[None]) -> None:
    await _models(pilot)
    await pilot.press("down")


async def _verifying(pilot: Pilot[None]) -> None:
    await _own(pilot)
    await pilot.press("v")
    await until(pilot, lambda: "50%" not in str(pilot.app.screen.query_one("#busy-line").content))


def _with(models: FakeModels, desk: FakeDesk | None = None) -> FakeDesk:
    desk = desk or office()
    desk.models = models
    return desk


class FakeBrokenDesk(FakeDesk):
    """Its history cannot be read."""

    async def runs(self, limit: int = 100) -> Any:
        raise StoreError("The database is damaged.", "Restore it from a copy, or begin anew with --data-dir.")


ASKED = {"paths": ["office"], "question": QUESTION}
LONG = FakeEstimate(1_200_000, 1500.0, "measured here: reading 800 tokens/s")
FAILED = EngineError("The model's worker ended three times.", "Free some memory, then ask again.")

SCENES: dict[str, Scene] = {
    "workspace-empty": (office, {}, _nothing),
    "workspace-answered": (lambda: office([full_run()]), ASKED, _answered),
    "workspace-running": (lambda: office([full_run()], hold_at=30), ASKED, _running),
    "workspace-error": (lambda: office([full_run()], result_error=FAILED), ASKED, _answered),
    "workspace-add": (office, {}, _pressed("ctrl+o", then=_shown(AddDialog))),
    "workspace-consent": (lambda: office([full_run()], estimated=LONG), ASKED, _shown(ConsentDialog)),
    "workspace-present": (lambda: office([full_run()]), ASKED, _pressed("f5", then=_answered)),
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
    "models-first-run": (lambda: _with(FakeModels()), {}, _models),
    "models-own": (lambda: _with(FakeModels(own=True, asked=OWN, loaded=OWN)), {}, _models),
    "models-to-fetch": (lambda: _with(FakeModels()), {}, _unseen),
    "models-does-not-fit": (lambda: _with(FakeModels(own=True, refuses=True)), {}, _own),
}
