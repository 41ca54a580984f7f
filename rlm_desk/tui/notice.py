"""Tells a person who looks elsewhere that a long run is over: by the terminal's bell, or as a desktop notification."""

from collections.abc import Callable
from typing import Literal

from textual.app import App

from rlm_desk.clean import one_line

Way = Literal["bell", "osc9", "osc777", "none"]
SEQUENCES: dict[str, Callable[[str], str]] = {
    "bell": lambda text: "\a",
    "osc9": lambda text: f"\x1b]9;rlm-desk: {text}\a",
    "osc777": lambda text: f"\x1b]777;notify;rlm-desk;{text}\a",
}
"""OSC 9: iTerm2, Ghostty, WezTerm, Windows Terminal. OSC 777: foot, urxvt, Ghostty, VTE with a patch."""


def sequence(way: str, text: str) -> str:
    """What is written to the terminal; the text has no control characters and no semicolons, which would end it."""
    make = SEQUENCES.get(way)
    return make(one_line(text, 100).replace(";", ",")) if make is not None else ""


def notify(app: App[None], way: str, text: str) -> None:
    """Tell, in the way that is set."""
    written = sequence(way, text)
    # Textual offers the bell alone; its driver is where that and OSC 52 are written too.
    if written and app._driver is not None:
        app._driver.write(written)
