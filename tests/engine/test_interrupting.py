"""A long step ends early where nobody wants any of it, and what it left is as if it had not begun."""

import contextlib
import os
import time
from collections.abc import Iterator

import pytest

from rlm_desk.engine import interrupting, speed
from rlm_desk.engine.decode import ABORTED
from rlm_desk.engine.interrupting import Inbox
from rlm_desk.wire import Pipe
from tests.engine.making import Make, alone, ask, run, words


@pytest.fixture
def ends() -> Iterator[tuple[Pipe, Inbox]]:
    """The host's end of a channel, to send by, and the worker's inbox."""
    reading, writing = os.pipe()
    yield Pipe(-1, writing), Inbox(Pipe(reading, -1))
    os.close(reading)
    with contextlib.suppress(OSError):
        os.close(writing)


def test_frames_are_looked_at_and_received_in_their_order(ends: tuple[Pipe, Inbox]) -> None:
    host, inbox = ends
    assert not inbox.waiting and inbox.cancelled() == set()
    host.send({"type": "complete", "id": 1}, b"text")
    host.send({"type": "cancel", "id": 7})
    assert inbox.cancelled() == {7}
    host.send({"type": "cancel", "id": 8})
    assert inbox.waiting and inbox.receive() == ({"type": "complete", "id": 1}, b"text")
    assert inbox.cancelled() == {7, 8}
    assert [inbox.receive()[0]["id"] for _ in range(2)] == [7, 8]
    assert not inbox.waiting and inbox.cancelled() == set()


def test_a_host_that_has_gone_is_told_when_it_is_its_turn(ends: tuple[Pipe, Inbox]) -> None:
    host, inbox = ends
    host.send({"type": "cancel", "id": 7})
    os.close(host.descriptors[1])
    assert inbox.cancelled() == {7}
    assert inbox.receive()[0]["id"] == 7
    assert inbox.waiting
    with pytest.raises(EOFError):
        inbox.receive()


@pytest.fixture
def long_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step of a prompt counts as long, and is asked about between any two operations."""
    monkeypatch.setattr(speed, "STEP_SECONDS", 0.0)
    monkeypatch.setattr(interrupting, "LOOK_SECONDS", 0.0)


def test_a_step_whose_every_request_was_cancelled_ends_and_leaves_nothing(make: Make, long_steps: None) -> None:
    cancelled: set[int] = set()
    core = make(keeping={"cancelled": lambda: cancelled})
    prompt = words(3, 300)
    ask(core, 1, prompt)
    list(core.step())
    (job,) = core.scheduler.live
    assert job.seq is not None
    before = job.seq.filled
    assert 0 < before < job.prompt
    cancelled.add(1)
    for _ in range(2):
        list(core.step())
        assert job.seq.filled == before  # the next part was begun, and ended
    assert core.speed.steps == 1  # and is no measure of speed
    assert core.cancel(1) and not core.busy
    cancelled.clear()
    assert alone(core, prompt)["text"] == alone(make(), prompt)["text"]


def test_a_step_that_somebody_still_wants_goes_on(make: Make, long_steps: None) -> None:
    asked: list[int] = []

    def cancelled() -> set[int]:
        asked.append(1)
        return {1}

    core = make(keeping={"cancelled": cancelled})
    ask(core, 1, words(1, 20))
    ask(core, 2, words(2, 20))
    found = run(core)
    assert asked and {frame["type"] for frame in found.values()} == {"done"}


def test_a_deadline_ends_a_step_too(make: Make, long_steps: None) -> None:
    core = make(keeping={"cancelled": set})
    ask(core, 1, words(1, 300), seconds=1e-4)
    time.sleep(0.001)
    decoded = core.decoder.decode(core.scheduler.plan(), core._interruption.of(core.scheduler.plan()))
    assert decoded == ABORTED
    assert [frame["error"] for frame in core.step()] == ["DeadlinePassed"]


def test_without_somebody_to_ask_and_in_short_steps_nothing_is_asked(make: Make) -> None:
    def cancelled() -> set[int]:
        raise AssertionError("asked in a short step")

    assert alone(make(keeping={"cancelled": cancelled}), words(1, 300))["type"] == "done"
