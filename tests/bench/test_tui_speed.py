"""The benchmark of the screen still runs, at a tiny size. What it measures is not asserted."""

from tests.bench import tui_speed


def test_the_first_frame_comes() -> None:
    cpu, wall = tui_speed.first_frame(times=1)
    assert cpu > 0 and wall > 0


async def test_keys_are_taken_while_events_come() -> None:
    assert await tui_speed.latency(nodes=600, keys=2)


async def test_a_run_is_opened_scrolled_and_played() -> None:
    opened, scrolled, going_on = await tui_speed.large_run(nodes=80, frames=5)
    assert opened > 0 and scrolled > 0 and going_on.moments


async def test_a_document_is_opened() -> None:
    assert await tui_speed.long_document(lines=2_000) > 0
