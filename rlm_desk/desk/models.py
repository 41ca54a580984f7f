"""Models of an open desk: what is here, what could be carried in, bringing one in, choosing, loading, measuring."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from rlm_desk.catalogue import fit as fitting
from rlm_desk.catalogue.carrying import OnBytes
from rlm_desk.catalogue.devices import Devices
from rlm_desk.catalogue.experience import Experience, model_key
from rlm_desk.catalogue.importing import By, Imported, import_model, leftovers, remove_model, verify
from rlm_desk.catalogue.inspecting import inspect
from rlm_desk.catalogue.known import BUNDLED, Known, by_hash, find, known
from rlm_desk.catalogue.parts import parts_of
from rlm_desk.catalogue.planning import Prepared, machine, prepare
from rlm_desk.catalogue.resolve import installed, read_card, resolve
from rlm_desk.config import Settings
from rlm_desk.desk.estimate import Speed
from rlm_desk.desk.machine import Machine
from rlm_desk.errors import ModelError, UsageError
from rlm_desk.plan import ModelSpec

Checked = Literal["bundled", "published", "pinned", "not imported"]
"""Whose hash a file has: the program's own, its publisher's, that of its import, or nobody's."""

T = TypeVar("T")


class Stopped(Exception):
    """Ends the copying of a file from inside."""


@dataclass(frozen=True, slots=True)
class Here:
    """A model whose file is on this machine."""

    spec: ModelSpec
    bytes: int
    """Of all its files; 0: they are gone."""
    checked: Checked
    architecture: str = ""
    quantisation: str = ""
    layers: int = 0
    license: str = ""
    template: str = ""
    """Why its own chat template is not used; empty where it is."""
    linked_to: str = ""
    """The file it is a link to; empty for one of its own."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """A known model whose file is not here, and how it would be loaded."""

    entry: Known
    fit: fitting.Fit | None
    why: str = ""
    """Why it does not fit."""


class Models:
    """The models of a desk. What takes long can be cancelled.

    Args:
        settings: where models are kept, and what is wished for when one is loaded.
        machine: holds the loaded one.
        busy: whether a run goes on; the model is not changed below it.
    """

    def __init__(self, settings: Settings, machine: Machine, busy: Callable[[], bool]) -> None:
        self._settings = settings
        self._machine = machine
        self._busy = busy
        self._asked: ModelSpec | None = None
        self.folder = settings.data_dir / "models"

    # which one is asked

    @property
    def asked(self) -> ModelSpec:
        """The model that is asked. Raises ModelError when it cannot be found."""
        if self._asked is None:
            self._asked = resolve(self._settings.model, self.folder)
        return self._asked

    @property
    def loaded(self) -> ModelSpec | None:
        """The one that is in memory."""
        return self._machine.loaded

    async def choose(self, spec: ModelSpec) -> None:
        """Ask this model from now on, in this session; another one that is loaded is unloaded.

        Raises:
            UsageError: a run goes on.
            ModelError: the file cannot be asked.
        """
        self._rest()
        await inspect(spec.path, self._settings.allow_unconfined)
        self._rest()
        self._asked = spec
        if self.loaded is None or self.loaded.path != spec.path:
            await self._machine.close()  # waits for one that is being loaded

    async def load(self) -> None:
        """Load the model that is asked. Raises ModelError, EngineError."""
        await self._machine.engine(self.asked)

    async def unload(self) -> None:
        """Free the memory; the next question loads the model again. Raises UsageError: a run goes on."""
        self._rest()
        await self._machine.close()

    def _rest(self) -> None:
        if self._busy():
            raise UsageError("A run goes on with this model.", "Cancel it first, or wait until it is over.")

    def setting(self, spec: ModelSpec) -> str:
        """What config.toml is to say for this model."""
        inside = spec.demonstration or spec.path.parent.absolute() == self.folder.absolute()
        return spec.name if inside else str(spec.path)

    # what there is

    async def here(self) -> list[Here]:
        """Installed models, desk-tiny first; and the one that is asked, wherever its file is."""
        return await asyncio.to_thread(self._here)

    def _here(self) -> list[Here]:
        specs = list(installed(self.folder))
        try:
            asked = self.asked
        except ModelError:  # told where it is asked
            asked = None
        if asked is not None and all(asked.path != spec.path for spec in specs):
            specs.append(asked)
        return [_described(spec) for spec in specs]

    async def unseen(self) -> list[Unseen]:
        """Known models that are not here, with how each would be loaded in the memory that is free now."""
        devices = await self.devices()
        names = {one.spec.name for one in await self.here()}
        return [self._unseen(entry, devices) for entry in known() if entry.name not in names and entry.name != BUNDLED]

    def _unseen(self, entry: Known, devices: Devices) -> Unseen:
        wished = self._settings
        try:
            found = fitting.fit(
                entry.spec(),
                slots=1 if entry.recurrent else wished.slots,
                window=wished.window,
                threads=wished.threads,
                gpu_layers=wished.gpu_layers,
                kv_type=wished.kv_type,
                facts=entry.facts(),
                devices=devices,
                size=entry.size,
            )
        except (ModelError, UsageError) as problem:
            return Unseen(entry, None, problem.sentence)
        return Unseen(entry, found)

    async def devices(self) -> Devices:
        """What there is to compute with, and the memory that is free now."""
        return await machine(Experience(self._settings.data_dir))

    async def fit(self, spec: ModelSpec) -> Prepared:
        """How a model would be loaded now: computed, not tried. Of the loaded one, how it was loaded.

        Raises:
            ModelError: the file cannot be used. DoesNotFit: this machine cannot hold it.
        """
        if self.loaded is not None and self.loaded.path == spec.path and self._machine.prepared is not None:
            return self._machine.prepared
        return await prepare(spec, self._machine.wishes, self._settings.data_dir, confirm=False)

    async def unfinished(self) -> list[str]:
        """Names of what interrupted imports left."""
        return [part.stem for part in await asyncio.to_thread(leftovers, self.folder)]

    # speed

    async def speed(self) -> Speed:
        """Tokens a second of the model that is asked, measured anew; it is loaded for it. Raises ModelError."""
        return await self._machine.speed(self.asked, again=True)

    def measured(self, spec: ModelSpec) -> tuple[Speed, float] | None:
        """What was measured last on this machine, and when (seconds since 1970)."""
        try:
            found = Experience(self._settings.data_dir).speed(model_key(spec.path))
        except OSError:  # the file is gone
            return None
        return (Speed(found[0], found[1]), found[2]) if found else None

    # files

    async def bring(self, file: Path, by: By, on_bytes: OnBytes) -> Imported:
        """Import a file; see `importing.import_model`. A cancelled copy is gone on with by the same call."""
        allowed = self._settings.allow_unconfined
        return await _aside(
            lambda told: import_model(file, self.folder, by=by, on_bytes=told, allow_unconfined=allowed), on_bytes
        )

    async def verify(self, spec: ModelSpec, on_bytes: OnBytes) -> tuple[str, Checked]:
        """Hash a model's files again; the hash, and whose it is. Raises ModelError: a file has changed."""
        sha256 = await _aside(lambda told: verify(spec, told), on_bytes)
        return sha256, _checked(spec, sha256)

    async def remove(self, spec: ModelSpec) -> int:
        """Take a model out of the model folder; the bytes that became free. desk-tiny is asked if it was this one.

        Raises:
            UsageError: a run goes on with it, or it is not in the model folder.
            ModelError: it cannot be removed.
        """
        if self.loaded is not None and self.loaded.path == spec.path:
            await self.unload()
        freed = await asyncio.to_thread(remove_model, spec, self.folder)
        if self._asked is not None and self._asked.path == spec.path:
            self._asked = resolve(BUNDLED, self.folder)
        return freed


