"""Themes: legible, told apart without red and green, and named in the settings."""

from pathlib import Path
from typing import get_args

import pytest
from textual.color import Color
from textual.pilot import Pilot
from textual.theme import Theme

from rlm_desk.config import Settings
from rlm_desk.tui.app import DeskApp
from rlm_desk.tui.theme import THEMES, terminal
from tests.tui.driving import opened
from tests.tui.fakes import office
from tests.tui.scenes import SCENES


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.1."""
    light, dark = sorted((luminance(Color.parse(one)), luminance(Color.parse(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color: Color) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.r / 255) + 0.7152 * linear(color.g / 255) + 0.0722 * linear(color.b / 255)


def blind(colour: str, matrix: tuple[tuple[float, float, float], ...]) -> tuple[float, ...]:
    red, green, blue = (value / 255 for value in Color.parse(colour).rgb)
    return tuple(a * red + b * green + c * blue for a, b, c in matrix)


# Machado, Oliveira and Fernandes 2009, severity 1.0.
PROTAN = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))
DEUTAN = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))


@pytest.mark.parametrize("name", THEMES)
def test_words_can_be_read_on_every_ground(name: str) -> None:
    theme = THEMES[name]
    least = 7.0 if name == "high-contrast" else 4.5
    for ink in (theme.foreground, theme.primary, theme.accent, theme.warning, theme.error, theme.success):
        for ground in (theme.background, theme.surface, theme.panel):
            assert ink and ground
            assert contrast(ink, ground) >= least, (ink, ground)


@pytest.mark.parametrize("name", THEMES)
def test_the_edge_of_a_part_can_be_seen(name: str) -> None:
    theme = THEMES[name]
    least = 4.5 if name == "high-contrast" else 1.6
    for ground in (theme.background, theme.surface):
        assert ground and contrast(theme.variables["edge"], ground) >= least, ground


SEEN = ("workspace-answered", "workspace-others", "timeline", "history", "settings", "models-own", "help")
"""Screens whose words are measured as they are drawn: on panes, bars, fields, tabs and the line under the cursor."""


@pytest.mark.parametrize("name", THEMES)
def test_code_can_be_read(name: str) -> None:
    least = 7.0 if name == "high-contrast" else 4.5
    colours = terminal(THEMES[name])
    for number in range(16):
        ink = Color(*colours.ansi_colors[number]).hex
        assert contrast(ink, THEMES[name].surface) >= least, (number, ink)


async def test_colours_of_code_follow_the_theme() -> None:
    async with opened(office()) as (_, pilot):
        for name in THEMES:
            pilot.app.theme = THEMES[name].name
            await pilot.pause()
            shown = pilot.app.ansi_theme.ansi_colors
            assert shown[1] == terminal(THEMES[name]).ansi_colors[1], name


def faint(pilot: Pilot[None]) -> list[str]:
    """Words on the screen, or in the dialog over it, that have less than 4.5 to 1 against their ground."""
    screen = pilot.app.screen
    place = next(iter(screen.query("#dialog")), screen).region
    found = []
    for strip in screen._compositor.render_strips()[place.y : place.bottom]:
        for text, style, _ in strip.crop(place.x, place.right):
            if not any(map(str.isalnum, text)) or style is None:
                continue
            assert style.color and style.bgcolor, text
            ratio = contrast(Color.from_rich_color(style.color).hex, Color.from_rich_color(style.bgcolor).hex)
            if ratio < 4.5:
                found.append(f"{pilot.app.theme}: {text.strip()!r} {ratio:.2f}")
    return found


@pytest.mark.parametrize("name", SEEN)
async def test_words_can_be_read_where_they_stand(name: str) -> None:
    make, start, come = SCENES[name]
    async with opened(make(), **start) as (_, pilot):
        await come(pilot)
        for theme in THEMES.values():
            pilot.app.theme = theme.name
            await pilot.pause(0.05)
            assert not (found := faint(pilot)), found


@pytest.mark.parametrize("matrix", [PROTAN, DEUTAN])
@pytest.mark.parametrize("name", ["colour-blind-dark", "colour-blind-light"])
def test_good_and_bad_differ_without_red_and_green(name: str, matrix: tuple[tuple[float, ...], ...]) -> None:
    theme: Theme = THEMES[name]
    assert theme.success and theme.error
    good, bad = blind(theme.success, matrix), blind(theme.error, matrix)
    assert sum((a - b) ** 2 for a, b in zip(good, bad, strict=True)) ** 0.5 > 0.4


def test_the_settings_know_every_theme() -> None:
    assert set(get_args(Settings.model_fields["theme"].annotation)) == set(THEMES)


async def test_the_theme_of_the_settings_is_the_one_shown_and_a_key_changes_it() -> None:
    async def open_desk() -> object:
        return office()

    app = DeskApp(open_desk, theme="light", motion=False)  # type: ignore[arg-type]
    async with app.run_test() as pilot:
        assert app.theme == "desk-light" and app.animation_level == "none"
        seen = {app.theme}
        for _ in THEMES:
            await pilot.press("ctrl+t")
            seen.add(app.theme)
        assert seen == {theme.name for theme in THEMES.values()}


async def test_a_picture_of_the_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened(office()) as (_, pilot):
        await pilot.press("f12")
        (saved,) = tmp_path.glob("rlm-desk-*.svg")
        picture = saved.read_text("utf-8")
        assert picture.startswith("<svg") and "monospace" in picture
        # Whoever opens it fetches nothing: Textual's own would load its font from the internet.
        assert "@font-face" not in picture and 'url("' not in picture
