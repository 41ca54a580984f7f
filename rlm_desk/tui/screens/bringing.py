"""Bringing in a model file: which one, and whether it is copied or linked."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from rlm_desk.clean import one_line
from rlm_desk.tui.screens.dialog import AddDialog, Dialog, Hint
from rlm_desk.tui.widgets.field import Field

if TYPE_CHECKING:
    from rlm_desk.catalogue.known import Known

WAYS = (
    "Copy it: what is here does not depend on your file",
    "Hard link: takes no room; both on one file system",
    "Link: takes no room; your file must stay where it is",
)
"""In the order of `importing.By`."""


class ImportDialog(AddDialog):
    """Asks for a GGUF file; its result is the path as text.

    Args:
        wanted: the known model that was chosen, to say how its file is called.
    """

    def __init__(self, wanted: "Known | None" = None) -> None:
        super().__init__()
        self._wanted = wanted

    def compose(self) -> ComposeResult:
        known = self._wanted
        with Vertical(id="dialog") as box:
            box.border_title = "Import a model"
            yield Static(
                Content(
                    f"The file {known.file}, where you carried it to"
                    if known
                    else "A GGUF file; of several parts, any one"
                )
            )
            yield Field(placeholder=f"/media/usb/{known.file if known else 'model.gguf'}", id="path")
            yield OptionList(id="completions", markup=False, compact=True)
            yield Hint("Tab completes · ↓ chooses · Enter goes on · Esc goes back")

    def _list(self, paths: Iterable[str]) -> None:
        super()._list([path for path in paths if path.endswith("/") or path.lower().endswith(".gguf")])


class WayDialog(Dialog):
    """Asks how a file gets into the model folder; its result is one of `importing.By`, or empty."""

    def __init__(self, file: Path, known: "Known | None") -> None:
        super().__init__()
        self._file, self._known = file, known

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as box:
            box.border_title = Content(f"Import {one_line(self._file.name, 50)}")
            yield Static(self._what, markup=False)
            yield OptionList(*(Option(Content(way)) for way in WAYS), markup=False)
            yield Hint("Enter imports it · Esc goes back")

    @property
    def _what(self) -> str:
        if self._known is None:
            return "No model we know of has a file of this name: its hash is pinned, so that a later change is seen."
        if self._known.sha256:
            return f"Known as {self._known.title}: it is checked against its published hash."
        return f"Known as {self._known.title}; no published hash of it is known to us, so it is pinned."

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        from rlm_desk.catalogue.importing import By

        self.dismiss(get_args(By)[event.option_index])
