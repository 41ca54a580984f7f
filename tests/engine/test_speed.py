"""How many prompt tokens a step takes, by the speed that was measured."""

import pytest

from rlm_desk.engine.speed import Speed


@pytest.mark.parametrize(
    ("per_second", "tokens"),
    [(0.0, 256), (20.0, 32), (150.0, 37), (200.0, 64), (300.0, 64), (511.0, 64), (512.0, 128), (4000, 960)],
)
def test_a_step_takes_whole_tiles_where_there_is_time_for_most_of_one(per_second: float, tokens: int) -> None:
    speed = Speed()
    speed.prefill = per_second
    assert speed.chunk == tokens
