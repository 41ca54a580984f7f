"""Ask the inspection worker what a model file says about itself."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlm_desk.catalogue.resolve import check_gguf
from rlm_desk.clean import one_line
from rlm_desk.confine.worker import Worker
from rlm_desk.errors import ModelError

FIRST_BYTES = 16 * 1024 * 1024
MOST_BYTES = 128 * 1024 * 1024
"""A header larger than this is refused; a vocabulary of 260,000 tokens with its merges takes about 20 MB."""
SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Facts:
    """A model file, as it describes itself. Zero or empty where it does not say."""

    bytes: int
    """Size of the file."""
    architecture: str = ""
    name: str = ""
    license: str = ""
    quantisation: str = ""
    window: int = 0
    """Tokens it was trained to hold."""
    layers: int = 0
    heads: int = 0
    kv_heads: int = 0
    key_length: int = 0
    value_length: int = 0
    width: int = 0
    feed_forward: int = 0
    vocabulary: int = 0
    chat_template: str = ""
    """A stranger's program: never run here."""
    splits: int = 1
    """Files the model consists of."""
    recurrent: bool = False


async def inspect(path: Path) -> Facts:
    """Read a GGUF's metadata in a locked worker.

    Raises:
        ModelError: the file is missing, is no GGUF, or its header is broken.
        ConfinementError: this machine cannot confine the worker.
    """
    await asyncio.to_thread(check_gguf, path)
    size = path.stat().st_size
    worker = await Worker.spawn("inspection")
    try:
        wanted = FIRST_BYTES
        while True:
            data = await asyncio.to_thread(_head, path, wanted)
            await worker.send({"type": "inspect"}, data)
            answer, _ = await worker.receive(SECONDS)
            if answer["type"] != "incomplete" or len(data) >= size or wanted >= MOST_BYTES:
                break
            wanted *= 2
    except TimeoutError:
        answer = {"type": "broken", "reason": "reading it takes too long"}
    finally:
        await worker.close(grace=0.2)
    if answer["type"] != "summary":
        reason = one_line(str(answer.get("reason", "its header is cut off")), 120)
        raise ModelError(
            f"{path.name} is damaged: {reason}.", "Fetch the file again, and check it: rlm-desk models verify"
        )
    return _facts(answer["summary"], size, path)


def _facts(summary: dict[str, Any], size: int, path: Path) -> Facts:
    def text(key: str) -> str:
        value = summary.get(key)
        return value if isinstance(value, str) else ""

    def number(key: str) -> int:
        value = summary.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else 0

    if text("problem"):
        raise ModelError(f"{path.name} cannot be loaded: {text('problem')}.", "Choose another file of this model.")
    return Facts(
        bytes=size,
        architecture=one_line(text("architecture"), 40),
        name=one_line(text("name")),
        license=one_line(text("license"), 60),
        quantisation=text("quantisation"),
        window=number("window"),
        layers=number("layers"),
        heads=number("heads"),
        kv_heads=number("kv_heads"),
        key_length=number("key_length"),
        value_length=number("value_length"),
        width=number("width"),
        feed_forward=number("feed_forward"),
        vocabulary=number("vocabulary"),
        chat_template=text("chat_template"),
        splits=max(1, number("splits")),
        recurrent=bool(summary.get("recurrent")),
    )


def _head(path: Path, count: int) -> bytes:
    with path.open("rb") as file:
        return file.read(count)
