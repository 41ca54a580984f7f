"""What `rlm-desk models` prints about models: installed, known, or one file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from rlm_desk.catalogue import fit as fitting
from rlm_desk.catalogue.devices import Devices
from rlm_desk.catalogue.experience import Experience
from rlm_desk.catalogue.facts import Facts
from rlm_desk.catalogue.importing import Imported, leftovers
from rlm_desk.catalogue.inspecting import inspect
from rlm_desk.catalogue.known import Known, known
from rlm_desk.catalogue.parts import parts_of
from rlm_desk.catalogue.planning import machine
from rlm_desk.catalogue.resolve import installed, read_card
from rlm_desk.catalogue.stepping import EASY_WINDOW
from rlm_desk.catalogue.wording import describe
from rlm_desk.clean import clean, one_line
from rlm_desk.errors import ModelError

if TYPE_CHECKING:
    from rlm_desk.config import Settings
    from rlm_desk.plan import ModelSpec

BY_THE_HAND = """\
desk-tiny is a demonstration: it knows invented agreements and nothing else. For your own documents carry a model in:
  1. rlm-desk models list --catalogue    which known models fit this machine
  2. rlm-desk models info NAME           the exact file, its size, its hash, its licence
  3. rlm-desk models import FILE --use   checked by its hash, and asked from now on"""


def show_installed(chosen: Settings) -> None:
    """Installed models, the one in use marked; and what to do where there is none but the demonstration."""
    folder = chosen.data_dir / "models"
    here = installed(folder)
    for spec in here:
        mark = "*" if chosen.model in (spec.name, str(spec.path)) else " "
        typer.echo(clean(f"{mark} {_line(spec)}"))
    if not any(chosen.model in (spec.name, str(spec.path)) for spec in here):
        typer.echo(clean(f"* {one_line(chosen.model, 200)} (from the settings; not in the model folder)"))
    for part in leftovers(folder):
        typer.echo(clean(f"  {part.name}: an import that was not finished; give the same command again to go on"))
    names = {spec.name for spec in here}
    rest = [entry.name for entry in known() if entry.name not in names]
    if all(spec.demonstration for spec in here):
        typer.echo(f"\n{BY_THE_HAND}")
    elif rest:
        typer.echo(f"\nKnown, not installed: {', '.join(rest)}. Which fit: rlm-desk models list --catalogue")


def show_catalogue(chosen: Settings) -> None:
    """Known models, and how each would be loaded with the memory that is free now."""
    devices = asyncio.run(machine(Experience(chosen.data_dir)))
    here = {spec.name for spec in installed(chosen.data_dir / "models")}
    typer.echo(_machine(devices))
    advised = False
    for entry in known():
        if entry.demonstration:
            continue
        try:
            found = _fit(chosen, entry, devices)
            given_up = f", {'; '.join(found.steps)}" if found.steps else ""
            says = f"fits: takes {fitting.gib(found.total)}, window {found.plan.window:,}{given_up}"
            good = not advised and found.plan.window >= EASY_WINDOW
        except ModelError as problem:
            says, good = f"does not fit: {problem.sentence}", False
        mark = "*" if entry.name in here else " "
        about = "" if entry.layers else " (about: its layers are not known to us)"
        typer.echo(clean(f"{mark} {entry.name:<22}{entry.size / 1e9:>5.1f} GB  {entry.license}"))
        typer.echo(clean(f"    {says}{about}"))
        if good:
            advised = True
            typer.echo("    our advice for this machine" + (": installed" if entry.name in here else ""))
    typer.echo("* installed. The exact file, its hash and what is unverified: rlm-desk models info NAME")


def describe_unseen(chosen: Settings, entry: Known) -> str:
    """How a known model would be loaded, before its file is here. Raises DoesNotFit."""
    found = _fit(chosen, entry, asyncio.run(machine(Experience(chosen.data_dir))))
    basis = "its published shape" if entry.layers else "the size of its file alone"
    return f"{entry.title}, which is not here yet: planned from {basis}\n{describe(found)}"


def _fit(chosen: Settings, entry: Known, devices: Devices) -> fitting.Fit:
    return fitting.fit(
        entry.spec(),
        slots=1 if entry.recurrent else chosen.slots,
        window=chosen.window,
        threads=chosen.threads,
        gpu_layers=chosen.gpu_layers,
        kv_type=chosen.kv_type,
        facts=entry.facts(),
        devices=devices,
        size=entry.size,
    )


def describe_file(spec: ModelSpec, allow_unconfined: bool = False) -> str:
    """A file that is here: where, what it says about itself, whether its hash is known, its chat template."""
    facts = asyncio.run(inspect(spec.path, allow_unconfined))
    card = read_card(spec.path)
    lines = [
        f"installed   {spec.path}" if card or spec.demonstration else f"a file      {spec.path} (not imported)",
        f"  {headline(spec, facts)}",
        f"  licence   {facts.license or 'the file does not say'}",
        f"  dialect   {spec.dialect} ({spec.profile}), planned for {spec.window:,} tokens",
        f"  template  {_template(facts)}",
    ]
    if spec.path.is_symlink():
        lines.append(f"  linked to {spec.path.resolve()}: that file must stay")
    if facts.splits > 1:
        lines.append(f"  files     {len(parts_of(spec.path))}")
    if spec.sha256:
        lines.append(f"  sha256    {spec.sha256} (pinned when it was imported)")
    return clean("\n".join(lines))


def headline(spec: ModelSpec, facts: Facts) -> str:
    """Name, architecture, layers, quantisation, size, window."""
    kind = f"{facts.architecture} {facts.quantisation}".strip() or "unknown architecture"
    return (
        f"{one_line(spec.name)}: {kind}, {facts.layers} layers, {facts.bytes / 1e9:.2f} GB, trained for "
        f"{facts.window:,} tokens"
    )


def describe_import(done: Imported) -> str:
    """How an import ended, in lines."""
    first = f"{done.spec.name} is already there; nothing was copied." if done.already else f"{done.spec.name} is there."
    if done.published:
        checked = "the hash its publisher gives"
    else:
        checked = "no published hash of it is known to us: pinned now, and checked by rlm-desk models verify"
    lines = [first, headline(done.spec, done.facts), f"sha256 {done.spec.sha256}: {checked}"]
    if done.facts.template_note or not done.facts.chat_template:
        lines.append(f"chat template: {_template(done.facts)}")
    return clean("\n".join(lines))


def _template(facts: Facts) -> str:
    if not facts.chat_template:
        return "none in the file: ChatML is used"
    return f"{facts.template_note}: ChatML is used" if facts.template_note else "the model's own, rendered in a sandbox"


def _line(spec: ModelSpec) -> str:
    card = read_card(spec.path)
    kind = "a demonstration model" if spec.demonstration else f"dialect {spec.dialect}"
    if card:
        made_of = f"{card.get('architecture', '')} {card.get('quantisation', '')}"
        kind += f", {one_line(made_of, 50)}"
    size = sum(part.stat().st_size for part in _parts(spec.path))
    gone = "" if size else "  the file is gone: import it again"
    return f"{one_line(spec.name):<22}{spec.window:>7,} tokens {size / 1e9:>5.2f} GB  {kind}{gone}"


def _parts(path: Path) -> tuple[Path, ...]:
    try:
        return tuple(part for part in parts_of(path) if part.is_file())
    except ModelError:
        return ()


def _machine(devices: Devices) -> str:
    parts = [f"{gpu.name} {gpu.description}: {fitting.gib(gpu.free)} free" for gpu in devices.gpus]
    host = fitting.gib(devices.host_free) if devices.host_free is not None else "unknown"
    return clean(f"This machine, now: {host} of memory free" + "".join(f"; {part}" for part in parts))
