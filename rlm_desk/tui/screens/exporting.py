"""Writing a run of the history as a report: the form is chosen, the file lands where all files do (`saving.folder`)."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from rlm_desk.tui.port import PastRun
from rlm_desk.tui.screens.dialog import Dialog, Hint
from rlm_desk.tui.screens.saving import folder, save

FORMS = {
    "md": "Markdown: to paste into a note or a mail",
    "html": "HTML: one page without scripts or links, which prints",
    "json": "JSON: for another program",
    "zip": "Run bundle: the whole run, to be played elsewhere without a model",
}
"""By the ending of the file."""


class ExportDialog(Dialog):
    """Asks for the form; its result is the ending of the file, or empty."""

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as box:
            box.border_title = "Export the run"
            yield Static("The answer with its sources, checks, coverage, tree and settings.", markup=False)
            yield OptionList(*(Option(what, id=form) for form, what in FORMS.items()), markup=False)
            yield Hint(f"Enter writes it to {folder()} · Esc goes back")

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id or "")


async def write(past: PastRun, form: str) -> Path:
    """Write the report beside what is there already; nothing is replaced.

    Raises:
        UsageError: it cannot be written.
    """
    if form == "zip":
        return await asyncio.to_thread(_bundle, past)
    evidence = await past.evidence()

    def work() -> Path:
        from rlm_desk.report import markdown, page, plain
        from rlm_desk.report.material import Material, material

        writers: dict[str, Callable[[Material], str]] = {
            "md": markdown.markdown,
            "html": page.html,
            "json": plain.report,
        }
        text = writers[form](material(evidence, past.corpus, past.recorded))
        return save(f"answer-{past.summary.id[:12]}", f".{form}", text)

    return await asyncio.to_thread(work)


def _bundle(past: PastRun) -> Path:
    from itertools import count

    from rlm_desk.errors import UsageError
    from rlm_desk.report import bundle

    stem = f"run-{past.summary.id[:12]}"
    names = (f"{stem}.zip" if number == 1 else f"{stem}-{number}.zip" for number in count(1))
    path = next(path for path in (folder() / name for name in names) if not path.exists())
    try:
        bundle.write(path, past.recorded, past.corpus)
    except OSError as problem:
        raise UsageError(f"{path} cannot be written: {problem.strerror}.", "Free some space.") from problem
    return path
