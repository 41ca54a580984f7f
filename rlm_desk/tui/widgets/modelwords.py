"""All about a model, in words: what it is, how it is loaded here, how fast it is, what to fetch."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rlm_desk.clean import one_line, plural
from rlm_desk.tui.widgets.textview import Part
from rlm_desk.tui.wording import moment

if TYPE_CHECKING:
    from rlm_desk.catalogue.devices import Devices
    from rlm_desk.catalogue.fit import Fit
    from rlm_desk.desk.estimate import Speed
    from rlm_desk.desk.models import Here, Unseen

DEMONSTRATION = "A demonstration model: it knows the invented agreements it was trained on, and nothing else."

GUIDE = """\
desk-tiny, which comes with rlm-desk, is a demonstration: it knows invented agreements and nothing else.
  t  try it now, on such agreements      i  import a model file that you carried here
For your own documents choose one below that fits: its details say exactly what to fetch."""

SHORT_GUIDE = """\
desk-tiny is a demonstration: t tries it now. Your own documents want a model
from below: its details say what to fetch, and i imports the file."""
"""Where there is little room."""

CHECKED = {
    "bundled": "it is part of rlm-desk",
    "published": "the hash its publisher gives; v hashes the file again",
    "pinned": "pinned at import, no published one is known to us; v hashes the file again",
    "not imported": "nothing to compare with: i imports the file and pins its hash",
}


def gib(size: int) -> str:
    """Bytes of memory for people."""
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.0f} MiB"


def machine(devices: "Devices") -> str:
    """The memory that is free now, in a line."""
    host = gib(devices.host_free) if devices.host_free is not None else "unknown"
    gpus = [f"{one_line(gpu.name, 20)}: {gib(gpu.free)} free" for gpu in devices.gpus]
    return " · ".join([f"{host} of memory free", *(gpus or ["no GPU in use"])])


def rows(pairs: Sequence[tuple[str, str]]) -> str:
    """Names and values, one pair a line; pairs without a value are left out."""
    return "\n".join(f"{name:<10}{value}" for name, value in pairs if value)


def here(one: "Here", fit: "Fit | str | None", loaded: bool, speed: "tuple[Speed, float] | None") -> list[Part]:
    """A model whose file is here. `fit` is a sentence where it does not fit, None while it is computed."""
    spec = one.spec
    parts = [Part("heading", one_line(spec.name, 80))]
    if spec.demonstration:
        parts.append(Part("note", DEMONSTRATION))
    if not one.bytes:
        parts.append(Part("bad", "Its file is gone. Import it again, or remove it here."))
    made_of = " ".join(filter(None, (one.architecture, one.quantisation)))
    pairs = (
        ("file", str(spec.path)),
        ("linked to", f"{one.linked_to}: that file must stay" if one.linked_to else ""),
        ("size", f"{one.bytes:,} bytes" if one.bytes else ""),
        ("kind", f"{made_of}{f', {one.layers} layers' if one.layers else ''}"),
        ("window", f"{spec.window:,} tokens"),
        ("licence", one.license or "the file does not say"),
        ("dialect", f"{spec.dialect} ({spec.profile})"),
        ("template", f"{one.template}: ChatML is used" if one.template else ""),
        ("hash", CHECKED[one.checked]),
        ("sha256", spec.sha256),
    )
    parts.append(Part("plain", rows(pairs)))
    parts.append(Part("heading", "\nAs it is loaded" if loaded else "\nAs it would be loaded now"))
    parts += _fit(fit)
    parts.append(Part("heading", "\nSpeed of this machine"))
    parts.append(Part("plain", _speed(speed)))
    return parts


def unseen(one: "Unseen") -> list[Part]:
    """A known model that is not here: what exactly to carry in, and whether it would fit."""
    entry = one.entry
    pairs = (
        ("file", entry.file),
        ("size", f"about {entry.size / 1e9:.2f} GB"),
        ("from", f"{entry.repository}, a repository on the Hugging Face hub"),
        ("sha256", entry.sha256 or "not known to us: compare it at the source; it is pinned at import"),
        ("licence", entry.license),
        ("window", f"{entry.window:,} tokens"),
        ("dialect", f"{entry.dialect} ({entry.profile})"),
    )
    parts = [
        Part("heading", one_line(entry.title, 80)),
        Part("note", one_line(entry.note, 400)),
        Part("heading", "\nWhat to fetch, where the network is"),
        Part("plain", rows(pairs)),
        Part("note", "Carry the file here, then Enter: it is checked by its hash. rlm-desk never downloads."),
    ]
    if entry.unverified:
        parts.append(Part("note", f"Unverified by us: {'; '.join(entry.unverified)}."))
    basis = "its published shape" if entry.layers else "the size of its file alone"
    parts.append(Part("heading", f"\nAs it would be loaded now, from {basis}"))
    parts += _fit(one.fit if one.fit is not None else one.why)
    return [part for part in parts if part.text]


def _fit(fit: "Fit | str | None") -> list[Part]:
    if fit is None:
        return [Part("note", "Looking at the file…")]
    if isinstance(fit, str):
        return [Part("bad", fit)]
    plan = fit.plan
    layers = sum(share.layers for share in fit.shares)
    on_gpu = sum(share.layers for share in fit.shares[1:])
    pairs = [
        ("window", f"{plan.window:,} tokens, {plural(plan.slots, 'slot')}, {plan.cells:,} cells"),
        ("KV", f"{plan.kv_type}, {gib(fit.kv)}"),
        ("layers", f"{layers} with the output, {on_gpu or 'none'} of them on a GPU" if layers else ""),
        ("weights", gib(fit.weights)),
        ("buffers", gib(fit.compute)),
    ]
    for share in fit.shares:
        free = f" of {gib(share.free)} free" if share.free is not None else ""
        pairs.append(
            ("takes", f"{gib(share.total)}{free} on {'this machine' if share.device == 'memory' else share.device}")
        )
    inside, beside = fit.resident
    if inside or beside:
        pairs.append(("keeps", f"{inside + beside} pieces of {fit.chunk:,} tokens for follow-up questions"))
    parts = [Part("plain", rows(pairs))]
    said = [*(f"note: {note}" for note in fit.notes), *(f"given up: {step}" for step in fit.steps)]
    if fit.confirmed:
        said.append("confirmed by a dry run of llama.cpp")
    return [*parts, Part("note", "\n".join(said))] if said else parts


def _speed(speed: "tuple[Speed, float] | None") -> str:
    if speed is None:
        return "Not measured with this model yet: s does so."
    found, when = speed
    return rows(
        (
            ("reads", f"{found.prefill:,.0f} tokens/s"),
            ("writes", f"{found.decode:,.0f} tokens/s, one sub-call at a time"),
            ("measured", moment(when, time.time())),
        )
    )
