"""The footer shows whole keys only, and the way out always."""

import pytest
from textual.widgets._footer import FooterKey

from rlm_desk.tui.screens.history import History
from rlm_desk.tui.screens.playback import Playback
from rlm_desk.tui.screens.settings import Settings
from rlm_desk.tui.widgets.keyline import KeyLine
from tests.tui.driving import opened, until
from tests.tui.fakes import office
from tests.tui.scenes import _past, _playback


def keys(app: object) -> list[FooterKey]:
    return list(app.screen.query_one(KeyLine).query(FooterKey))  # type: ignore[attr-defined]


def whole(key: FooterKey, width: int) -> bool:
    return key.region.right <= width + 1 and key.region.width >= len(f" {key.key_display} {key.description} ")


@pytest.mark.parametrize("width", [40, 60, 80, 200])
async def test_no_key_is_cut_and_the_way_out_is_kept(width: int) -> None:
    async with opened(_past(), (width, 24)) as (_, pilot):
        await _playback(pilot)
        assert isinstance(pilot.app.screen, Playback)
        await until(pilot, lambda: keys(pilot.app) and keys(pilot.app)[-1].description == "Back")
        await until(pilot, lambda: all(whole(key, width) for key in keys(pilot.app)))


async def test_a_wider_terminal_shows_more_keys() -> None:
    async with opened(_past(), (60, 24)) as (_, pilot):
        await pilot.press("ctrl+r")
        await until(pilot, lambda: isinstance(pilot.app.screen, History) and keys(pilot.app))
        few = len(keys(pilot.app))
        await pilot.resize_terminal(160, 24)
        await until(pilot, lambda: len(keys(pilot.app)) > few)


async def test_the_way_to_the_question_is_said_to_who_is_elsewhere() -> None:
    async with opened(office()) as (_, pilot):
        assert "Question" not in [key.description for key in keys(pilot.app)]
        await pilot.press("f4")
        await until(pilot, lambda: "Question" in [key.description for key in keys(pilot.app)])
        await pilot.press("ctrl+l")
        await until(pilot, lambda: "Question" not in [key.description for key in keys(pilot.app)])


async def test_a_line_whose_screen_was_closed_meanwhile_is_left_alone() -> None:
    async with opened(office()) as (workspace, pilot):
        await pilot.press("f10")
        await until(pilot, lambda: isinstance(pilot.app.screen, Settings))
        line = pilot.app.screen.query_one(KeyLine)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is workspace and not line.is_attached)
        await line.recompose()  # what the focus asked for a moment before: it ended the app
