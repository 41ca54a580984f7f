"""`rlm-desk docs`: what the readers make of files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rlm_desk.cli.options import Ignore, Ocr, Password, Unconfined

if TYPE_CHECKING:
    from rlm_desk.corpus import Document


app = typer.Typer(help="See how documents are read.", rich_markup_mode=None, no_args_is_help=True)


@app.command("read")
def read(
    files: Annotated[list[str], typer.Argument(help="Files, folders or globs.")],
    text: Annotated[bool, typer.Option("--text", help="Print the text too, page by page.")] = False,
    outline: Annotated[bool, typer.Option("--outline", help="Print headings or bookmarks, with their places.")] = False,
    password: Password = None,
    ignore: Ignore = None,
    ocr: Ocr = None,
    allow_unconfined: Unconfined = False,
) -> None:
    """Read files as a question would, and say what each gave: kind, pages, characters, notes; or why it was skipped."""
    import asyncio
    import sys

    from rlm_desk.clean import clean
    from rlm_desk.cli.asking import ask_password, nothing_read, reading
    from rlm_desk.cli.options import say_unconfined, settings
    from rlm_desk.documents.reader import Extractor, Rules

    chosen = settings(ignore=ignore, ocr=ocr, allow_unconfined=allow_unconfined or None)
    say_unconfined(chosen)

    async def work() -> None:
        extractor = Extractor(chosen.ocr, Rules(chosen.ignore, int(chosen.most_gb * 2**30)))
        extractor.allow_unconfined = chosen.allow_unconfined
        extractor.passwords = list(password or ())
        extractor.ask_password = ask_password if sys.stdin.isatty() else None
        try:
            documents, skipped = await extractor.read(files, reading())
        finally:
            await extractor.close()
        for document in documents:
            _show(document, text, outline)
        for one in skipped:
            typer.echo(clean(f"{one.name}: skipped: {one.reason}"), err=True)
        if not documents:
            raise nothing_read(bool(skipped))

    asyncio.run(work())


def _show(document: Document, text: bool, outline: bool) -> None:
    from rlm_desk.clean import clean, one_line
    from rlm_desk.corpus import units

    size = f"{units(document.page_kind, len(document.pages))}, {len(document.text):,} characters"
    typer.echo(clean(f"{document.name}: {document.kind}, {size}"))
    for note in document.notes:
        typer.echo(clean(f"  {note}"))
    for name, value in document.facts:
        typer.echo(one_line(f"  {name}: {value}", 200))
    for heading in document.outline if outline else ():
        place = document.place(document.page_at(heading.start))
        typer.echo(one_line(f"  {'  ' * heading.level}{heading.title} ({place})", 200))
    for page in document.pages if text else ():
        typer.echo(f"--- {clean(document.place(page))}{f' ({page.state})' if page.state else ''}")
        typer.echo(clean(document.text[page.start : page.end]))


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
