"""`rlm-desk ask`: one question over files and folders."""

from __future__ import annotations

from typing import Annotated

import typer

from rlm_desk.cli.options import (
    DataDir,
    Depth,
    EngineModel,
    EngineUrl,
    Ignore,
    Json,
    Model,
    Ocr,
    Password,
    Plain,
    Seconds,
    Subcalls,
    Tokens,
    Turns,
    Unconfined,
)


def ask(
    context: typer.Context,
    question: Annotated[str, typer.Option("--question", "-q", help="What you want to know.")],
    files: Annotated[list[str] | None, typer.Argument(help="Files, folders or globs to read.")] = None,
    workspace: Annotated[
        str | None, typer.Option("--workspace", "-w", help="Ask in this workspace; files are added to it.")
    ] = None,
    password: Password = None,
    ignore: Ignore = None,
    ocr: Ocr = None,
    model: Model = None,
    engine_url: EngineUrl = None,
    engine_model: EngineModel = None,
    data_dir: DataDir = None,
    subcalls: Subcalls = None,
    depth: Depth = None,
    turns: Turns = None,
    tokens: Tokens = None,
    seconds: Seconds = None,
    route: Annotated[
        str | None, typer.Option(help="recursive or plain; by default text that fits the window is asked plainly.")
    ] = None,
    cache: Annotated[bool, typer.Option(help="Answer sub-calls that were asked before from the store.")] = True,
    allow_unconfined: Unconfined = False,
    json: Json = False,
    bare: Annotated[bool, typer.Option("--bare", help="The answer alone, without its sources.")] = False,
    plain: Plain = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before a long run.")] = False,
) -> None:
    """Ask one question over files, folders or globs, and print the answer with its sources on standard output.

    Below the answer: each source with its page and passage, which quotes, names, dates and numbers stand there, how
    much was read, and what was not. With --json the last line is an object `evidence`.

    Progress goes to standard error. Exit codes: 0 answered, 2 wrong usage, 3 documents, 4 model, 5 engine, 6 store,
    7 confinement, 8 best effort after a budget ran out, 130 cancelled.

    Example: rlm-desk ask contracts/ -q "How many agreements have a notice period above 60 days?"
    """
    import asyncio

    from rlm_desk.cli.options import settings, shut_off

    _refuse(question, files, workspace, route)
    budget = {"subcalls": subcalls, "depth": depth, "turns": turns, "tokens": tokens, "seconds": seconds}
    chosen = settings(
        budget,
        {"url": engine_url, "model": engine_model},
        model=model,
        data_dir=data_dir,
        cache=cache,
        allow_unconfined=allow_unconfined or None,
        ignore=ignore,
        ocr=ocr,
    )
    shut_off(context, chosen)

    async def work() -> int:
        from rlm_desk.clean import clean
        from rlm_desk.cli import asking, progress
        from rlm_desk.cli import evidence as shown
        from rlm_desk.desk.service import AsyncDesk
        from rlm_desk.report.plain import as_json

        desk = await AsyncDesk.open(chosen)
        try:
            asking.unlock(desk, password)
            if workspace is not None:
                await desk.open_workspace(workspace)
            if files:
                await asking.load(desk, files)
            asking.leaving(desk)
            expected = await desk.estimate(question)  # first: a server says which model it has
            spec = desk.model
            asking.say(f"model: {spec.name}{' (a demonstration model)' if spec.demonstration else ''}")
            asking.agree(expected, yes or json, chosen.budget)
            shown_as = progress.choose(json, plain)
            answer = await asking.ask(desk, question, shown_as, route=route, estimate=expected)  # type: ignore[arg-type]
            evidence = await desk.evidence(answer.run)
            corpus = desk.corpus
            unread = desk.unread
        finally:
            await desk.close()
        if answer.status == "best_effort":
            asking.say(f"Best effort, the work was cut short: check this answer. {answer.why}".rstrip())
        elif answer.why:
            asking.say(answer.why)
        if json:
            typer.echo(as_json(evidence))
        elif bare:
            typer.echo(clean(answer.text))
        else:
            shown.show(evidence, corpus)
        if unread:
            asking.say(unread)
        asking.ended(desk, answer)
        return answer.exit_code

    raise typer.Exit(asyncio.run(work()))


def _refuse(question: str, files: list[str] | None, workspace: str | None, route: str | None) -> None:
    """Say what makes no sense before anything is read. Raises UsageError."""
    from rlm_desk.errors import UsageError

    if route not in (None, "recursive", "plain"):
        raise UsageError(f"There is no route {route}.", "Use --route recursive or --route plain.")
    if not question.strip():
        raise UsageError("The question is empty.", "Type what you want to know.")
    if not files and workspace is None:
        raise UsageError("There is nothing to ask about.", "Name files or folders, or a workspace: --workspace NAME.")
