"""What can be done with a model, each to its end; every function gives the sentence that says how it went.

All of them raise DeskError with a sentence and a way out, and all can be cancelled.
"""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rlm_desk.clean import one_line
from rlm_desk.plan import ModelSpec
from rlm_desk.tui.port import ModelsPort

if TYPE_CHECKING:
    from rlm_desk.catalogue.carrying import OnBytes
    from rlm_desk.catalogue.importing import By, Imported

Keep = Callable[[str, Any], Awaitable[Path]]
"""Writes a setting into config.toml. Raises DeskError."""


async def use(models: ModelsPort, spec: ModelSpec, keep: Keep) -> str:
    """Ask a model from now on, and load it."""
    await models.choose(spec)
    await keep("model", models.setting(spec))
    await models.load()
    if os.environ.get("RLM_DESK_MODEL"):
        return f"{spec.name} is asked in this session; at the next start RLM_DESK_MODEL is stronger"
    return f"{spec.name} is loaded, and asked from now on"


async def load(models: ModelsPort, spec: ModelSpec) -> str:
    """Ask a model in this session only, and load it."""
    await models.choose(spec)
    await models.load()
    return f"{spec.name} is loaded, and asked in this session. Enter keeps it for the next ones too"


async def unload(models: ModelsPort, spec: ModelSpec) -> str:
    """Free its memory."""
    await models.unload()
    return f"{spec.name} is unloaded; the next question loads it again"


async def measure(models: ModelsPort, spec: ModelSpec) -> str:
    """How fast this machine is with it."""
    await models.choose(spec)
    speed = await models.speed()
    return f"{spec.name} reads {speed.prefill:,.0f} and writes {speed.decode:,.0f} tokens/s here"


async def verify(models: ModelsPort, spec: ModelSpec, told: "OnBytes") -> str:
    """Hash its files again."""
    sha256, checked = await models.verify(spec, told)
    same = {
        "published": "it is the published file",
        "pinned": "it is the file that was imported",
        "bundled": "it is part of rlm-desk",
        "not imported": "there is nothing to compare with: import it first",
    }[checked]
    return f"{spec.name}: {same}; sha256 {sha256[:16]}…"


async def bring(models: ModelsPort, file: Path, by: "By", told: "OnBytes", here: "Callable[[Imported], None]") -> str:
    """Import a file; `here` is told what came of it."""
    done = await models.bring(file, by, told)
    here(done)
    name = one_line(done.spec.name, 80)
    if done.already:
        return f"{name} is already here; nothing was copied. Enter asks it from now on"
    checked = "its hash is the published one" if done.published else "its hash is pinned"
    return f"{name} is here, {checked}. Enter asks it from now on"


async def discard(models: ModelsPort, spec: ModelSpec, keep: Keep) -> str:
    """Take it out of the model folder; desk-tiny is asked where it was this one."""
    asked = models.asked.path == spec.path
    freed = await models.remove(spec)
    if asked:
        await keep("model", None)
    room = f"{freed / 1e9:.2f} GB are free again" if freed else "your own file is left alone"
    return f"{spec.name} is removed; {room}" + (". desk-tiny is asked now" if asked else "")
