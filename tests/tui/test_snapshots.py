"""Every screen and its empty, busy and error states as plain text, at three sizes.

A difference is read as one reads a diff. Where it is meant:

    UPDATE_SNAPSHOTS=1 .venv/bin/pytest tests/tui/test_snapshots.py

writes the files anew; look at what git says before it is committed. Colours are not in them: `test_themes` has those.
"""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from rlm_desk import config
from rlm_desk.tui.screens import exporting
from rlm_desk.tui.widgets import bars
from tests.tui.driving import opened
from tests.tui.scenes import SCENES

_SESSION = re.compile(r"/tmp/tmp\w{8}")  # the fake desk's own folder, another one each time
SIZES = ((80, 24), (120, 40), (200, 60))
FOLDER = Path(__file__).with_name("snapshots")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same time zone, paths and settings everywhere."""
    for name in [name for name in os.environ if name.startswith("RLM_DESK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(config.platformdirs, "user_data_path", lambda _app: Path("/home/me/rlm-desk"))
    monkeypatch.setattr(config, "config_file", lambda *_: Path("/home/me/config.toml"))
    monkeypatch.setattr(bars, "held", lambda: 3 * 2**30)
    monkeypatch.setattr(exporting, "folder", lambda: Path("/home/me"))
    for name in ("Contracts", "Leases"):
        (tmp_path / name).mkdir()
    (tmp_path / "Overview.txt").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


async def still(pilot: Pilot[None]) -> str:
    """The screen as lines, once it does not change any more."""
    before = ""
    for _ in range(100):
        await pilot.pause(0.02)
        # The screen's own lines: the one below a dialog has its own snapshot.
        now = "\n".join(strip.text.rstrip() for strip in pilot.app.screen._compositor.render_strips()) + "\n"
        if now == before:
            return _SESSION.sub("/tmp/tmp........", now)
        before = now
    raise AssertionError("the screen does not come to rest")


@pytest.mark.parametrize("name", SCENES)
async def test_the_screen_is_as_it_was(name: str) -> None:
    make, start, come = SCENES[name]
    async with opened(make(), SIZES[0], **start) as (_, pilot):
        await come(pilot)
        wrong = []
        for width, height in SIZES:
            await pilot.resize_terminal(width, height)
            frame = await still(pilot)
            assert str(Path.home()) not in frame or Path.home() == Path("/")
            file = FOLDER / f"{name}-{width}x{height}.txt"
            if os.environ.get("UPDATE_SNAPSHOTS"):
                FOLDER.mkdir(exist_ok=True)
                file.write_text(frame, "utf-8")
            elif not file.exists() or frame != file.read_text("utf-8"):
                wrong.append((file.name, frame))
        assert not wrong, f"{wrong[0][0]} is another now:\n{wrong[0][1]}"
