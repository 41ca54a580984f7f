"""An engine in this process: real llama.cpp, real files, random weights. What several test files use."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from rlm_desk.engine.core import Core
from rlm_desk.engine.log import LogRing
from rlm_desk.engine.model import Model

LOG = LogRing()
Make = Callable[..., Core]
Talk = list[tuple[str, str]]

WORDS = "agreement supplier customer law goods thirty days order delivery late payment party notice period".split()


def words(seed: int, count: int) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=count))


def build(
    model: Path,
    slots: int = 4,
    cells: int = 4096,
    host_bytes: int = 0,
    keeping: dict[str, int] | None = None,
    **more: Any,
) -> Core:
    """`keeping`: what `Core` is told of idle cells and crowds; `more`: the plan."""
    plan = {"model": model, "window": 2048, "slots": slots, "cells": cells, "batch": 512, "micro_batch": 512}
    plan |= {"threads": 1, "gpu_layers": 0, "kv_type": "f16", "flash_attention": True} | more
    return Core(Model(plan, LOG), LOG, host_bytes=host_bytes, **(keeping or {}))


def ask(core: Core, number: int, text: str, most: int = 16, **more: Any) -> dict[str, Any] | None:
    return core.submit({"id": number, "max_tokens": most, "priority": 1, **more}, [("user", text)])


def run(core: Core, steps: int = 100_000) -> dict[int, dict[str, Any]]:
    """Run to the end; the last frame of every request. Streamed text is gathered under "streamed"."""
    last: dict[int, dict[str, Any]] = {}
    streamed: dict[int, str] = {}
    for _ in range(steps):
        if not core.busy:
            break
        for frame in core.step():
            if frame["type"] == "text":
                streamed[frame["id"]] = streamed.get(frame["id"], "") + frame["text"]
            else:
                assert frame["id"] not in last, "a request ended twice"
                last[frame["id"]] = frame | {"streamed": streamed.get(frame["id"])}
    assert not core.busy
    return last


def alone(core: Core, text: str, most: int = 16, **more: Any) -> dict[str, Any]:
    refused = ask(core, 10**6, text, most, **more)
    return refused or run(core)[10**6]


def assert_same_logits(used: Core, fresh: Core, talk: str | Talk) -> None:
    """A prompt's logits with a reused beginning are those of one computed in the same two parts.

    In other parts they differ by rounding: llama.cpp's kernels round differently for few and for many tokens.
    """
    reused, cached = logits_of(used, talk)
    computed, nothing = logits_of(fresh, talk, first=cached)
    assert cached > 60
    assert nothing == 0
    assert np.abs(reused - computed).max() < 1e-3


def logits_of(core: Core, talk: str | Talk, first: int = 0) -> tuple[np.ndarray, int]:
    """The logits after a prompt and how much of it was reused; `first` tokens are fed in a step of their own."""
    messages = [("user", talk)] if isinstance(talk, str) else talk
    assert core.submit({"id": 999, "max_tokens": 1, "priority": 1}, messages) is None
    core.scheduler.chunk = first or core.scheduler.batch
    while True:
        feeds = core.scheduler.plan()
        core.scheduler.chunk = core.scheduler.batch
        assert core.decoder.decode(feeds) == 0
        rows = core.decoder.logits().copy()
        core.scheduler.fed(feeds)
        if any(feed.draws for feed in feeds):
            cached = feeds[0].job.cached
            core.cancel(999)
            return rows[0], cached