async def _aside(work: Callable[[OnBytes], T], on_bytes: OnBytes) -> T:
    """Do blocking work on files in a thread. Cancelled, it stops at its next chunk and is waited for."""
    loop = asyncio.get_running_loop()
    stopped = threading.Event()

    def told(what: str, done: int, total: int) -> None:
        if stopped.is_set():
            raise Stopped
        loop.call_soon_threadsafe(on_bytes, what, done, total)

    task = asyncio.ensure_future(asyncio.to_thread(work, told))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stopped.set()
        await asyncio.wait([task])
        task.exception()  # how it ended was asked for by nobody
        raise


def _described(spec: ModelSpec) -> Here:
    card = read_card(spec.path)

    def text(key: str) -> str:
        value = card.get(key)
        return value if isinstance(value, str) else ""

    layers = card.get("layers")
    entry = find(spec.name)
    return Here(
        spec,
        sum(part.stat().st_size for part in _parts(spec.path)),
        _checked(spec, spec.sha256),
        text("architecture"),
        text("quantisation"),
        layers if isinstance(layers, int) else 0,
        text("license") or (entry.license if entry else ""),
        text("template_note"),
        str(spec.path.resolve()) if spec.path.is_symlink() else "",
    )


def _checked(spec: ModelSpec, sha256: str) -> Checked:
    if spec.demonstration:
        return "bundled"
    if by_hash(sha256) is not None:
        return "published"
    return "pinned" if spec.sha256 else "not imported"


def _parts(path: Path) -> tuple[Path, ...]:
    try:
        return tuple(part for part in parts_of(path) if part.is_file())
    except ModelError:
        return ()
