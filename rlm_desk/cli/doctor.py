"""`rlm-desk doctor`: what holds on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rlm_desk.cli.options import DataDir, EngineModel, EngineUrl, Model, Unconfined

if TYPE_CHECKING:
    from rlm_desk.config import Settings
    from rlm_desk.desk.service import AsyncDesk


def doctor(
    context: typer.Context,
    model: Model = None,
    engine_url: EngineUrl = None,
    engine_model: EngineModel = None,
    data_dir: DataDir = None,
    log: Annotated[bool, typer.Option("--log", help="Print the last lines the model's library wrote.")] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Prove instead that a whole question opens no network socket.")
    ] = False,
    acceptance: Annotated[
        bool,
        typer.Option("--acceptance", help="Make the ten-minute check of this machine and model, and write a report."),
    ] = False,
    report_file: Annotated[
        Path, typer.Option("--report", help="Where --acceptance writes its report.", dir_okay=False)
    ] = Path("rlm-desk-acceptance.json"),
    allow_unconfined: Unconfined = False,
) -> None:
    """Check this machine: data folder, model, engine and its speed, and what confines each worker, layer by layer.

    With --offline it asks desk-tiny about invented documents while the kernel reports every socket that any process
    would open (and again under strace, where that is installed).

    With --acceptance it checks, in about ten minutes, how the model fits, loads and how fast it is, asks one question
    about invented agreements, and tries the confinement. Interrupted, the same command goes on behind the last finished
    check. The report holds figures only: no text, path or name of yours. Exit code 0 when every check passed, else 1.

    Exit code 0 when a question could be asked now; with --offline, when the proof holds; 7 when it does not.
    """
    if offline:
        _prove_offline(engine_url)
    import asyncio
    import platform
    import sys

    from rlm_desk.clean import clean
    from rlm_desk.cli.options import settings, shut_off
    from rlm_desk.confine.host import network
    from rlm_desk.errors import DeskError

    chosen = settings(
        engine={"url": engine_url, "model": engine_model},
        here=acceptance,
        model=model,
        data_dir=data_dir,
        allow_unconfined=allow_unconfined or None,
    )
    shut_off(context, chosen)
    if acceptance:
        _accept(chosen, report_file)
    typer.echo(
        f"python      {platform.python_version()} on {platform.system()} {platform.release()} {platform.machine()}"
    )
    typer.echo(f"settings    {chosen.file}{'' if chosen.file.exists() else ' (none: defaults)'}")
    typer.echo(f"data        {chosen.data_dir}{_open_to_others(chosen.data_dir)}")

    async def work() -> int:
        from rlm_desk.catalogue.survey import survey
        from rlm_desk.cli.machinelines import lines
        from rlm_desk.desk.service import AsyncDesk

        try:
            for line in lines(await survey()):
                typer.echo(clean(line))
        except DeskError as problem:
            typer.echo(clean(f"library     {problem.sentence}"))
        desk = await AsyncDesk.open(chosen)
        try:
            code = await _model(desk, chosen, log)
            layers = await _workers()  # also where the model is the trouble: that is when they matter
            code = code or layers
        finally:
            await desk.close()
        typer.echo(f"network     {network().state}: {network().reason}")
        if desk.leaves:
            typer.echo(clean(f"leaves      {desk.leaves}"))
        return code

    sys.exit(asyncio.run(work()))


def _open_to_others(folder: Path) -> str:
    """What to say of a data folder that other users of this machine may look into; empty where they may not."""
    try:
        others = folder.stat().st_mode & 0o077
    except OSError:
        return ""
    return f" (other users may look into it: chmod 700 {folder})" if others else ""


async def _model(desk: AsyncDesk, chosen: Settings, log: bool) -> int:
    """Print which model is asked, where, and how fast; the exit code."""
    from rlm_desk.clean import clean, plural
    from rlm_desk.errors import DeskError

    try:
        await desk.warm()
        spec = desk.model  # a server has said by now which one it has
        speed = await desk.machine.speed(spec)
        engine = desk.machine.running
        demonstration = " (a demonstration model: it knows invented agreements only)" if spec.demonstration else ""
        typer.echo(clean(f"model       {spec.name}{demonstration}: {spec.server or spec.path}"))
        if engine and spec.server:
            typer.echo(clean(server_line(engine.facts)))
        typer.echo(
            f"engine      window {engine.window if engine else 0:,} tokens, {plural(chosen.slots, 'slot')}; "
            f"reads {speed.prefill:,.0f} and writes {speed.decode:,.0f} tokens/s here"
        )
        if log and engine:
            typer.echo(clean(await engine.log()))
    except DeskError as problem:
        typer.echo(clean(f"model       {problem.sentence} {problem.next_step}"))
        return problem.exit_code
    return 0


COUNTED = {
    "estimate": "tokens are estimated, rather too many",
    "text": "tokens counted by the server, template estimated",
}
FORMS = {"none": "forms of replies are checked here, the server cannot be told them"}


def server_line(facts: Mapping[str, object]) -> str:
    """What a model server said of itself, and what it cannot do."""
    slots = f", {facts['server_slots']} slots" if facts.get("server_slots") else ""
    counted = COUNTED.get(str(facts.get("counting")), "tokens counted by the server")
    forms = FORMS.get(str(facts.get("constraining")), "forms of replies enforced by the server")
    return f"server      {facts.get('server')}{slots}; {counted}; {forms}"


async def _workers() -> int:
    """Print what confines each worker; 7 where one is not."""
    from rlm_desk.clean import clean
    from rlm_desk.confine.report import report

    code = 0
    for worker in await report():
        typer.echo(f"{worker.kind:<12}{worker.summary}")
        for layer in worker.layers:
            typer.echo(clean(f"  {layer.name:<14}{layer.state:<9}{layer.reason}"))
        code = code or (0 if worker.holds else 7)
    return code


def _accept(chosen: Settings, report_file: Path) -> None:
    """Make the acceptance check and end with its exit code."""
    import asyncio
    import sys

    from rlm_desk.bench.acceptance import STEPS, Acceptance
    from rlm_desk.catalogue.resolve import resolve
    from rlm_desk.clean import clean
    from rlm_desk.errors import StoreError

    run = Acceptance(chosen, resolve(chosen.model, chosen.data_dir / "models"))
    if before := run.resume():
        typer.echo(f"going on behind the {before} of {len(STEPS)} checks that are done", err=True)
    try:
        asyncio.run(run.run(lambda line: typer.echo(clean(line), err=True)))
    except KeyboardInterrupt:
        typer.echo("Stopped. The same command goes on from there.", err=True)
        raise
    try:
        report_file.write_text(run.report() + "\n", "utf-8")
    except OSError as problem:
        raise StoreError(
            f"The report {report_file} cannot be written: {problem.strerror or problem}.", "Name another with --report."
        ) from problem
    typer.echo(f"{'passed' if run.passed else 'NOT passed'}: {report_file}")
    sys.exit(0 if run.passed else 1)


def _prove_offline(engine_url: str | None) -> None:
    """Print the proof and end with its exit code. This process stays open, or it would refuse what it must see."""
    import sys

    from rlm_desk.clean import clean
    from rlm_desk.cli.offline import prove
    from rlm_desk.cli.options import settings
    from rlm_desk.desk.modelserver import configured

    typer.echo("asking desk-tiny about invented documents, watched by the kernel", err=True)
    server = configured(settings(engine={"url": engine_url}))
    proof = prove()
    for line in proof.lines:
        typer.echo(clean(line))
    if server is not None:
        typer.echo(clean(f"server      {server.notice} That is configured, and not what was proven here."))
    typer.echo("offline     " + ("proven on this machine" if proof.holds else "NOT proven"))
    sys.exit(0 if proof.holds else 7)
