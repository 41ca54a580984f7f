"""`rlm-desk docs`: what the readers make of files."""

from __future__ import annotations

from typing import Annotated

import typer

from rlm_desk.cli.options import Unconfined

app = typer.Typer(help="See how documents are read.", rich_markup_mode=None, no_args_is_help=True)


@app.command("read")
def read(
    files: Annotated[list[str], typer.Argument(help="Files, folders or globs.")],
    text: Annotated[bool, typer.Option("--text", help="Print the text too, page by page.")] = False,
    allow_unconfined: Unconfined = False,
) -> None:
    """Read files as a question would, and say what each gave: kind, pages, characters, notes; or why it was skipped."""
    import asyncio

    from rlm_desk.clean import clean
    from rlm_desk.documents.reader import Extractor
    from rlm_desk.errors import DocumentError

    async def work() -> None:
        extractor = Extractor()
        extractor.allow_unconfined = allow_unconfined
        try:
            documents, skipped = await extractor.read(files)
        finally:
            await extractor.close()
        for document in documents:
            unit = document.page_kind + (
                "" if len(document.pages) == 1 else "s" if document.page_kind != "lines" else ""
            )
            typer.echo(
                clean(
                    f"{document.name}: {document.kind}, {len(document.pages)} {unit}, {len(document.text):,} characters"
                )
            )
            for note in document.notes:
                typer.echo(clean(f"  {note}"))
            for page in document.pages if text else ():
                typer.echo(f"--- {document.page_kind} {clean(page.label)}")
                typer.echo(clean(document.text[page.start : page.end]))
        for one in skipped:
            typer.echo(clean(f"{one.name}: skipped: {one.reason}"), err=True)
        if not documents:
            raise DocumentError("None of these files could be read.", "Each was named above with its reason.")

    asyncio.run(work())


@app.command("list")
def list_() -> None:
    """List the documents the store keeps, with their ids."""
    import asyncio

    from rlm_desk.clean import clean
    from rlm_desk.cli.options import settings
    from rlm_desk.store import Store

    async def work() -> None:
        store = await Store.open(settings().data_dir)
        try:
            for number in await store.document_ids():
                document = await store.get_document(number)
                if document:
                    typer.echo(clean(f"{number[:12]}  {len(document.text):>10,}  {document.name}"))
        finally:
            await store.close()

    asyncio.run(work())
