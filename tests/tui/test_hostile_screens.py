"""Hostile text through whole screens: what is drawn holds no control character, no bidi control, no link, no action."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from rlm_desk.clean import clean
from rlm_desk.corpus import Corpus
from rlm_desk.desk.models import Here
from rlm_desk.errors import EngineError
from rlm_desk.tui.app import DeskApp
from rlm_desk.tui.screens.dialog import AddDialog
from rlm_desk.tui.screens.queue import QueueDialog
from rlm_desk.tui.screens.workspaces import WorkspacesDialog
from rlm_desk.tui.start import Start
from rlm_desk.tui.widgets.answer import AnswerPane
from rlm_desk.tui.widgets.captions import Captions
from rlm_desk.tui.widgets.timeline import Timeline
from tests.tui import modelscenes, scenes
from tests.tui.driving import opened, over, until
from tests.tui.fakerecords import FakeEstimate, FakeKept, FakeSkipped, FakeSummary, document
from tests.tui.fakes import FakeDesk, office
from tests.tui.recording import RunBuilder
from tests.tui.test_guided import FakeGuide
from tests.tui.test_hostile_text import hostile_run

EVIL = "ev[b]il[@click=app.quit]!\x1b[2J\x9b5m\x07\u202e\u2066\u200b[link=file:///x]\x1b]8;;http://a.example\x1b\\"
SEEN = "ev[b]il"
"""What a person must see of it: its markup as it stands there."""


def harmless(app: Any) -> str:
    """The screen's text, once each piece of it was looked at."""
    lines = []
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            assert segment.text == clean(segment.text), repr(segment.text)
            style = segment.style
            if style is not None:
                assert style.link is None, repr(segment)
                assert style.meta.get("@click") != "app.quit", repr(segment)
        lines.append(strip.text)
    return "\n".join(lines)


def bad_run(run: str = "run-1") -> RunBuilder:
    return hostile_run(EVIL, run)


def hostile_past() -> FakeDesk:
    """A history, a workspace and its conversation, all of hostile words."""
    desk = office()
    held = Corpus([document(f"{EVIL[:40]}{n}.txt".replace("/", "_"), EVIL * 3) for n in range(3)])
    runs = {"run-1": bad_run(), "run-2": bad_run("run-2")}
    desk.summaries = [
        FakeSummary(name, 1_600_000_000.0 - n, status, EVIL, EVIL, 2.6, EVIL, error=EVIL)
        for n, (name, status) in enumerate((("run-1", "answered"), ("run-2", "failed")))
    ]
    desk.history = {name: run.recorded for name, run in runs.items()}
    desk.past_corpus = held
    desk.kept = [FakeKept(EVIL, held, ["run-2", "run-1"]), FakeKept(f"{EVIL} 2", held)]
    desk.files["bad"] = [one.document for one in held.documents]
    desk.unreadable = (FakeSkipped(EVIL, EVIL),)
    return desk


async def test_a_conversation_that_is_resumed_and_the_list_of_workspaces() -> None:
    async with opened(hostile_past()) as (workspace, pilot):
        await until(pilot, lambda: len(workspace.query_one(AnswerPane).turns) == 2)
        await pilot.pause(0.1)
        assert SEEN in harmless(pilot.app)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: isinstance(pilot.app.screen, WorkspacesDialog))
        await pilot.pause(0.05)
        text = harmless(pilot.app)
        assert text.count(SEEN) >= 2
        await pilot.press("down", "enter")
        await until(pilot, lambda: not isinstance(pilot.app.screen, WorkspacesDialog))
        await pilot.pause(0.1)
        assert SEEN in harmless(pilot.app)


