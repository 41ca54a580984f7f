"""Two themes of our own; Textual's are offered beside them."""

from textual.theme import Theme

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
)
