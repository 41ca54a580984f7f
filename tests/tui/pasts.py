"""A history of runs as screens are given it, and the way to its screen."""

from typing import Any

from rlm_desk.corpus import Corpus
from rlm_desk.tui.screens.history import History
from tests.tui.driving import QUESTION, shown, until
from tests.tui.fakerecords import FakeSummary
from tests.tui.fakes import FakeDesk, office
from tests.tui.recording import full_run, many


def kept() -> FakeDesk:
    cut = full_run("run-cut")
    del cut.recorded[15:]
    desk = office()
    desk.past_corpus = Corpus(desk.files["office"])
    desk.history = {
        "run-1": full_run().recorded,
        "run-cut": cut.recorded,
        "run-many": many(40).recorded,
        "run-empty": [],
    }
    answer = "In all we pay 18,007 a year."
    desk.summaries = [
        FakeSummary("run-cut", 1_700_000_100.0, "interrupted", "Cut [off]?", "desk-tiny", 4.0),
        FakeSummary("run-1", 1_700_000_000.0, "answered", QUESTION, "desk-tiny", 9.0, answer=answer),
        FakeSummary("run-many", 1_690_000_000.0, "answered", "Count them", "desk-tiny", 9.0, answer="42"),
        FakeSummary("run-gone", 1_600_000_000.0, "answered", None, "desk-tiny", 9.0),
        FakeSummary("run-empty", 1_500_000_000.0, "failed", "empty", "desk-tiny", 0.0, error="It broke."),
    ]
    return desk


async def history(pilot: Any) -> History:
    await pilot.press("ctrl+r")
    await until(pilot, lambda: isinstance(pilot.app.screen, History))
    screen = pilot.app.screen
    await until(pilot, lambda: "Reading" not in shown(pilot.app.screen, "#words"))
    return screen
