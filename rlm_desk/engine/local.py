"""The local engine as the loop sees it: a `Completer` over one llama.cpp worker, or over several that share the work.

A model of a few million parameters is too small to be computed by several threads: at each of a step's barriers they
wait for one another longer than they compute. For such a model the plan asks for several workers of one thread each;
every worker has its part of the slots and cells, and requests that share a beginning prefer the same one.
"""

import asyncio
import dataclasses
from collections.abc import Callable
from typing import Any

from rlm_desk.completion import Completion, Message, Request
from rlm_desk.engine import framing
from rlm_desk.engine.deaths import Smaller
from rlm_desk.engine.keeping import Keeper
from rlm_desk.engine.routing import Router
from rlm_desk.engine.shard import Shard
from rlm_desk.engine.stats import EngineStats, together
from rlm_desk.plan import LoadPlan

HOST_BYTES = 768 * 1024 * 1024
"""Memory for keys and values that leave the caches, all workers together, where there are several."""


TOGETHER = 8
"""Sequences one of several workers decodes at once at most; `LoadPlan.crowd` lets in fewer where they are long."""


class LocalEngine:
    """A `Completer`. Made by `start`; used from one event loop."""

    def __init__(self, plan: LoadPlan, shards: list[Shard]) -> None:
        self._plan = plan
        self._shards = shards
        self._router = Router(len(shards))

    @classmethod
    async def start(
        cls,
        plan: LoadPlan,
        *,
        on_restart: Callable[[str], None] | None = None,
        smaller: Smaller | None = None,
        keeper: Keeper | None = None,
    ) -> "LocalEngine":
        """Load the model. `on_restart` is told in a sentence when a worker died and another took over; `smaller` gives
        the plan that is tried when one worker ran out of memory; `keeper` writes keys and values to disk.

        Raises:
            ModelError: the file cannot be loaded here.
        """
        count = max(1, min(plan.workers, plan.slots))
        if count == 1:
            return cls(plan, [await Shard.start(plan, on_restart, smaller=smaller, keeper=keeper)])
        part = dataclasses.replace(
            plan,
            workers=1,
            slots=min(TOGETHER, -(-plan.slots // count)),
            cells=max(plan.window + 256, plan.cells // count),
            threads=max(1, plan.threads // count),
        )
        host = HOST_BYTES if plan.host_bytes is None else plan.host_bytes
        starting = [
            asyncio.create_task(Shard.start(part, on_restart, host // count, keeper=keeper)) for _ in range(count)
        ]
        done = await asyncio.gather(*starting, return_exceptions=True)
        shards = [shard for shard in done if isinstance(shard, Shard)]
        problem = next((found for found in done if isinstance(found, BaseException)), None)
        if problem is not None:
            await asyncio.gather(*(shard.close() for shard in shards))
            raise problem
        return cls(plan, shards)

    @property
    def window(self) -> int:
        """Tokens one request may hold, prompt and reply together."""
        return int(self.facts.get("window", self._plan.window))

    @property
    def facts(self) -> dict[str, Any]:
        """What a worker said about the model: architecture, n_ctx_train, n_vocab, parameters, backend, layers..."""
        return self._shards[0].facts

    @property
    def plan(self) -> LoadPlan:
        """How the model is loaded."""
        return self._shards[0].plan if len(self._shards) == 1 else self._plan

    @property
    def pids(self) -> list[int]:
        """The workers' process numbers; those that are just being replaced are missing."""
        return [shard.pid for shard in self._shards if shard.pid is not None]

    @property
    def pid(self) -> int | None:
        """The first worker's process number; None while there is none."""
        return self._shards[0].pid

    @property
    def gave_up(self) -> bool:
        """Whether a worker died too often: what falls to it is refused from then on."""
        return any(shard.gave_up for shard in self._shards)

    def stats(self) -> EngineStats:
        """The workers' last reports together, at most about half a second old while they compute."""
        return together(shard.stats() for shard in self._shards)

    async def complete(self, request: Request, on_text: Callable[[str], None] | None = None) -> Completion:
        """See `completion.Completer`. A task that is cancelled here frees its slot within one step.

        Raises:
            WouldNotFit: prompt and reply exceed the window; `tokens` counts both.
            DeadlinePassed: it took longer than `seconds`.
            EngineError: the engine failed this request, or its worker died three times in a row.
        """
        header, body = framing.complete(request, on_text is not None)
        shard = self._shards[self._router.choose(body, [shard.load for shard in self._shards])]
        return framing.completion(await shard.ask(header, body, on_text))

    async def count(self, messages: tuple[Message, ...]) -> int:
        """Tokens the rendered messages take, generation prompt included."""
        shard = min(self._shards, key=lambda shard: shard.load)
        return int((await shard.ask(*framing.count(messages)))["tokens"])

    async def log(self) -> str:
        """libllama's last lines: text that quotes the model file, to be cleaned before it is shown."""
        return str((await self._shards[0].ask({"type": "log"}, b""))["text"])

    async def close(self) -> None:
        """End the workers; requests still running fail. Safe to call twice."""
        await asyncio.gather(*(shard.close() for shard in self._shards))
