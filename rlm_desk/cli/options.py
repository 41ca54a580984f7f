"""Options several commands share, and the settings they make."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rlm_desk.config import Settings

Model = Annotated[str | None, typer.Option("--model", "-m", help="Installed model, or the path of a GGUF file.")]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Where documents and runs are kept.")]
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


def settings(budget: dict[str, Any] | None = None, **flags: Any) -> Settings:
    """Settings with flags on top; `budget` holds the budget's flags, None where not given."""
    from rlm_desk.config import load

    loaded = load(**flags)
    given = {name: value for name, value in (budget or {}).items() if value is not None}
    if not given:
        return loaded
    return load(**flags, budget=loaded.budget.model_dump() | given)
