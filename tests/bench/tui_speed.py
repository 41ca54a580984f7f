"""The screen: `python -m tests.bench.tui_speed`. Printed, not asserted: a busy machine is no defect.

CPU seconds are what this process computed; wall seconds hold what other processes took meanwhile.
"""

import asyncio
import statistics
import subprocess
import sys
import time

from textual.widgets import Input

from rlm_desk.corpus import Corpus, Document
from rlm_desk.tui.app import DeskApp
from rlm_desk.tui.screens.playback import FRAMES, Playback
from rlm_desk.tui.start import Start
from rlm_desk.tui.widgets.recursion import RecursionTree
from rlm_desk.tui.widgets.sourceview import SourceView
from tests.tui.fakes import FakeDesk, FakePast, FakeSummary, office
from tests.tui.recording import many

PAGES = 40

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
    """CPU and wall seconds from process start to the first frame, importing included."""
    taken = []
    for _ in range(times):
        began = time.time()
        done = subprocess.run([sys.executable, "-c", FIRST_FRAME], capture_output=True, text=True, check=True)
        cpu, at = map(float, done.stdout.split()[-2:])
        taken.append((cpu, at - began))
    return statistics.median(cpu for cpu, _ in taken), statistics.median(wall for _, wall in taken)


async def latency(nodes: int = 4000, keys: int = 100) -> list[float]:
    """Seconds from a key to its letter in the question, while 2,000 events a second come in."""
    desk = office([many(nodes)])
    app = DeskApp(lambda: _ready(desk), Start(paths=["office"]))
    taken = []
    async with app.run_test(size=(120, 40)) as pilot:
        workspace = app.workspace
        while not desk.corpus.documents:
            await pilot.pause(0.02)
        session, _ = await workspace._display.begin(desk.corpus, "q")
        recorded = many(nodes).recorded

        async def inject() -> None:
            began, sent = time.perf_counter(), 0
            while sent < len(recorded):
                due = min(len(recorded), int((time.perf_counter() - began) * 2000))
                for one in recorded[sent:due]:
                    session.apply(one)
                sent = due
                await asyncio.sleep(0.005)

        workspace._display.work(True)
        injecting = asyncio.create_task(inject())
        field = workspace.query_one("#question", Input)
        field.focus()
        await asyncio.sleep(0.5)
        while not injecting.done() and len(taken) < keys:
            before = len(field.value)
            began = time.perf_counter()
            app.simulate_key("x")
            while len(field.value) == before:
                await asyncio.sleep(0)
            taken.append(time.perf_counter() - began)
            await asyncio.sleep(0.05)
        await injecting
        workspace._display.work(False)
    return taken


async def _ready(desk: FakeDesk) -> FakeDesk:
    return desk


async def large_run(nodes: int = 5000, frames: int = 200) -> dict[str, float]:
    """CPU seconds to open a run of the history, for a page of its tree, and for a frame of its replay at 50 times."""
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
        taken = []
        for _ in range(frames):
            if not player.playing:  # at its end: from the beginning again
                player.seek(0.0)
                player.playing = True
                app._garbage.stirred()  # as the key does that begins it
            began = time.process_time()
            player.advance(1 / FRAMES)
            screen._show()
            await pilot.pause()
            taken.append(time.process_time() - began)
    return {"opened": opened, "scrolled": scrolled, "frame": statistics.median(taken), "worst": max(taken)}


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
    taken = sorted(asyncio.run(latency()))
    print(
        f"key to letter at 2,000 events/s: median {1000 * taken[len(taken) // 2]:.0f} ms, worst {1000 * taken[-1]:.0f}"
    )
    figures = asyncio.run(large_run())
    print(
        f"5,000 nodes: opened in {figures['opened']:.2f} s CPU; a page scrolled in {1000 * figures['scrolled']:.0f} ms"
    )
    print(f"  replay at 50x: a frame {1000 * figures['frame']:.0f} ms CPU, worst {1000 * figures['worst']:.0f}")
    print(f"100,000 lines: readable after {asyncio.run(long_document()):.3f} s CPU")


if __name__ == "__main__":
    main()
