"""The help: all commands by their keys, the open screen's first, from their one declaration; then signs and words."""

from collections.abc import Sequence

from rlm_desk.confine.host import privacy
from rlm_desk.tui.commands import COMMANDS, PARTS, Command, key_name
from rlm_desk.tui.screens.reading import Reading
from rlm_desk.tui.widgets.textview import Part
from rlm_desk.tui.wording import GLYPHS, WORDS

FIRST = "Add documents, write a question, watch the tree, look at any step."

STRIP = "In a batch's strip: █ done   ▒ under way   ░ not yet   ✗ failed\n"

VOCABULARY = (
    ("sub-call", "the model asked about one piece of the text"),
    ("batch", "many sub-calls made at once"),
    ("child", "a sub-question with its own code and sub-calls"),
    ("depth", "how far below the question a call is made"),
    ("budget", "what a run may use: calls, depth, turns, tokens, time"),
    ("coverage", "which pages a model was shown, which only code has seen, and which nobody read"),
)

KEYS = 16
"""Cells of the column of keys."""


def help_screen(here: Sequence[str] = (), leaves: str = "") -> Reading:
    """The help, with the parts called `here` (see `PARTS`) before the others; `leaves` says where text is sent."""
    parts = [Part("plain", f"{FIRST} {privacy(leaves)}\n")]
    for part in sorted(PARTS, key=lambda name: _rank(name, here)):
        rows = [command for command in COMMANDS if _section(command, here) == part]
        if rows:
            parts.append(Part("heading", PARTS[part]))
            lines = [f"  {key_name(command):<{KEYS}} {command.help}" for command in rows]
            parts.append(Part("plain", "\n".join(lines) + "\n"))
    signs = "   ".join(f"{GLYPHS[status]} {word}" for status, word in WORDS.items())
    parts += [Part("heading", "Signs in the tree"), Part("plain", f"  {signs}\n  {STRIP}")]
    words = "\n".join(f"  {word:<{KEYS}} {meaning}" for word, meaning in VOCABULARY)
    parts += [Part("heading", "Words"), Part("plain", words)]
    return Reading("Help", "Ctrl+P finds a command by its name", parts)


def _section(command: Command, here: Sequence[str]) -> str:
    """The part a command is listed under: the open screen's, where it works in several."""
    parts = command.where.split(",")
    return next((part for part in parts if part in here), parts[0])


def _rank(part: str, here: Sequence[str]) -> int:
    """The open screen's parts, then what works everywhere, then the rest."""
    return 0 if part in here else 1 if part == "app" else 2
