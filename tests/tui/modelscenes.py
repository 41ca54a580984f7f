"""The models screen in its states, for the snapshots: a machine of fixed size with models or without."""

import asyncio
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from rlm_desk.catalogue.devices import Devices
from rlm_desk.catalogue.facts import Facts
from rlm_desk.catalogue.fit import fit
from rlm_desk.catalogue.known import known
from rlm_desk.catalogue.planning import Prepared
from rlm_desk.desk.estimate import Speed
from rlm_desk.desk.models import Here, Unseen
from rlm_desk.errors import DoesNotFit
from rlm_desk.plan import ModelSpec
from rlm_desk.tui.screens.bringing import ImportDialog, WayDialog
from rlm_desk.tui.screens.models import Details, Models
from rlm_desk.tui.widgets.busyline import BusyLine
from rlm_desk.tui.widgets.modellist import ModelList
from tests.tui.driving import until
from tests.tui.fakes import FakeDesk, office

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
        """Half way, for as long as the scene stands."""
        on_bytes("hashing", 0, 5_027_784_000)
        on_bytes("hashing", 2_513_892_000, 5_027_784_000)
        await asyncio.Event().wait()

    async def bring(self, file: Path, by: Any, on_bytes: Any) -> Any:
        """A quarter of the way, for as long as the scene stands."""
        on_bytes("copying", 0, 5_027_784_000)
        on_bytes("copying", 1_256_946_000, 5_027_784_000)
        await asyncio.Event().wait()


async def models(pilot: Pilot[None]) -> None:
    await pilot.press("f11")
    await until(pilot, lambda: isinstance(pilot.app.screen, Models))
    await until(pilot, lambda: len(pilot.app.screen.query_one(ModelList).keys) > 3)
    await until(pilot, lambda: "Looking at" not in pilot.app.screen.query_one(Details).plain)


async def own(pilot: Pilot[None]) -> None:
    await models(pilot)
    await pilot.press("down")
    await until(pilot, lambda: "Looking at" not in pilot.app.screen.query_one(Details).plain)


async def unseen(pilot: Pilot[None]) -> None:
    await models(pilot)
    await pilot.press("down")


async def _half_done(pilot: Pilot[None], share: str) -> None:
    """Until the line of what goes on says its share, eight seconds after it began."""
    line = pilot.app.screen.query_one(BusyLine)
    await until(pilot, lambda: share in str(line.content))
    line.clock = lambda: 8.0
    await until(pilot, lambda: " left" in str(line.content))


async def verifying(pilot: Pilot[None]) -> None:
    await models(pilot)
    pilot.app.screen.query_one(BusyLine).clock = lambda: 0.0
    await pilot.press("v")
    await _half_done(pilot, "hashing 50%")


async def importing(pilot: Pilot[None]) -> None:
    await models(pilot)
    screen = pilot.app.screen
    screen.query_one(BusyLine).clock = lambda: 0.0
    await pilot.press("i")
    await until(pilot, lambda: isinstance(pilot.app.screen, ImportDialog))
    file = Path(tempfile.mkdtemp()) / OWN.path.name
    file.touch()  # a path that is nowhere is not taken
    pilot.app.screen.query_one(Input).value = str(file)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, WayDialog))
    await pilot.press("enter")
    await until(pilot, lambda: pilot.app.screen is screen)
    await _half_done(pilot, "copying 25%")


def with_models(models: FakeModels, desk: FakeDesk | None = None) -> FakeDesk:
    desk = desk or office()
    desk.models = models
    return desk
