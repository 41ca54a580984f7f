"""Small questions to the person: a path to add, consent to a long run."""

import os
from collections.abc import Iterable
from glob import has_magic
from itertools import islice
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.style import Style
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from rlm_desk.clean import one_line
from rlm_desk.tui.paths import typed_path
from rlm_desk.tui.port import Estimate
from rlm_desk.tui.screens.once import Once
from rlm_desk.tui.widgets.field import Field
from rlm_desk.tui.wording import count, spoken_duration

LISTED = 5000
"""Names of a folder that are looked at for completion; a larger folder is completed from these."""


def completions(text: str, limit: int = 50) -> list[str]:
    """Paths that continue what was typed; folders end with a slash. A folder that cannot be read has none."""
    path = typed_path(text) if text.strip() else Path()
    folder, start = (path, "") if not text.strip() or text.endswith("/") else (path.parent, path.name)
    try:
        found = [p for p in islice(folder.iterdir(), LISTED) if p.name.casefold().startswith(start.casefold())]
    except OSError:
        return []
    found = [p for p in found if start.startswith(".") or not p.name.startswith(".")]
    found.sort(key=lambda p: (not p.is_dir(), p.name.casefold()))
    return [f"{p}/" if p.is_dir() else str(p) for p in found[:limit]]


class Dialog(Once[str], ModalScreen[str]):
    """A box in the middle; Esc dismisses it with an empty string."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        Binding("escape", "dismiss('')", "Close", show=False)
    ]

    async def action_enter(self) -> None:
        """What Enter does: the line's way on, or the chosen one of a list."""
        fields = self.query(Input)
        if fields:
            await fields.first().action_submit()
        else:
            self.query_one(OptionList).action_select()


class Hint(Static):
    """The keys of a dialog; Enter and Esc can be clicked too."""

    def __init__(self, keys: str) -> None:
        clicks = {"Enter": "screen.enter", "Esc": "screen.dismiss('')"}
        parts = [Content(one) for one in keys.split(" · ")]
        links = [(part, clicks.get(part.plain.split(" ")[0])) for part in parts]
        shown = [part.stylize(Style.from_meta({"@click": to})) if to else part for part, to in links]
        super().__init__(Content(" · ").join(shown), classes="hint", markup=False)


class AddDialog(Dialog):
    """Asks for a file or a folder; its result is the path as text."""

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as box:
            box.border_title = "Add documents"
            yield Static("A file, a folder, or a pattern such as *.pdf", markup=False)
            yield Field(placeholder="~/Contracts", id="path")
            yield OptionList(id="completions", markup=False, compact=True)
            yield Hint("Tab completes · ↓ chooses · Enter adds · Esc goes back")

    def on_mount(self) -> None:
        self.query_one("#completions").can_focus = True
        self._list(completions(""))

    def _list(self, paths: Iterable[str]) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        # The id would have to be unique and printable: the list of paths is kept beside the options.
        self._paths = list(paths)
        options.add_options([Option(Content(one_line(p, 400))) for p in self._paths])
        options.display = bool(self._paths)

    @on(Input.Changed, "#path")
    def _changed(self, event: Input.Changed) -> None:
        self._list(completions(event.value))
        self.query_one("#dialog").border_subtitle = ""

    def on_key(self, event: "object") -> None:
        key = getattr(event, "key", "")
        if key == "tab" and isinstance(self.focused, Input):
            self._complete()
            event.prevent_default()  # type: ignore[attr-defined]
            event.stop()  # type: ignore[attr-defined]
        elif key == "down" and isinstance(self.focused, Input) and self._paths:
            self.query_one(OptionList).focus()
            self.query_one(OptionList).highlighted = 0

    def _complete(self) -> None:
        if not self._paths:
            return
        prefix = self._paths[0]
        for path in self._paths[1:]:
            while not path.startswith(prefix):
                prefix = prefix[:-1]
        field = self.query_one(Input)
        better = prefix if len(prefix) > len(str(typed_path(field.value))) else self._paths[0]
        field.value = better if len(self._paths) > 1 else self._paths[0]
        field.cursor_position = len(field.value)

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        path = self._paths[event.option_index]
        field = self.query_one(Input)
        field.value = path
        field.cursor_position = len(path)
        field.focus()

    @on(Input.Submitted, "#path")
    def _submitted(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        path = typed_path(text)
        # os.path.exists and not Path.exists: a name that is too long or holds a NUL does not exist, and raises nothing.
        if text and (os.path.exists(path) or has_magic(str(path))):  # noqa: PTH110
            self.dismiss(str(path))
        elif text and len(self._paths) == 1:  # half a name, and only one thing is called so: shown before it is taken
            self._complete()
        elif text:
            self.query_one("#dialog").border_subtitle = Content(f"There is no {one_line(path.name or text, 50)} there")


class ConsentDialog(Dialog):
    """Says what a long run will take, and asks; its result is ``yes`` or empty."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        Binding("y", "dismiss('yes')", "Start", show=False),
        Binding("n", "dismiss('')", "Not now", show=False),
    ]

    def __init__(self, estimate: Estimate) -> None:
        super().__init__()
        self._estimate = estimate

    def compose(self) -> ComposeResult:
        estimate = self._estimate
        with Vertical(id="dialog") as box:
            box.border_title = "A long run"
            yield Static(
                Content.assemble(
                    "This question makes the model read about ",
                    (f"{count(estimate.tokens)} tokens", "bold"),
                    ": ",
                    (spoken_duration(estimate.seconds), "bold"),
                    " on this machine.",
                )
            )
            if estimate.basis:
                yield Static(Content(one_line(estimate.basis, 300)), classes="hint")
            yield Static("It can be cancelled at any time; what it has done is kept.", classes="hint", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Not now (N)", id="no")
                yield Button("Start (Y)", id="yes", variant="primary")

    def on_mount(self) -> None:
        self.query_one("#yes").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss("yes" if event.button.id == "yes" else "")
