"""All commands, and the options of the desk itself. `rlm-desk` alone does not come here."""

from typing import Annotated

import typer

from rlm_desk import crash
from rlm_desk.cli import ask, audit, bundle, demo, docs, doctor, measure, models, purge, runs, search, workspace
from rlm_desk.cli.options import DataDir, EngineModel, EngineUrl, Model, Unconfined

app = typer.Typer(
    name="rlm-desk",
    help="Ask questions of documents far longer than a local model's window, offline, by recursion.",
    epilog="Begin with: rlm-desk demo. Then: rlm-desk ask FOLDER -q 'your question', or rlm-desk alone for the desk.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("ask")(ask.ask)
app.command("demo")(demo.demo)
app.add_typer(docs.app, name="docs")
app.add_typer(workspace.app, name="workspace")
app.command("search")(search.search)
app.add_typer(models.app, name="models")
app.add_typer(runs.app, name="runs")
app.add_typer(bundle.app, name="bundle")
app.command("purge")(purge.purge)
app.command("audit")(audit.audit)
app.command("doctor")(doctor.doctor)
app.command("eval")(measure.evaluate)
app.command("bench")(measure.bench)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"rlm-desk {version('rlm-desk')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def desk(
    context: typer.Context,
    model: Model = None,
    engine_url: EngineUrl = None,
    engine_model: EngineModel = None,
    data_dir: DataDir = None,
    allow_unconfined: Unconfined = False,
    present: Annotated[bool, typer.Option("--present", help="Only tree and answer, large, for an audience.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which.")] = False,
) -> None:
    """Ask questions of documents far longer than a local model's window, offline, by recursion.

    Without a command the desk opens: a full-screen terminal interface.
    """
    # The desk, ask and doctor do so themselves, when they know whether a model server is configured; doctor may watch
    # another process instead; bench does so unless it is to compare with a server.
    if context.obj == OWN_PROCESS and context.invoked_subcommand not in (None, "ask", "doctor", "bench"):
        from rlm_desk.confine.host import shut_network

        shut_network()
    if context.obj == OWN_PROCESS:
        crash.keep_quiet()
    if context.invoked_subcommand is not None:
        _misplaced(context)
    else:
        from rlm_desk.cli.options import settings, shut_off
        from rlm_desk.cli.screen import open_screen

        chosen = settings(
            engine={"url": engine_url, "model": engine_model},
            model=model,
            data_dir=data_dir,
            allow_unconfined=allow_unconfined or None,
        )
        shut_off(context, chosen)
        open_screen(chosen, present=present)


def _misplaced(context: typer.Context) -> None:
    """Refuse the desk's own options before a command, which would not hear of them. Raises UsageError."""
    from rlm_desk.errors import UsageError

    for name in context.params:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            flag = "--" + name.replace("_", "-")
            raise UsageError(
                f"{flag} stands before the command {context.invoked_subcommand}, which would not take it from there.",
                f"Write it at the end of the line, where that command has it: rlm-desk {context.invoked_subcommand}"
                " --help says so.",
            )


OWN_PROCESS = "own process"
"""Says that nobody else's code runs in this process: it may be shut off from the network for good."""
