"""Options several commands share, and the settings they make."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rlm_desk.config import Settings

Model = Annotated[str | None, typer.Option("--model", "-m", help="Installed model, or the path of a GGUF file.")]
DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Folder for documents, runs, models and settings, instead of the usual one."),
]
Subcalls = Annotated[int | None, typer.Option(help="Budget: sub-calls at most, in the whole tree.")]
Depth = Annotated[int | None, typer.Option(help="Budget: depth at most; 0 is the root, its sub-calls are 1.")]
Turns = Annotated[int | None, typer.Option(help="Budget: turns at most, for the root and for each child.")]
Tokens = Annotated[int | None, typer.Option(help="Budget: tokens at most, read and written.")]
Seconds = Annotated[float | None, typer.Option(help="Budget: seconds at most.")]
Unconfined = Annotated[
    bool, typer.Option("--allow-unconfined", help="For this session: go on where the machine has no boundary layer.")
]
Password = Annotated[
    list[str] | None, typer.Option("--password", help="To try on encrypted documents; may be given several times.")
]
Ignore = Annotated[
    list[str] | None, typer.Option("--ignore", help="Files in folders to leave out, as in .gitignore; several times.")
]
Ocr = Annotated[
    str | None, typer.Option("--ocr", help="Languages of scanned pages for tesseract (eng+deu); empty: no OCR.")
]
EngineUrl = Annotated[
    str | None,
    typer.Option("--engine-url", help="Ask a model server of your own instead (OpenAI protocol): text is sent there."),
]
EngineModel = Annotated[str | None, typer.Option("--engine-model", help="What that server calls the model.")]
Plain = Annotated[bool, typer.Option("--plain", help="Append-only progress: for pipes and screen readers.")]
Json = Annotated[bool, typer.Option("--json", help="The run's events, one JSON object a line, on standard output.")]


def say_unconfined(chosen: Settings) -> None:
    """Say on standard error that files are read without a boundary, where that was allowed and there is none."""
    if not chosen.allow_unconfined:
        return
    import asyncio

    from rlm_desk.clean import clean
    from rlm_desk.confine.report import missing_boundary

    reason = asyncio.run(missing_boundary())
    if reason:
        typer.echo(clean(f"UNCONFINED: files are read with your rights here ({reason})."), err=True)


def settings(
    budget: dict[str, Any] | None = None, engine: dict[str, Any] | None = None, *, here: bool = False, **flags: Any
) -> Settings:
    """Settings with flags on top.

    Args:
        budget, engine: flags of these groups, None where one was not given.
        here: for what makes sense with a model of this machine only; a configured server is left alone.
        flags: the others. A model that is named as a flag is one of this machine.
    """
    from rlm_desk.config import load
    from rlm_desk.errors import UsageError

    loaded = load(**flags)
    groups: dict[str, Any] = {}
    if given := _given(budget):
        groups["budget"] = loaded.budget.model_dump() | given
    served = _given(engine)
    if served and flags.get("model"):
        raise UsageError(
            "A model of this machine and a model server were both named.",
            "Give --model, or --engine-url and --engine-model.",
        )
    if served:
        groups["engine"] = loaded.engine.model_dump() | served
    elif here or flags.get("model"):
        groups["engine"] = loaded.engine.model_dump() | {"url": ""}
    return load(**flags, **groups) if groups else loaded


def _given(flags: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (flags or {}).items() if value is not None}


def shut_off(context: typer.Context, chosen: Settings) -> None:
    """As `shutting.shut_off`; somebody else's process, such as a test, is left alone.

    Raises:
        UsageError: the server's address makes no sense, or may not be spoken to.
        EngineError: its name is not known here.
    """
    from rlm_desk.cli import shutting

    shutting.shut_off(chosen, own=context.find_root().obj is not None)
