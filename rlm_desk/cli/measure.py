"""`rlm-desk eval` and `rlm-desk bench`: figures anyone can have again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rlm_desk.cli.options import DataDir, Model, Unconfined


def evaluate(
    tokens: Annotated[str, typer.Option(help="Size of each corpus: 50k, 200k, 1M.")] = "200k",
    seeds: Annotated[str, typer.Option(help="Corpora: 1-4 or 7,9.")] = "1-4",
    per_family: Annotated[int, typer.Option(help="Questions of each family for each corpus.")] = 5,
    families: Annotated[str, typer.Option(help="Which, separated by commas.")] = "find,count,extreme,list,compare",
    plain: Annotated[bool, typer.Option(help="Ask plainly too.")] = True,
    ablation: Annotated[bool, typer.Option(help="Let regular expressions answer the sub-calls too.")] = True,
    reuse: Annotated[
        bool, typer.Option(help="Reuse sub-answers between questions of one corpus: same answers, no fair times.")
    ] = False,
    json: Annotated[Path | None, typer.Option("--json", help="Write every row to this file.")] = None,
    model: Model = None,
    data_dir: DataDir = None,
    allow_unconfined: Unconfined = False,
) -> None:
    """Ask the contract questions by recursion, plainly and with the ablation, and print a table of scores.

    Corpora, names, numbers and wordings are never those of training.
    """
    import asyncio
    import json as encoder

    from rlm_desk.catalogue.resolve import resolve
    from rlm_desk.cli.asking import say
    from rlm_desk.cli.options import settings
    from rlm_desk.demo.show import parse_tokens
    from rlm_desk.evals import contracts

    chosen = settings(here=True, model=model, data_dir=data_dir, allow_unconfined=allow_unconfined or None)
    spec = resolve(chosen.model, chosen.data_dir / "models")
    if not spec.demonstration:  # each corpus has a data folder of its own, where no name is known
        chosen = chosen.model_copy(update={"model": str(spec.path)})
    plan = contracts.Plan(
        parse_tokens(tokens), _numbers(seeds), per_family, tuple(families.split(",")), plain, ablation, reuse
    )
    rows = asyncio.run(contracts.evaluate(chosen, plan, say))
    if json:
        json.write_text(encoder.dumps(contracts.as_json(rows), indent=1), encoding="utf-8")
    typer.echo(contracts.table(rows))


def _numbers(text: str) -> tuple[int, ...]:
    from rlm_desk.errors import UsageError

    try:
        found: list[int] = []
        for part in text.split(","):
            first, _, last = part.partition("-")
            found += range(int(first), int(last or first) + 1)
    except ValueError:
        raise UsageError(f"{text!r} is no list of numbers.", "Write 1-4 or 7,9.") from None
    return tuple(found)


def bench(
    context: typer.Context,
    slots: Annotated[str, typer.Option(help="Numbers of slots to try.")] = "1,2,4,8,16",
    repeats: Annotated[int, typer.Option(help="Rounds of each; medians count.")] = 5,
    serial: Annotated[bool, typer.Option(help="Compare with llama-cpp-python's serial Llama class.")] = True,
    server: Annotated[Path | None, typer.Option(help="Compare with this llama-server program too.")] = None,
    shape: Annotated[
        str, typer.Option(help="short: 64 calls over 400 tokens; long: 32 calls over 3,000, for a real model.")
    ] = "short",
    calls: Annotated[int, typer.Option(help="Calls per round; 0 for the shape's own number.")] = 0,
    json: Annotated[Path | None, typer.Option("--json", help="Write the report to this file.")] = None,
    model: Model = None,
    data_dir: DataDir = None,
    allow_unconfined: Unconfined = False,
) -> None:
    """Measure the engine on this machine: related sub-calls at several numbers of slots, and a second question.

    With --server it starts that program and talks to it on loopback; else no process opens a network socket.
    """
    import asyncio
    import json as encoder

    from rlm_desk.bench.measuring import run
    from rlm_desk.bench.workloads import LONG, SHORT
    from rlm_desk.catalogue.resolve import resolve
    from rlm_desk.cli.asking import say
    from rlm_desk.cli.options import settings
    from rlm_desk.confine.host import shut_network
    from rlm_desk.errors import UsageError

    if shape not in ("short", "long"):
        raise UsageError(f"There is no shape {shape}.", "Use --shape short or --shape long.")
    if server is None and context.obj is not None:
        shut_network()
    chosen = settings(here=True, model=model, data_dir=data_dir, allow_unconfined=allow_unconfined or None)
    spec = resolve(chosen.model, chosen.data_dir / "models")
    workload = SHORT if shape == "short" else LONG
    report = asyncio.run(
        run(
            spec,
            slots=_numbers(slots),
            repeats=repeats,
            workload=workload.of(calls) if calls > 0 else workload,
            threads=chosen.threads,
            serial=serial,
            server=server,
            say=say,
            allow_unconfined=chosen.allow_unconfined,
        )
    )
    if json:
        json.write_text(encoder.dumps(report.as_json(), indent=1), encoding="utf-8")
    typer.echo(report.table())
