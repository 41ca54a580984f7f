"""A worker that holds a model."""

import dataclasses
from typing import Any

from rlm_desk.confine.worker import Worker
from rlm_desk.engine.keeping import Keeper
from rlm_desk.errors import DoesNotFit, WorkerDied
from rlm_desk.plan import LoadPlan

LOAD_SECONDS = 900.0
"""A model that takes longer to load is given up."""


async def spawn(plan: LoadPlan, host_bytes: int | None, keeper: Keeper | None) -> Worker:
    """Load a model in a new worker; it can be asked when this returns.

    Args:
        plan: how.
        host_bytes: memory for keys and values that leave the cache; the worker's default if None.
        keeper: where they are kept on disk; None for nowhere.

    Raises:
        ModelError: the file cannot be loaded here.
        DoesNotFit: the worker ended while loading.
    """
    more: dict[str, Any] = {} if host_bytes is None else {"host_bytes": host_bytes}
    if keeper is not None:
        more["disk"] = str(keeper.folder(plan))
    try:
        return await Worker.spawn(
            "engine",
            dataclasses.asdict(plan) | more,
            ready_seconds=LOAD_SECONDS,
            allow_unconfined=True,  # its boundary is partial everywhere; `facts["layers"]` says what holds
        )
    except WorkerDied as problem:
        raise DoesNotFit(  # or damaged: a smaller plan is tried once, which tells them apart
            f"Loading the model ended its worker: {problem.reason}.",
            "The file may be damaged or too large for this machine: see `rlm-desk models fit`.",
        ) from problem
