"""NO_COLOR takes every colour away, and what it said is there in signs."""

from collections.abc import Iterator

import pytest
from rich.color import Color
from rich.segment import Segment
from textual.pilot import Pilot

from rlm_desk.tui.screens.workspace import Workspace
from rlm_desk.tui.theme import THEMES
from tests.tui.driving import QUESTION, opened, over, until
from tests.tui.fakes import office
from tests.tui.recording import full_run


def segments(pilot: Pilot[None]) -> Iterator[Segment]:
    for strip in pilot.app.screen._compositor.render_strips():
        yield from strip


def grey(color: Color | None) -> bool:
    """No colour, or one of equal parts."""
    if color is None or color.is_default:
        return True
    red, green, blue = color.get_truecolor()
    return red == green == blue


def colours(pilot: Pilot[None]) -> set[Color | None]:
    styles = [one.style for one in segments(pilot) if one.style is not None]
    return {color for style in styles for color in (style.color, style.bgcolor) if not grey(color)}


async def answered(pilot: Pilot[None], workspace: Workspace) -> None:
    await until(pilot, lambda: over(workspace))
    await pilot.pause()


@pytest.mark.parametrize("theme", THEMES)
async def test_no_colour_is_left_on_any_screen(theme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(office([full_run()]), (160, 50), paths=["office"], question=QUESTION) as (workspace, pilot):
        pilot.app.theme = THEMES[theme].name
        await answered(pilot, workspace)
        assert not colours(pilot)
        text = "".join(one.text for one in segments(pilot))
        assert "✓ answered" in text and "✗" in text
        for key in ("f1", "ctrl+r"):
            await pilot.press(key)
            await pilot.pause()
            assert len(pilot.app.screen_stack) > 2 and not colours(pilot)
            await pilot.press("escape")


async def test_there_are_colours_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    async with opened(office([full_run()]), (160, 50), paths=["office"], question=QUESTION) as (workspace, pilot):
        await answered(pilot, workspace)
        assert colours(pilot)
