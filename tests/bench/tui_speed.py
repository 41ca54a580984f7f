"""The screen: `python -m tests.bench.tui_speed`. Printed, not asserted: a busy machine is no defect.

CPU seconds are what this process computed; wall seconds hold what other processes took meanwhile. A worst figure says
what was going on then: garbage, imports, events.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time

from textual.widgets import Input

from rlm_desk.corpus import Corpus, Document
from rlm_desk.tui.app import DeskApp
from rlm_desk.tui.screens.playback import FRAMES, Playback
from rlm_desk.tui.start import Start
from rlm_desk.tui.widgets.recursion import RecursionTree
from rlm_desk.tui.widgets.sourceview import SourceView
from tests.bench import calibration
from tests.bench.going_on import GoingOn
from tests.tui.fakerecords import FakePast, FakeSummary
from tests.tui.fakes import FakeDesk, office
from tests.tui.recording import many

PAGES = 40

STREAMS = 16
TOKENS_A_SECOND = 30
"""Replies that are written at once, and how fast each is."""

FIRST_FRAME = """
import asyncio, time
import rlm_desk.cli.app, rlm_desk.cli.screen  # as `rlm-desk` alone does
from rlm_desk.config import load
from rlm_desk.cli.shutting import shut_off
shut_off(load())
import gc
gc.disable()
from rlm_desk.tui.app import DeskApp
async def first():  # called after the first frame
    app.exit()
    await asyncio.sleep(60)
app = DeskApp(first)
app.run(headless=True, size=(120, 40))
print(time.process_time(), time.time())
"""


def first_frame(times: int = 5) -> tuple[float, float]:
    """CPU and wall seconds from process start to the first frame, importing included, as in an installed rlm-desk:
    from compiled modules, which the first start writes and is not counted for."""
    taken = []
    with tempfile.TemporaryDirectory() as compiled:
        place = {**os.environ, "PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""}
        for _ in range(times + 1):
            began = time.time()
            command = [sys.executable, "-c", FIRST_FRAME]
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=place)
            cpu, at = map(float, done.stdout.split()[-2:])
            taken.append((cpu, at - began))
    return statistics.median(cpu for cpu, _ in taken[1:]), statistics.median(wall for _, wall in taken[1:])


async def latency(nodes: int = 4000, keys: int = 100) -> GoingOn:
    """From a key to its letter in the question, while 2,000 events a second come in and 16 replies stream."""
    desk = office([many(nodes)])
    app = DeskApp(lambda: _ready(desk), Start(paths=["office"]))
    async with app.run_test(size=(120, 40)) as pilot:
        workspace = app.workspace
        while not desk.corpus.documents:
            await pilot.pause(0.02)
        session, _ = await workspace._display.begin(desk.corpus, "q")
        recorded = many(nodes).recorded
        sent = streamed = 0

        async def inject() -> None:
            nonlocal sent, streamed
            began = time.perf_counter()
            while sent < len(recorded):
                passed = time.perf_counter() - began
                due = min(len(recorded), int(passed * 2000))
                for one in recorded[sent:due]:
                    session.apply(one)
                sent = due
                while streamed < passed * STREAMS * TOKENS_A_SECOND:
                    session.take_text(streamed % STREAMS, "word ")  # node 0 is the root: its text is drawn
                    streamed += 1
                await asyncio.sleep(0.005)

        workspace._display.work(True)
        field = workspace.query_one("#question", Input)
        field.focus()
        injecting = asyncio.create_task(inject())
        with GoingOn() as going_on:
            while not injecting.done() and len(going_on.moments) < keys:
                before, at = len(field.value), sent
                going_on.begin()
                app.simulate_key("x")
                while len(field.value) == before:
                    await asyncio.sleep(0)
                going_on.end(f"events {at:,} to {sent:,}, {streamed:,} pieces of text so far")
                await asyncio.sleep(0.05)
        await injecting
        workspace._display.work(False)
    return going_on


async def _ready(desk: FakeDesk) -> FakeDesk:
    return desk


async def large_run(nodes: int = 5000, frames: int = 200) -> tuple[float, float, GoingOn]:
    """CPU seconds to open a run of the history and for a page of its tree; frames of its replay at 50 times."""
    desk = office([])
    recorded = tuple(many(nodes).recorded)
    summary = FakeSummary("run-1", recorded[0].event.at, "answered", "q", "desk-tiny", 1.0, "a")
    app = DeskApp(lambda: _ready(desk))
    async with app.run_test(size=(200, 60)) as pilot:
        began = time.process_time()
        screen = Playback(FakePast(summary, recorded, Corpus([])))
        app.push_screen(screen)
        while app.screen is not screen or not screen.query(RecursionTree) or not screen.query_one(RecursionTree).keys:
            await pilot.pause()
        opened = time.process_time() - began
        tree = screen.query_one(RecursionTree)
        tree.fold(1)
        await pilot.pause()
        tree.action_move(nodes)
        began = time.process_time()
        for _ in range(PAGES):
            tree.action_page(-1)
            await pilot.pause()
        scrolled = (time.process_time() - began) / PAGES
        player = screen.player
        player.speed = 50
        with GoingOn() as going_on:
            for number in range(frames):
                if not player.playing:  # at its end: from the beginning again
                    player.seek(0.0)
                    player.playing = True
                    app._garbage.stirred()  # as the key does that begins it
                before = len(player.session.view.nodes)
                going_on.begin()
                player.advance(1 / FRAMES)
                screen._show()
                await pilot.pause()
                going_on.end(f"frame {number}, from {before:,} to {len(player.session.view.nodes):,} nodes")
    return opened, scrolled, going_on


async def long_document(lines: int = 100_000) -> float:
    """CPU seconds until a long document can be read."""
    text = "".join(f"line {n} of a long and quite ordinary document of the house\n" for n in range(lines))
    corpus = Corpus([Document("1" * 64, "Long.txt", "text", "lines", text, ())])
    app = DeskApp(lambda: _ready(FakeDesk()))
    async with app.run_test(size=(120, 40)) as pilot:
        began = time.process_time()
        app.workspace.open_document(corpus, corpus.documents[0])
        view = app.workspace.query_one(SourceView)
        while not view.row_count or not view.is_on_screen:
            await pilot.pause()
        return time.process_time() - began


def main() -> None:
    """Print all figures."""
    cpu, wall = first_frame()
    print(f"first frame: {cpu:.2f} s CPU, {wall:.2f} s wall (median of 5)")
    keys = asyncio.run(latency())
    print(f"key to letter at 2,000 events/s and {STREAMS} streams: {keys.told('wall')}")
    print(f"  by CPU: {keys.told()}")
    opened, scrolled, going_on = asyncio.run(large_run())
    print(f"5,000 nodes: opened in {opened:.2f} s CPU; a page scrolled in {1000 * scrolled:.0f} ms")
    print(f"  a frame of the replay at 50x: {going_on.told()}")
    print(f"100,000 lines: readable after {asyncio.run(long_document()):.3f} s CPU")


if __name__ == "__main__":
    print(calibration.line())
    main()
