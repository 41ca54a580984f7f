"""Asking for a setting's new value: a list where there are few, a line to write in where there are many."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from rlm_desk.desk.settings import Setting
from rlm_desk.errors import UsageError
from rlm_desk.tui.screens.dialog import Dialog, Hint
from rlm_desk.tui.widgets.field import Field
from rlm_desk.tui.wording import told


class ChangeDialog(Dialog):
    """Its result is ``=`` and what was written, which the setting can be; or empty."""

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self._setting = setting

    def compose(self) -> ComposeResult:
        setting = self._setting
        with Vertical(id="dialog") as box:
            box.border_title = setting.name
            yield Static(setting.about, markup=False)
            if setting.choices:
                yield OptionList(*(Option(Content(one)) for one in setting.choices), markup=False)
            else:
                yield Field(setting.text(setting.value), id="value")
                yield Static(self._teaching, id="wrong", classes="hint", markup=False)
            yield Hint("Enter writes it to config.toml · Esc goes back")

    @property
    def _teaching(self) -> str:
        return f"It can be {self._setting.limits}." if self._setting.limits else ""

    def on_mount(self) -> None:
        setting = self._setting
        if setting.choices:
            self.query_one(OptionList).highlighted = setting.choices.index(setting.text(setting.value))
            self.query_one(OptionList).focus()
        else:
            self.query_one(Input).focus()

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(f"={self._setting.choices[event.option_index]}")

    @on(Input.Changed, "#value")
    def _changed(self, event: Input.Changed) -> None:
        self._check(event.value)

    @on(Input.Submitted, "#value")
    def _submitted(self, event: Input.Submitted) -> None:
        if self._check(event.value):
            self.dismiss(f"={event.value}")

    def _check(self, text: str) -> bool:
        """Say what is wrong with it. True when nothing is."""
        words = self.query_one("#wrong", Static)
        try:
            self._setting.read(text)
        except UsageError as problem:
            words.update(told(problem).replace("\n", " "))
            words.set_class(True, "wrong")
            return False
        words.update(self._teaching)
        words.set_class(False, "wrong")
        return True
