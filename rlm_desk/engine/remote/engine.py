"""The remote engine as the loop sees it: a `Completer` over one egress worker."""

from collections.abc import Callable
from typing import Any

from rlm_desk.completion import Completion, Message, Request
from rlm_desk.confine import egress
from rlm_desk.confine.worker import Worker
from rlm_desk.engine import framing
from rlm_desk.engine.shard import Shard
from rlm_desk.engine.stats import EngineStats
from rlm_desk.plan import LoadPlan, ServerPlan

READY_SECONDS = 180.0
"""Three tries at a server that does not answer take less."""


class RemoteEngine:
    """A `Completer`. Made by `start`; used from one event loop."""

    def __init__(self, plan: ServerPlan, shard: Shard) -> None:
        self._plan = plan
        self._shard = shard

    @classmethod
    async def start(
        cls, plan: ServerPlan, *, on_restart: Callable[[str], None] | None = None, allow_unconfined: bool = False
    ) -> "RemoteEngine":
        """Start the worker, which asks the server who it is.

        Raises:
            ModelError: it has no such model, or does not say how much it holds.
            EngineError: it does not answer, or this process cannot reach it any more.
            ConfinementError: this machine has no boundary for what it may say, and that was not allowed.
        """
        return cls(plan, await _EgressShard(plan, on_restart, allow_unconfined)._begin())

    @property
    def gave_up(self) -> bool:
        """Whether its worker died too often: everything is refused from then on."""
        return self._shard.gave_up

    @property
    def window(self) -> int:
        """Tokens one request may hold, prompt and reply together."""
        return int(self.facts.get("window", self._plan.window))

    @property
    def facts(self) -> dict[str, Any]:
        """What the worker found: server, model, window, server_slots, counting, constraining."""
        return self._shard.facts

    @property
    def pids(self) -> list[int]:
        """The worker's process number, but while it is being replaced."""
        return [] if self.pid is None else [self.pid]

    @property
    def pid(self) -> int | None:
        """The worker's process number; None while there is none."""
        return self._shard.pid

    def stats(self) -> EngineStats:
        """Requests at the server and waiting for it."""
        return self._shard.stats()

    async def complete(self, request: Request, on_text: Callable[[str], None] | None = None) -> Completion:
        """See `completion.Completer`. A task that is cancelled closes its connection, and the server stops.

        Where the server cannot be told the form of a reply, it is left to whoever asked to check it.

        Raises:
            WouldNotFit: prompt and reply exceed the window; `tokens` counts both.
            DeadlinePassed: it took longer than `seconds`.
            EngineError: the server refused it, failed it every time, or its worker died three times in a row.
        """
        return framing.completion(await self._shard.ask(*framing.complete(request, on_text is not None), on_text))

    async def count(self, messages: tuple[Message, ...]) -> int:
        """Tokens the rendered messages take: exact where the server counts them, else estimated, rather too high."""
        return int((await self._shard.ask(*framing.count(messages)))["tokens"])

    async def log(self) -> str:
        """What had to be asked again and why: text that quotes the server, to be cleaned before it is shown."""
        return str((await self._shard.ask({"type": "log"}, b""))["text"])

    async def close(self) -> None:
        """End the worker; requests still running fail. Safe to call twice."""
        await self._shard.close()


class _EgressShard(Shard):
    """Workers that may speak to one server, instead of workers that hold a model."""

    way_out = "See `rlm-desk doctor --log`, and the server's own log."

    def __init__(self, plan: ServerPlan, on_restart: Callable[[str], None] | None, allow_unconfined: bool) -> None:
        super().__init__(LoadPlan("", plan.window, plan.slots, 0), on_restart)
        self._server = plan
        self._allow_unconfined = allow_unconfined

    async def _spawn(self) -> Worker:
        plan, address = self._server, self._server.address
        connector = egress.connector(address)
        start = {
            "socket": connector.descriptor,
            "origin": address.origin,
            "host": address.host,
            "authority": address.authority,
            "path": address.path,
            "tls": address.scheme == "https",
            "authorities": plan.authorities,
            "key": plan.key,
            "model": plan.model,
            "window": plan.window,
            "slots": plan.slots,
            "seconds": plan.seconds,
            "pause": plan.pause,
        }
        return await Worker.spawn(
            "egress",
            start,
            ready_seconds=READY_SECONDS,
            allow_unconfined=self._allow_unconfined,
            descriptors=(connector.descriptor,),
        )

    async def _step_down(self) -> bool:
        """There is nothing to ask less of."""
        return False
