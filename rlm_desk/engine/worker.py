"""The engine's worker process: frames in, steps, frames out. One thread; it sleeps when there is nothing to compute.

A `start` with a `task` of `devices` or `dry` is answered by `ready` alone, and the worker ends (see `survey`).
Frames in: `start`, `complete` (messages' contents are the body, one after the other), `cancel`, `count`, `log`,
`flush`. Frames out: `ready` or `failed`, then `text`, `done`, `refused`, `error`, `cancelled`, `counted`, `log`,
`flushed`, `keep` (keys and values for the host to write, where that is wanted), and `stats` about twice a second while
it computes.
"""

import os
import time
from pathlib import Path
from typing import Any

from rlm_desk.engine.framing import messages
from rlm_desk.wire import FrameError, Pipe

# libgomp's threads spin at each of a step's barriers; with another process on the same cores the default makes one step
# wait for whole time slices of it (measured: 2 ms become 300 ms). A short spin costs nothing on an idle machine.
SPIN = {"GOMP_SPINCOUNT": "1000"}
STATS_SECONDS = 0.5
HOST_SHARE = 0.1
"""Share of the machine's memory for keys and values that had to leave the cache, by default..."""
HOST_MOST = 768 * 1024 * 1024
"""...and bytes of it at most: a laptop has other work to do."""

HEAD_CELLS = 1024
"""Cells that a small model's root turns and shared beginnings may keep although the host's memory has them too."""


def main(pipe: Pipe) -> None:
    """Serve until the host closes the channel."""
    header, _ = pipe.receive()
    if header["type"] != "start":
        raise FrameError(f"{header['type']!r} before 'start'")
    for name, value in SPIN.items():
        os.environ.setdefault(name, value)
    from rlm_desk.engine.log import LogRing

    task = header.get("task")
    log = LogRing(100_000) if task else LogRing()
    import jinja2.ext
    import jinja2.sandbox  # noqa: F401  before the lock

    from rlm_desk.engine.core import Core
    from rlm_desk.engine.diskcache import DiskCache
    from rlm_desk.engine.interrupting import Inbox
    from rlm_desk.engine.model import Model, ModelError

    inbox = Inbox(pipe)
    layers = _lock(header)
    try:
        if task:
            pipe.send({"type": "ready", "layers": layers, **_survey(task, header, log)})
            return
        model = Model(header, log)
        wanted = header.get("host_bytes")
        host_bytes = _default_host_bytes() if wanted is None else int(wanted)
        # On a CPU every cell in use slows every step (measured at desk-tiny's size: 10% with 512 idle ones, 40% with
        # 10,000), and the host's memory gives a small model's keys and values back for next to nothing. Without flash
        # attention a row looks at idle cells as at its own.
        small = not model.offloaded and (
            model.bytes_per_cell * model.cells <= host_bytes or not header["flash_attention"]
        )
        idle_cells = header.get("idle_cells", 0 if small else model.cells // 4 if not model.offloaded else None)
        head_cells = HEAD_CELLS if small else None
        disk = DiskCache(Path(str(header["disk"])), pipe.send) if header.get("disk") else None
        core = Core(
            model,
            log,
            host_bytes=host_bytes,
            idle_cells=idle_cells,
            head_cells=head_cells,
            crowd=header.get("crowd") or None,
            disk=disk,
            cancelled=inbox.cancelled,
        )
    except ModelError as problem:
        pipe.send(
            {
                "type": "failed",
                "error": "DoesNotFit" if problem.memory else "ModelError",
                "sentence": str(problem),
                "next_step": problem.next_step,
                "log": log.tail(),
            }
        )
        return
    facts = model.facts()
    pipe.send({"type": "ready", "layers": layers, "window": model.window, "template_note": core.template.note, **facts})
    try:
        _serve(pipe, inbox, core, log)
    finally:
        core.close()


def _serve(pipe: Pipe, inbox: Any, core: Any, log: Any) -> None:
    told = 0.0
    while True:
        while not core.busy or inbox.waiting:
            if not core.busy and told:
                pipe.send({"type": "stats", **core.stats()})  # the last word before a pause
                told = 0.0
            header, body = inbox.receive()
            answer = _handle(core, log, header, body)
            if answer is not None:
                pipe.send(answer)
        for frame in core.step():
            pipe.send(frame)
        if (now := time.monotonic()) - told >= STATS_SECONDS:
            pipe.send({"type": "stats", **core.stats()})
            told = now


def _handle(core: Any, log: Any, header: dict[str, Any], body: bytes) -> dict[str, Any] | None:
    from rlm_desk.chat_template import TemplateProblem

    kind = header["type"]
    if kind == "complete":
        answer: dict[str, Any] | None = core.submit(header, messages(header, body))
        return answer
    if kind == "cancel":
        return {"type": "cancelled", "id": header["id"], "running": core.cancel(int(header["id"]))}
    if kind == "count":
        try:
            return {"type": "counted", "id": header["id"], "tokens": core.count(messages(header, body))}
        except TemplateProblem as problem:
            return {"type": "error", "id": header["id"], "sentence": f"{problem}", "next_step": ""}
    if kind == "log":
        return {"type": "log", "id": header["id"], "text": log.tail(400)}
    if kind == "flush":
        core.flush()
        return {"type": "flushed", "id": header["id"]}
    raise FrameError(f"unknown message {kind!r}")


def _survey(task: str, header: dict[str, Any], log: Any) -> dict[str, Any]:
    from rlm_desk.engine import survey

    return survey.dry_run(header, log) if task == "dry" else survey.devices()


def _lock(header: dict[str, Any]) -> list[dict[str, str]]:
    """Shut the process before a stranger's file is opened."""
    from rlm_desk.confine.lockdown import lock
    from rlm_desk.confine.policies import ENGINE

    return lock(ENGINE, header.get("address_space"))


def _default_host_bytes() -> int:
    try:
        return min(HOST_MOST, int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * HOST_SHARE))
    except (ValueError, OSError):
        return 512 * 1024 * 1024
