"""Ask the inspection worker what a model file says about itself."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeGuard

from rlm_desk.catalogue.facts import Facts
from rlm_desk.catalogue.parts import parts_of
from rlm_desk.catalogue.resolve import check_gguf
from rlm_desk.clean import one_line
from rlm_desk.confine.worker import Worker
from rlm_desk.errors import ModelError, WorkerDied

FIRST_BYTES = 16 * 1024 * 1024
MOST_BYTES = 128 * 1024 * 1024
"""A header larger than this is refused; a vocabulary of 260,000 tokens with its merges takes about 20 MB."""
MOST_LAYERS = 512
"""As llama.cpp: what fits is tried for each number of layers, so that the app would plan a file's million for hours."""
SECONDS = 60.0
TEMPLATE_SECONDS = 10.0
"""A chat template that computes longer is taken for broken, and its worker is ended."""


async def inspect(path: Path, allow_unconfined: bool = False) -> Facts:
    """Read a GGUF's metadata in a locked worker; of a model in several files, that of all of them.

    Raises:
        ModelError: the file is missing or cut off, is no GGUF, or its header is broken.
        ConfinementError: this machine cannot confine the worker.
    """
    await asyncio.to_thread(check_gguf, path)
    parts = parts_of(path)
    worker = await Worker.spawn("inspection", allow_unconfined=allow_unconfined)
    try:
        summaries = [await _summary(worker, part) for part in parts]
        facts = _facts(summaries, sum(part.stat().st_size for part in parts), path)
        if len(parts) != facts.splits:
            raise ModelError(
                f"{path.name} says that it is one of {facts.splits} files, and its name says {len(parts)}.",
                "Give the files the names they were published with.",
            )
        if facts.chat_template:
            facts = replace(facts, template_note=await _template(worker, facts.chat_template))
        return facts
    finally:
        await worker.close(grace=0.2)


async def _summary(worker: Worker, path: Path) -> dict[str, Any]:
    size = path.stat().st_size
    wanted = FIRST_BYTES
    try:
        while True:
            data = await asyncio.to_thread(_head, path, wanted)
            await worker.send({"type": "inspect"}, data)
            answer, _ = await worker.receive(SECONDS)
            if answer["type"] != "incomplete" or len(data) >= size or wanted >= MOST_BYTES:
                break
            wanted *= 2
    except TimeoutError:
        answer = {"type": "broken", "reason": "reading it takes too long"}
    if answer["type"] != "summary":
        reason = one_line(str(answer.get("reason", "its header is cut off")), 120)
        raise ModelError(
            f"{path.name} is damaged: {reason}.", "Fetch the file again, and check it: rlm-desk models verify"
        )
    summary = answer.get("summary")
    if not isinstance(summary, dict):
        raise ModelError(f"{path.name} is damaged: what it says of itself makes no sense.", "Fetch the file again.")
    ends = summary.get("ends")
    if isinstance(ends, int) and ends > size:
        raise ModelError(
            f"{path.name} is cut off: it has {size:,} bytes and should have {ends:,}.",
            "Fetch or copy the file again; the transfer did not end.",
        )
    return summary


async def _template(worker: Worker, source: str) -> str:
    try:
        await worker.send({"type": "template"}, source.encode("utf-8", "replace"))
        answer, _ = await worker.receive(TEMPLATE_SECONDS)
    except TimeoutError:
        return "the model's chat template does not come to an end"
    except WorkerDied as death:
        return f"the model's chat template ended its worker: {death.reason}"
    return one_line(str(answer.get("note", "")), 240)


def _facts(summaries: list[dict[str, Any]], size: int, path: Path) -> Facts:
    summary = summaries[0]

    def text(key: str) -> str:
        value = summary.get(key)
        return value if isinstance(value, str) else ""

    def number(key: str, of: dict[str, Any] = summary) -> int:
        value = of.get(key)
        return value if _plausible(value) else 0

    def numbers(key: str, of: dict[str, Any] = summary) -> tuple[int, ...]:
        value = of.get(key)
        return tuple(v if _plausible(v) else 0 for v in value) if isinstance(value, list) else ()

    if problem := one_line(text("problem"), 240):
        raise ModelError(f"{path.name} cannot be loaded: {problem}.", "Choose another file of this model.")
    per_part = [numbers("layer_bytes", part) for part in summaries]
    layers = max(map(len, per_part))
    if (most := max(layers, number("layers"), len(numbers("kv_layers")))) > MOST_LAYERS:
        raise ModelError(
            f"{path.name} cannot be loaded: it says that it has {most:,} layers.", "Choose another file of this model."
        )
    return Facts(
        bytes=size,
        architecture=one_line(text("architecture"), 40),
        name=one_line(text("name")),
        license=one_line(text("license"), 60),
        quantisation=one_line(text("quantisation"), 40),
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
        kv_layers=numbers("kv_layers"),
        input_bytes=sum(number("input_bytes", part) for part in summaries),
        output_bytes=sum(number("output_bytes", part) for part in summaries),
        layer_bytes=tuple(sum(part[i] for part in per_part if i < len(part)) for i in range(layers)),
        tied=all(bool(part.get("tied")) for part in summaries),
    )


def _plausible(value: Any) -> TypeGuard[int]:
    """Whether this can be a number of a model file: what is planned with is multiplied, and made a fraction."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _head(path: Path, count: int) -> bytes:
    with path.open("rb") as file:
        return file.read(count)
