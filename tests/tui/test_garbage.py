"""Full looks for garbage come when nobody would notice."""

import gc
import weakref

import pytest

from rlm_desk.tui import garbage
from rlm_desk.tui.garbage import AT_MOST, Garbage
from tests.tui.driving import opened
from tests.tui.fakes import office


class Cycle:
    def __init__(self) -> None:
        self.itself = self


def test_a_cycle_waits_until_nobody_presses_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [100.0]
    monkeypatch.setattr(garbage.time, "monotonic", lambda: moment[0])
    monkeypatch.setattr(garbage, "WORTH", 0)
    looked = Garbage()
    lost = weakref.ref(Cycle())
    gc.disable()
    try:
        looked.stirred()
        moment[0] += garbage.REST_SECONDS / 2
        gc.enable()
        assert not looked.look()
        moment[0] += garbage.REST_SECONDS
        assert looked.look() and lost() is None
    finally:
        gc.enable()


def test_little_that_was_made_is_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = Garbage()
    monkeypatch.setattr(garbage, "REST_SECONDS", 0.0)
    gc.collect()
    assert not looked.look()


async def test_the_desk_takes_the_time_of_full_looks_and_gives_it_back() -> None:
    before = gc.get_threshold()
    async with opened(office()) as (_, pilot):
        assert gc.get_threshold() == (*before[:2], AT_MOST)
        pilot.app._garbage._stirred = 0.0
        await pilot.press("x")
        assert pilot.app._garbage._stirred > 0.0
    assert gc.get_threshold() == before
