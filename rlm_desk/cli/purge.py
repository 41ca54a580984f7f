"""`rlm-desk purge`: erase what the store keeps."""

from __future__ import annotations

from typing import Annotated

import typer

from rlm_desk.clean import plural
from rlm_desk.cli.options import DataDir


def purge(
    run: Annotated[str | None, typer.Option(help="A run: its id, the start of one, or `last`.")] = None,
    document: Annotated[str | None, typer.Option(help="A document: its id or the start of one (docs list).")] = None,
    everything: Annotated[bool, typer.Option("--everything", help="All documents, runs and cached answers.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Erase a run, a document with all text derived from it, or everything.

    Later runs that were told a run's question and answer lose those words: `[erased]` stands there. Erased text is
    overwritten in the database. What no program can promise: copies on SSDs, in snapshots, in backups.
    """
    import asyncio

    from rlm_desk.cli.options import settings
    from rlm_desk.errors import Cancelled, UsageError
    from rlm_desk.store import Store

    if sum((run is not None, document is not None, everything)) != 1:
        raise UsageError("Say what to erase.", "Use one of --run ID, --document ID, --everything.")
    chosen = settings(data_dir=data_dir)

    async def work() -> str:
        store = await Store.open(chosen.data_dir)
        try:
            if everything:
                _agree("Erase all documents, runs and cached answers?", yes, Cancelled)
                await store.purge_all()
                return "everything is erased; the audit log stays: it holds ids and hashes, and no text"
            if run is not None:
                summary = await store.find_run(run)
                told = len(await store.told_of(summary.id))
                _agree(" ".join([f"Erase run {summary.id}?", *_told(told, "will lose its words.")]), yes, Cancelled)
                await store.purge_run(summary.id)
                return "; ".join([f"run {summary.id} is erased", *_told(told, "lost its words")])
            found = [one for one in await store.document_ids() if one.startswith(document or "")]
            if len(found) != 1:
                raise UsageError(
                    f"{'Several documents start' if found else 'No document starts'} with {document}.",
                    "rlm-desk docs list shows them.",
                )
            _agree(
                f"Erase document {found[0][:12]} and the text of all runs that read it or were told of their answers?",
                yes,
                Cancelled,
            )
            await store.purge_document(found[0])
            return f"document {found[0][:12]} is erased"
        finally:
            await store.close()

    typer.echo(asyncio.run(work()))


def _told(count: int, what: str) -> list[str]:
    return [f"{plural(count, 'later run')} that knew of it {what}"] if count else []


def _agree(question: str, yes: bool, refused: type[Exception]) -> None:
    if not yes and not typer.confirm(question, default=False):
        raise refused
