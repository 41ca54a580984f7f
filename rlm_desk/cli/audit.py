"""`rlm-desk audit`: what was done, by id and hash."""

from __future__ import annotations

from typing import Annotated

import typer

from rlm_desk.cli.options import DataDir


def audit(
    limit: Annotated[int, typer.Option(min=0, help="Entries to print, newest last; 0: all.")] = 50,
    data_dir: DataDir = None,
) -> None:
    """Print the account of documents opened, questions asked, exports and purges: ids and hashes, never text.

    Every line of it holds the hash of the line before. Exit code 6 when one was changed afterwards.
    """
    import time

    from rlm_desk.cli.options import settings
    from rlm_desk.store.audit import Audit

    account = Audit(settings(data_dir=data_dir).data_dir)
    entries = account.read()
    for entry in entries[-limit:] if limit else entries:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(float(entry["at"])))
        told = "  ".join(f"{name} {value}" for name, value in entry.items() if name not in ("at", "what"))
        typer.echo(f"{when}  {entry['what']:<7} {told}")
    typer.echo(f"{len(entries):,} entries in {account.path}, none changed since it was written", err=True)
