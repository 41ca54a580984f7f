"""The settings, key by key: what holds and why, changed and kept, refused in a sentence."""

import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, Static

from rlm_desk import config
from rlm_desk.desk import settings as desk_settings
from rlm_desk.errors import UsageError
from rlm_desk.tui.screens.changing import ChangeDialog
from rlm_desk.tui.screens.settings import Meaning, Settings
from rlm_desk.tui.widgets.settingtable import SettingTable
from tests.tui.driving import SIZES, opened, shown, until
from tests.tui.fakes import office
from tests.tui.test_hostile_text import hostile


async def open_settings(pilot: Any, name: str = "data_dir") -> SettingTable:
    """Open the screen and put the cursor on a setting."""
    await pilot.press("f10")
    await until(pilot, lambda: isinstance(pilot.app.screen, Settings))
    table: SettingTable = pilot.app.screen.query_one(SettingTable)
    await until(pilot, lambda: table.row_count)
    names = [one.name for one in desk_settings.settings(config.load())]
    table.move_cursor(row=names.index(name))
    await until(pilot, lambda: pilot.app.screen.query_one(Meaning).border_title == name)
    return table


async def write(pilot: Any, text: str) -> None:
    """Enter, another value, Enter."""
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, ChangeDialog))
    pilot.app.screen.query_one(Input).value = text
    await pilot.press("enter")
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES)
async def test_every_field_is_shown_with_its_meaning_and_origin(
    size: tuple[int, int], toml: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml.write_text("threads = 3\n[budget]\ndepth = 4\n")
    monkeypatch.setenv("RLM_DESK_SLOTS", "5")
    desk = office(settings=config.load(model="mine.gguf"))
    async with opened(desk, size) as (_, pilot):
        table = await open_settings(pilot)
        rows = {str(cells[0]): cells for cells in (table.get_row_at(i) for i in range(table.row_count))}
        if size[0] >= 150:  # what it is stands in the line, where there is room
            assert (
                str(rows["threads"][3])
                and str(rows["threads"][3]) in type(desk.settings).model_fields["threads"].description
            )
        else:
            assert len(rows["threads"]) == 3
        nested = {f"budget.{name}" for name in type(desk.settings.budget).model_fields}
        nested |= {f"engine.{name}" for name in type(desk.settings.engine).model_fields}
        assert set(rows) == {*config.Settings.model_fields} - {"budget", "engine"} | nested
        origins = {name: (str(cells[1]), str(cells[2])) for name, cells in rows.items()}
        assert origins["threads"] == ("3", "file") and origins["budget.depth"] == ("4", "file")
        assert origins["slots"] == ("5", "environment") and origins["model"] == ("mine.gguf", "flag")
        assert origins["budget.turns"] == ("20", "default") and origins["cache"] == ("on", "default")
        for row in range(table.row_count):
            table.move_cursor(row=row)
            await pilot.pause()
            one = table.chosen
            assert one is not None and one.about and one.about in pilot.app.screen.query_one(Meaning).plain
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Settings))


async def test_a_change_is_written_and_comments_stay(toml: Path) -> None:
    toml.write_text("# mine\nthreads = 3  # two are for the rest\n")
    async with opened(office(settings=config.load())) as (_, pilot):
        table = await open_settings(pilot, "budget.tokens")
        await write(pilot, "9,000,000")
        await until(pilot, lambda: "from the next start" in shown(pilot.app.screen, "#words"))
        assert "this session has 5,000,000" in pilot.app.screen.query_one(Meaning).plain
        assert "◆ 9,000,000" in str(table.get_row_at(table.cursor_row)[1])
        assert toml.read_text().startswith("# mine\nthreads = 3  # two are for the rest\n")
        assert config.load().budget.tokens == 9_000_000
        await pilot.press("d")
        await until(pilot, lambda: "Taken out" in shown(pilot.app.screen, "#words"))
        assert config.load().budget.tokens == 5_000_000 and config.load().threads == 3


async def test_a_value_that_cannot_be_is_refused_in_a_sentence(toml: Path) -> None:
    async with opened(office(settings=config.load())) as (_, pilot):
        await open_settings(pilot, "slots")
        await write(pilot, "1000")
        assert isinstance(pilot.app.screen, ChangeDialog)
        assert "It can be a whole number from 1 to 64." in str(pilot.app.screen.query_one("#wrong", Static).content)
        await pilot.press("escape")
        assert not toml.exists()


@pytest.mark.parametrize("name", ["model", "ocr", "ignore", "data_dir", "slots", "most_gb", "cell_seconds"])
async def test_hostile_values_are_refused_or_read_back_whole(name: str, toml: Path) -> None:
    setting = next(one for one in desk_settings.settings(config.load()) if one.name == name)
    odd = ["", "nan", "inf", "-inf", "1e999", "9" * 5000, "\0", "\ud800", 'a"\\b', "'''", "[x]", "~nobody/x"]
    for text in [*hostile(60), *odd]:
        try:
            value = setting.read(text)
        except UsageError as problem:
            assert problem.sentence.startswith(name) and "\n" not in problem.sentence
            continue
        config.save(name, value)
        assert getattr(config.load(), name) == value
        tomllib.loads(toml.read_text("utf-8"))


async def test_hostile_values_of_the_file_are_shown(toml: Path) -> None:
    for text in hostile(20):
        with suppress(UsageError):
            config.save("model", text or "x")
    async with opened(office(settings=config.load())) as (_, pilot):
        await open_settings(pilot, "model")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChangeDialog))
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, Settings)


async def test_leave_to_run_unconfined_is_not_written(toml: Path) -> None:
    async with opened(office(settings=config.load())) as (_, pilot):
        await open_settings(pilot, "allow_unconfined")
        await pilot.press("enter")
        await until(pilot, lambda: "--allow-unconfined" in shown(pilot.app.screen, "#words"))
        await pilot.press("d")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Settings) and not toml.exists()


async def test_what_is_stronger_than_the_file_is_said(toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RLM_DESK_SLOTS", "5")
    async with opened(office(settings=config.load())) as (_, pilot):
        await open_settings(pilot, "slots")
        await write(pilot, "6")
        await until(
            pilot, lambda: "RLM_DESK_SLOTS in the environment is stronger: 5" in shown(pilot.app.screen, "#words")
        )
        assert "slots = 6" in toml.read_text()


async def test_a_broken_file_is_told_and_not_replaced(toml: Path) -> None:
    async with opened(office(settings=config.load())) as (_, pilot):
        await open_settings(pilot, "slots")
        toml.write_text("slots = = 3")
        await write(pilot, "6")
        await until(pilot, lambda: "cannot be read" in shown(pilot.app.screen, "#words"))
        assert toml.read_text() == "slots = = 3"


async def test_theme_and_motion_are_taken_at_once(toml: Path) -> None:
    async with opened(office(settings=config.load())) as (_, pilot):
        await open_settings(pilot, "theme")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChangeDialog))
        await pilot.press("down", "enter")
        await until(pilot, lambda: pilot.app.theme == "desk-light")
        assert config.load().theme == "light"


async def test_a_theme_that_is_chosen_by_key_is_kept(toml: Path) -> None:
    async with opened(office(settings=config.load())) as (_, pilot):
        await pilot.press("ctrl+t", "ctrl+t")
        await until(pilot, lambda: toml.exists() and config.load().theme == "high-contrast")
        assert pilot.app.theme == "desk-contrast"
