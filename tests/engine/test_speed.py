"""How many prompt tokens a step takes, by the speed that was measured."""

import pytest

from rlm_desk.engine.speed import Speed


@pytest.mark.parametrize(
    ("per_second", "tokens"),
    [(0.0, 256), (20.0, 64), (150.0, 64), (300.0, 64), (511.0, 64), (512.0, 128), (4000, 960)],
)
def test_a_step_takes_whole_tiles_and_one_at_least(per_second: float, tokens: int) -> None:
    speed = Speed()
    speed.prefill = per_second
    assert speed.chunk == tokens
