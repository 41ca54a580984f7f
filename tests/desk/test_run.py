"""A run's events are published after their commit; a failed commit stops the run."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from rlm_desk import events
from rlm_desk.desk.run import Run
from rlm_desk.errors import Defect, StoreError
from rlm_desk.events import Recorded
from rlm_desk.rlm.recorder import Recorder
from rlm_desk.rlm.run import Outcome


class FakeStore:
    """Commits when told to."""

    def __init__(self) -> None:
        self.waiting: list[asyncio.Future[None]] = []

    def submit(self, recorded: Recorded) -> "asyncio.Future[None]":
        future = asyncio.get_running_loop().create_future()
        self.waiting.append(future)
        return future

    def commit(self) -> None:
        while self.waiting:
            self.waiting.pop(0).set_result(None)


def work(run: Run, more: Callable[[], Awaitable[None]] | None = None) -> Callable[[], Awaitable[Outcome]]:
    async def body() -> Outcome:
        recorder = Recorder(run.id, run.sink)
        for number in range(3):
            recorder.emit(events.Nudged, node=0, turn=number, reason=recorder.text(f"text {number}"))
        if more:
            await more()
        return Outcome("answered", "yes", "final")

    return body


async def test_nothing_is_seen_before_its_commit() -> None:
    store = FakeStore()
    run = Run("r", store.submit)
    run.start(work(run))
    seen: list[Recorded] = []

    async def watch() -> None:
        async for recorded in run:
            seen.append(recorded)

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0.01)
    assert len(store.waiting) == 3
    assert seen == []
    store.commit()
    await watching
    assert [recorded.event.seq for recorded in seen] == [0, 1, 2]
    assert (await run.result()).text == "yes"


async def test_two_faces_see_the_same_events() -> None:
    store = FakeStore()
    run = Run("r", store.submit)
    run.start(work(run))

    async def watch() -> list[int]:
        return [recorded.event.seq async for recorded in run]

    both = asyncio.gather(watch(), watch())
    await asyncio.sleep(0.01)
    store.commit()
    assert await both == [[0, 1, 2], [0, 1, 2]]


async def test_a_failed_commit_stops_the_run_and_says_why() -> None:
    store = FakeStore()
    run = Run("r", store.submit)
    ended: list[Outcome | None] = []
    run.on_end(ended.append)

    async def long() -> None:
        await asyncio.sleep(60)

    run.start(work(run, long))
    await asyncio.sleep(0.01)
    store.waiting.pop(0).set_exception(StoreError("The disk is full.", "Free some space."))
    await asyncio.sleep(0.01)
    store.commit()
    with pytest.raises(StoreError, match="disk is full"):
        await asyncio.wait_for(run.result(), 5)
    assert [outcome and outcome.status for outcome in ended] == ["cancelled"]


async def test_cancel_ends_with_cancelled() -> None:
    store = FakeStore()
    run = Run("r", store.submit)

    async def long() -> None:
        await asyncio.sleep(60)

    run.start(work(run, long))
    await asyncio.sleep(0.01)
    store.commit()
    run.cancel()
    answer = await asyncio.wait_for(run.result(), 5)
    assert (answer.status, answer.exit_code) == ("cancelled", 130)


async def test_cancel_before_the_work_has_begun() -> None:
    run = Run("r", FakeStore().submit)
    ended: list[Outcome | None] = []
    run.start(work(run))
    run.on_end(ended.append)
    run.cancel()
    answer = await asyncio.wait_for(run.result(), 5)
    await asyncio.wait_for(run.settled(), 5)
    assert (answer.status, len(ended), run.recorded) == ("cancelled", 1, ())
    assert [recorded async for recorded in run] == []


async def test_cancel_on_every_event_is_cancel_once() -> None:
    store = FakeStore()
    run = Run("r", store.submit)
    cleared: list[str] = []

    async def long() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.02)  # as a worker that is ended
            cleared.append("all")

    run.start(work(run, long))

    async def commit_one_by_one() -> None:
        while not run.recorded or store.waiting or len(run.recorded) < 3:
            await asyncio.sleep(0.01)
            if store.waiting:
                store.waiting.pop(0).set_result(None)

    async def watch() -> int:
        seen = 0
        async for _ in run:
            run.cancel()
            seen += 1
        return seen

    committing = asyncio.create_task(commit_one_by_one())
    assert await asyncio.wait_for(watch(), 5) == 3
    await committing
    run.cancel()
    assert (await asyncio.wait_for(run.result(), 5)).status == "cancelled"
    assert cleared == ["all"]


async def test_a_defect_is_no_cancelled_run() -> None:
    store = FakeStore()
    run = Run("r", store.submit)

    async def broken() -> Outcome:
        raise ZeroDivisionError("by zero")

    run.start(broken)
    with pytest.raises(Defect, match="ZeroDivisionError: by zero") as told:
        await run.result()
    assert isinstance(told.value.__cause__, ZeroDivisionError)
    assert told.value.exit_code == 1
