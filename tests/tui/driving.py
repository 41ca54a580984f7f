"""Driving the desk in a test as a person would, against a desk that plays recorded runs."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from rlm_desk.tui.app import DeskApp
from rlm_desk.tui.screens.workspace import Workspace
from rlm_desk.tui.start import Start
from tests.tui.fakes import FakeDesk

SIZES = [(80, 24), (120, 40), (160, 50)]
QUESTION = "What do we pay in all?"


@asynccontextmanager
async def opened(
    desk: FakeDesk, size: tuple[int, int] = (120, 40), *, guide: Any = None, **over: Any
) -> AsyncIterator[tuple[Workspace, Pilot[None]]]:
    async def open_desk() -> FakeDesk:
        return desk

    app = DeskApp(open_desk, Start(**over), guide=guide)
    # A pilot waits for every animation: without them these tests take a fifth of the time.
    app.animation_level = "none"
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app.workspace, pilot


async def until(pilot: Pilot[None], what: Any, seconds: float = 30.0) -> None:
    """Wait; generous, so that a busy machine does not fail a test. What must be quick measures its own CPU time."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        await pilot.pause(0.02)


def shown(screen: Screen[Any], selector: Any) -> str:
    return str(screen.query_one(selector, Static).content)


def over(workspace: Workspace) -> bool:
    return workspace.session is not None and workspace.session.view.ended is not None and not workspace.running


def drawn(widget: Any) -> list[str]:
    """The lines a widget shows now."""
    return [strip.text.rstrip() for strip in widget.render_lines(widget.size.region)]


async def asked(workspace: Workspace, pilot: Pilot[None], question: str = QUESTION) -> None:
    await pilot.press("ctrl+l", *question.replace(" ", "_").replace("?", "")[:10], "enter")
