"""The loaded model: started on first use, shared by all runs, measured."""

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rlm_desk import kept
from rlm_desk.catalogue.experience import Experience, build_key, model_key
from rlm_desk.catalogue.planning import Prepared, Wishes, prepare, remember_failure
from rlm_desk.completion import Message, Request
from rlm_desk.config import Settings
from rlm_desk.desk import modelserver
from rlm_desk.desk.estimate import Speed
from rlm_desk.engine.keeping import Keeper
from rlm_desk.engine.local import LocalEngine
from rlm_desk.engine.remote.engine import RemoteEngine
from rlm_desk.errors import DoesNotFit, ModelError, UsageError
from rlm_desk.plan import LoadPlan, ModelSpec

HASHED = 64 * 1024 * 1024
"""Bytes of a file that is hashed at every start."""
Engine = LocalEngine | RemoteEngine
PROBE = "The quick brown fox jumps over the lazy dog near the river bank at noon. " * 40


OnRestart = Callable[[str], object]


class Machine:
    """Holds one engine. A second start while the first is under way waits for it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine: Engine | None = None
        self._prepared: Prepared | None = None
        self._lock = asyncio.Lock()
        self._loaded: ModelSpec | None = None
        self._speeds: dict[ModelSpec, Speed] = {}
        self._probes = 0
        self._listeners: list[OnRestart] = []
        self._identities: dict[ModelSpec, str] = {}

    @property
    def running(self) -> Engine | None:
        """The engine, once it is loaded or its server was found."""
        return self._engine

    @property
    def loaded(self) -> ModelSpec | None:
        """The model the engine holds; None while there is none."""
        return self._loaded if self._engine is not None else None

    @property
    def wishes(self) -> Wishes:
        """What a person set about how a model is loaded."""
        wished = self._settings
        return Wishes(
            wished.slots, wished.window, wished.threads, wished.gpu_layers, wished.kv_type, wished.allow_unconfined
        )

    @property
    def prepared(self) -> Prepared | None:
        """How a local engine was planned: the fit, the file's facts, the devices; None before it is loaded."""
        return self._prepared

    @contextmanager
    def restarts(self, listener: OnRestart) -> Iterator[None]:
        """Call `listener` with the reason whenever the engine is loaded again meanwhile."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    async def engine(self, spec: ModelSpec) -> Engine:
        """The engine for a model, loading it if need be, and again where it gave up: who asks once more wants it tried.

        Raises:
            EngineError: the model server does not answer.
            ModelError: the file is missing, is no GGUF, or does not fit this machine.
            UsageError: another model is loaded.
        """
        async with self._lock:
            if self._engine is not None and self._engine.gave_up:
                await self._engine.close()
                self._engine = self._prepared = None
            if self._engine is None:
                self._engine = await (self._reach() if spec.server else self._load(spec))
                self._loaded = spec
            elif self._loaded is not None and (self._loaded.path, self._loaded.server) != (spec.path, spec.server):
                raise UsageError(f"{self._loaded.name} is loaded, and not {spec.name}.", "Unload it first.")
            return self._engine

    async def _reach(self) -> RemoteEngine:
        """Find the configured server."""
        plan = modelserver.plan(self._settings)
        unconfined = self._settings.allow_unconfined
        return await RemoteEngine.start(plan, on_restart=self._restarted, allow_unconfined=unconfined)

    async def _load(self, spec: ModelSpec) -> LocalEngine:
        """Load as planned; where that fails for want of memory, remember it and step down once."""
        prepared = await self._prepare(spec)
        try:
            engine = await self._start(spec, prepared)
        except DoesNotFit as problem:
            remember_failure(spec, prepared.fit.plan, prepared.devices, self._settings.data_dir, problem.sentence)
            prepared = await self._prepare(spec)
            engine = await self._start(spec, prepared)
        self._prepared = prepared
        return engine

    async def _start(self, spec: ModelSpec, prepared: Prepared) -> LocalEngine:
        devices = prepared.devices

        async def smaller(plan: LoadPlan) -> LoadPlan | None:
            """It ran out of memory while it worked: remember that, and ask the planner again."""
            remember_failure(spec, plan, devices, self._settings.data_dir, "its worker ran out of memory")
            try:
                self._prepared = await self._prepare(spec)
            except ModelError:
                return None
            return self._prepared.fit.plan

        keeper = None
        if self._settings.kv_disk_gb:
            identity = f"{await self.identity(spec)}|{build_key()}"
            limit = int(self._settings.kv_disk_gb * 1e9)
            keeper = Keeper(kept.folder(self._settings.data_dir), identity, limit)
        return await LocalEngine.start(prepared.fit.plan, on_restart=self._restarted, smaller=smaller, keeper=keeper)

    async def _prepare(self, spec: ModelSpec) -> Prepared:
        return await prepare(spec, self.wishes, self._settings.data_dir)

    async def speed(self, spec: ModelSpec, *, again: bool = False) -> Speed:
        """Tokens per second of this machine, from a short probe the first time or `again`; what it found is kept."""
        engine = await self.engine(spec)
        if again or spec not in self._speeds:
            loop = asyncio.get_running_loop()
            # Another beginning each time: what the engine has read before it does not read again.
            self._probes += 1
            probe = f"{self._probes}. {PROBE}"[: max(len(PROBE) * engine.window // 4096, 200)]
            started = loop.time()
            first = await engine.complete(Request((Message("user", probe),), max_tokens=1))
            middle = loop.time()
            await engine.complete(Request((Message("user", probe),), max_tokens=17))
            ended = loop.time()
            prefill = first.usage.prompt / max(middle - started, 1e-6)
            self._speeds[spec] = Speed(prefill, 16 / max(ended - middle, 1e-6))
            if not spec.server:
                await asyncio.to_thread(self._keep_speed, spec)
        return self._speeds[spec]

    def _keep_speed(self, spec: ModelSpec) -> None:
        speed = self._speeds[spec]
        Experience(self._settings.data_dir).learn_speed(model_key(spec.path), speed.prefill, speed.decode)

    async def identity(self, spec: ModelSpec) -> str:
        """What tells this model from others in caches and records: its sha256.

        The hash of an imported model is known. A large file that was not imported is told by size and time instead:
        hashing it would take longer than loading it. Of a server's model nobody here knows anything: it is empty.
        """
        if spec.server:
            return ""
        if not spec.sha256 and spec not in self._identities:
            self._identities[spec] = await asyncio.to_thread(_identity, spec)
        return spec.sha256 or self._identities[spec]

    async def close(self) -> None:
        """End the engine's worker; the next use loads it again."""
        async with self._lock:
            if self._engine is not None:
                await self._engine.close()
                self._engine = self._prepared = None

    def _restarted(self, reason: str) -> None:
        for listener in tuple(self._listeners):
            listener(reason)


def _identity(spec: ModelSpec) -> str:
    about = spec.path.stat()
    if about.st_size > HASHED:
        return f"{spec.name}:{about.st_size}:{about.st_mtime_ns}"
    with spec.path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
