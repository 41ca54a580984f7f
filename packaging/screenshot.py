"""The picture in README.md: a real demonstration, run to its end in the desk, as SVG.

    .venv/bin/python packaging/screenshot.py packaging/desk.svg

Nothing in it is made up: corpus, run and answer are what `rlm-desk demo --seed SEED` shows.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from rlm_desk.config import load
from rlm_desk.demo import show
from rlm_desk.demo.desk import DemoDesk
from rlm_desk.tui.app import DeskApp
from rlm_desk.tui.start import Start

SEED, TOKENS = 7, 200_000
SIZE = (160, 42)
"""Wide enough for every pane at once."""
MOST_SECONDS = 600.0


async def picture(folder: Path) -> str:
    """The desk when its answer stands there. Raises TimeoutError."""
    corpus = folder / "agreements"
    demonstration = show.prepare(corpus, seed=SEED, tokens=TOKENS)
    settings = load(data_dir=folder / "data", allow_unconfined=True)
    answered = asyncio.Event()

    async def verdict(_: object) -> str:
        answered.set()
        return ""

    start = Start(paths=[corpus], question=demonstration.question.text, consent=False, verdict=verdict)
    app = DeskApp(lambda: DemoDesk.open(settings), start, title="rlm-desk", session=settings)
    async with app.run_test(size=SIZE) as pilot:
        await asyncio.wait_for(answered.wait(), MOST_SECONDS)
        await pilot.pause(1.0)
        if app.workspace.zoomed:  # a demonstration gives a long answer the whole screen
            await pilot.press("f8")
            await pilot.pause(1.0)
        return app.export_screenshot(title="rlm-desk")


def main() -> None:
    """Write the picture to the path that was given."""
    with tempfile.TemporaryDirectory() as folder:
        svg = asyncio.run(picture(Path(folder)))
    Path(sys.argv[1]).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
