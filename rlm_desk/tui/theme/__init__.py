"""Our themes: dark, light, high contrast, and two without red and green. Textual's are offered beside them."""

from rich.terminal_theme import TerminalTheme
from textual.color import Color
from textual.theme import Theme

# Each theme says `text-muted`: Textual would mix it from the ground, down to 3 to 1. This one can be read on every
# ground of ours, the line under the cursor among them, and a `Content` can name it. `edge` is the line around a part
# that is not in focus.

DARK = Theme(
    name="desk-dark",
    primary="#7aa2f7",
    secondary="#9ece6a",
    accent="#7dcfff",
    warning="#e0af68",
    error="#f7768e",
    success="#9ece6a",
    foreground="#c8d0e8",
    background="#14161f",
    surface="#181b26",
    panel="#232736",
    dark=True,
    variables={"text-muted": "#a0a6bb", "edge": "#444856"},
)

LIGHT = Theme(
    name="desk-light",
    primary="#1f4fbf",
    secondary="#3f6b00",
    accent="#00639c",
    warning="#8a5200",
    error="#b3152f",
    success="#2f6b00",
    foreground="#20242f",
    background="#f2f3f7",
    surface="#fbfbfd",
    panel="#e2e5ee",
    dark=False,
    variables={"text-muted": "#5b5e66", "edge": "#b4b7c0"},
)

CONTRAST = Theme(
    name="desk-contrast",
    primary="#ffd800",
    secondary="#00ffff",
    accent="#00ffff",
    warning="#ffb000",
    error="#ff9a9a",
    success="#7dff7d",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1c1c1c",
    dark=True,
    variables={"text-muted": "#c8c8c8", "edge": "#8c8c8c"},
)
"""Everything at least 7 to 1 against the ground."""

# From the palette of Okabe and Ito: good is blue, bad is orange, so that no pair of states is a red and a green.
SAFE_DARK = Theme(
    name="desk-safe-dark",
    primary="#56b4e9",
    secondary="#cc9fc0",
    accent="#cc9fc0",
    warning="#f0e442",
    error="#ff8c42",
    success="#56b4e9",
    foreground="#dfe3ea",
    background="#12151b",
    surface="#171b22",
    panel="#232934",
    dark=True,
    variables={"text-muted": "#a1a5ac", "edge": "#494d54"},
)

SAFE_LIGHT = Theme(
    name="desk-safe-light",
    primary="#005a9c",
    secondary="#7a3f6a",
    accent="#7a3f6a",
    warning="#6b5f00",
    error="#a83e00",
    success="#005a9c",
    foreground="#1e222b",
    background="#f3f4f7",
    surface="#fcfcfd",
    panel="#e3e6ee",
    dark=False,
    variables={"text-muted": "#5a5d64", "edge": "#b4b7bd"},
)

DEFAULTS = {"edge": "#808080"}
"""For Textual's own themes, which lack it: seen on a dark ground and on a light one."""

THEMES: dict[str, Theme] = {
    "dark": DARK,
    "light": LIGHT,
    "high-contrast": CONTRAST,
    "colour-blind-dark": SAFE_DARK,
    "colour-blind-light": SAFE_LIGHT,
}
"""By the name they have in the settings."""


def terminal(theme: Theme) -> TerminalTheme:
    """What code is coloured with, by the names of a terminal's colours: those of a theme, read on its ground."""
    muted, ink = theme.variables["text-muted"], theme.foreground
    named = [muted, theme.error, theme.success, theme.warning, theme.primary, theme.secondary, theme.accent, ink]
    rgb = [Color.parse(one or theme.primary).rgb for one in named]
    return TerminalTheme(Color.parse(theme.surface or "black").rgb, Color.parse(ink or "white").rgb, rgb, rgb)
