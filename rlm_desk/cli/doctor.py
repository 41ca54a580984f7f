"""`rlm-desk doctor`: what holds on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from rlm_desk.cli.options import DataDir, Model


def doctor(
    context: typer.Context,
    model: Model = None,
    data_dir: DataDir = None,
    log: Annotated[bool, typer.Option("--log", help="Print the last lines the model's library wrote.")] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Prove instead that a whole question opens no network socket.")
    ] = False,
) -> None:
    """Check this machine: data folder, model, engine and its speed, and what confines each worker, layer by layer.

    With --offline it asks desk-tiny about invented documents while the kernel reports every socket that any process
    would open (and again under strace, where that is installed).

    Exit code 0 when a question could be asked now; with --offline, when the proof holds; 7 when it does not.
    """
    if offline:
        _prove_offline()
    import asyncio
    import platform
    import sys

    from rlm_desk.clean import clean
    from rlm_desk.cli.options import settings
    from rlm_desk.config import config_file
    from rlm_desk.confine.host import network, shut_network
    from rlm_desk.errors import DeskError

    if context.obj is not None:
        shut_network()
    chosen = settings(model=model, data_dir=data_dir)
    typer.echo(
        f"python      {platform.python_version()} on {platform.system()} {platform.release()} {platform.machine()}"
    )
    typer.echo(f"settings    {config_file()}{'' if config_file().exists() else ' (none: defaults)'}")
    typer.echo(f"data        {chosen.data_dir}")

    async def work() -> int:
        from rlm_desk.confine.report import report
        from rlm_desk.desk.service import AsyncDesk

        code = 0
        desk = await AsyncDesk.open(chosen)
        try:
            try:
                spec = desk.model
                await desk.warm()
                speed = await desk.machine.speed(spec)
                engine = desk.machine.running
                demonstration = (
                    " (a demonstration model: it knows invented agreements only)" if spec.demonstration else ""
                )
                typer.echo(clean(f"model       {spec.name}{demonstration}: {spec.path}"))
                typer.echo(
                    f"engine      window {engine.window if engine else 0:,} tokens, {chosen.slots} slots; "
                    f"reads {speed.prefill:,.0f} and writes {speed.decode:,.0f} tokens/s here"
                )
                if log and engine:
                    typer.echo(clean(await engine.log()))
            except DeskError as problem:
                code = problem.exit_code
                typer.echo(clean(f"model       {problem.sentence} {problem.next_step}"))
            for worker in await report():
                typer.echo(f"{worker.kind:<12}{worker.summary}")
                for layer in worker.layers:
                    typer.echo(clean(f"  {layer.name:<14}{layer.state:<9}{layer.reason}"))
                code = code or (0 if worker.holds else 7)
        finally:
            await desk.close()
        typer.echo(f"network     {network().state}: {network().reason}")
        return code

    sys.exit(asyncio.run(work()))


def _prove_offline() -> None:
    """Print the proof and end with its exit code. This process stays open, or it would refuse what it must see."""
    import sys

    from rlm_desk.clean import clean
    from rlm_desk.cli.offline import prove

    typer.echo("asking desk-tiny about invented documents, watched by the kernel", err=True)
    proof = prove()
    for line in proof.lines:
        typer.echo(clean(line))
    typer.echo("offline     " + ("proven on this machine" if proof.holds else "NOT proven"))
    sys.exit(0 if proof.holds else 7)
