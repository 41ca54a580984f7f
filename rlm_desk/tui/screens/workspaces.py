"""The workspaces there are: begin a new one, or open another."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from rlm_desk.clean import one_line
from rlm_desk.tui.port import Kept
from rlm_desk.tui.screens.dialog import Dialog, Hint
from rlm_desk.tui.screens.resuming import NEW
from rlm_desk.tui.wording import MUTED, plural


class WorkspacesDialog(Dialog):
    """Its result is the name of one, `NEW`, or empty: stay here."""

    def __init__(self, kept: Sequence[Kept], opened: Kept | None) -> None:
        super().__init__()
        self._opened = opened.name if opened is not None else ""
        self._names = [NEW, *(one.name for one in kept if one.name != self._opened)]
        self._kept = [one for one in kept if one.name != self._opened]

    def compose(self) -> ComposeResult:
        here = f"Open now: {one_line(self._opened, 60)}. It is kept as it is." if self._opened else ""
        with Vertical(id="dialog") as box:
            box.border_title = "Workspaces"
            if here:
                yield Static(here, markup=False)
            yield OptionList(*(Option(one) for one in self._lines()), markup=False)
            yield Hint("↓ chooses · Enter opens · Esc stays here")

    def _lines(self) -> list[Content]:
        lines = [Content.assemble(("New workspace", "bold"), ("  empty, for other documents", MUTED))]
        for one in self._kept:
            holds = f"  {plural(one.documents, 'document')}, {plural(one.runs, 'question')}"
            lines.append(Content.assemble(one_line(one.name, 60), (holds, MUTED)))
        return lines

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        options.highlighted = 0
        options.focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._names[event.option_index])