@pytest.mark.parametrize("scene", ["_table", "_export", "_delete", "_playback", "_compare"])
async def test_the_history_and_what_opens_from_it(scene: str) -> None:
    async with opened(hostile_past()) as (_, pilot):
        come: Callable[[Pilot[None]], Any] = getattr(scenes, scene)
        await come(pilot)
        await pilot.pause(0.1)
        assert SEEN in harmless(pilot.app)


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_documents_search_timeline_and_the_queue(size: tuple[int, int]) -> None:
    desk = hostile_past()
    desk.kept, desk.builders, desk.hold_at = [], [bad_run(), bad_run("run-3"), bad_run("run-4")], 8
    async with opened(desk, size, paths=["bad"], question=EVIL) as (workspace, pilot):
        await until(pilot, lambda: workspace.run is not None and workspace.run.held.is_set())
        harmless(pilot.app)
        for _ in range(2):
            workspace.query_one("#question", Input).value = EVIL
            await pilot.press("ctrl+l", "enter")
        await pilot.press("ctrl+k")
        await until(pilot, lambda: isinstance(pilot.app.screen, QueueDialog))
        await pilot.pause(0.05)
        assert SEEN in harmless(pilot.app)
        await pilot.press("escape", "f4", "t")
        await until(pilot, lambda: workspace.query_one(Timeline).has_focus)
        await pilot.pause(0.1)
        harmless(pilot.app)
        desk.hold_at = None
        await pilot.press("escape", "escape")
        await until(pilot, lambda: over(workspace))
        assert SEEN in harmless(pilot.app)


async def test_consent_errors_and_the_words_of_the_status_line() -> None:
    desk = office([bad_run()], estimated=FakeEstimate(2_000_000, 9999.0, EVIL))
    async with opened(desk, paths=["office"], question=EVIL) as (workspace, pilot):
        await until(pilot, lambda: len(pilot.app.screen_stack) > 1)
        await pilot.pause(0.05)
        assert SEEN in harmless(pilot.app)
        await pilot.press("n")
        workspace._display.tell(EngineError(EVIL, EVIL))
        await pilot.pause(0.1)
        assert SEEN in harmless(pilot.app)
        workspace._display.say(EVIL)
        await pilot.pause(0.05)
        harmless(pilot.app)


async def test_a_model_of_a_hostile_name() -> None:
    class FakeHostileModels(modelscenes.FakeModels):
        async def here(self) -> list[Here]:
            spec = replace(modelscenes.OWN, name=EVIL, path=Path(f"/models/{EVIL.replace('/', '_')}.gguf"), server=EVIL)
            return [Here(modelscenes.TINY, 7_544_704, "bundled"), Here(spec, 5_000_000, "pinned", EVIL, EVIL, 36, EVIL)]

        async def unfinished(self) -> list[str]:
            return [EVIL]

    desk = modelscenes.with_models(FakeHostileModels())
    async with opened(desk, (160, 50)) as (_, pilot):
        await modelscenes.own(pilot)
        await pilot.pause(0.1)
        assert SEEN in harmless(pilot.app)


async def test_captions_of_a_guide() -> None:
    class FakeHostileGuide(FakeGuide):
        def says(self, index: int) -> str | None:
            said = super().says(index)
            return None if said is None else EVIL

    async def open_desk() -> FakeDesk:
        return office([bad_run()])

    app = DeskApp(open_desk, Start(paths=["office"], consent=False), guide=FakeHostileGuide())
    app.animation_level = "none"
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: SEEN in str(app.screen.query_one(Captions).content))
        await pilot.pause(0.05)
        assert SEEN in harmless(app)


async def test_what_is_pasted_or_completed_is_shown_cleaned_and_kept_as_it_is(tmp_path: Path) -> None:
    name = EVIL.replace("/", "_")
    (tmp_path / f"{name}.txt").write_text("The fee is 40 euros.")
    async with opened(office()) as (workspace, pilot):
        box = workspace.query_one("#question", Input)
        box.focus()
        pilot.app.post_message(events.Paste(f"why {EVIL}?"))
        await until(pilot, lambda: "why" in box.value)
        await pilot.pause(0.05)
        assert SEEN in harmless(pilot.app) and "\x1b" in box.value
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(pilot.app.screen, AddDialog))
        field = pilot.app.screen.query_one(Input)
        field.value = f"{tmp_path}/ev"
        await until(pilot, lambda: pilot.app.screen.query_one(OptionList).option_count)
        await pilot.press("tab")
        await until(pilot, lambda: name in field.value)
        await pilot.pause(0.05)
        assert SEEN in harmless(pilot.app)
