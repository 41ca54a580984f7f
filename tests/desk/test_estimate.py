"""What a run will take."""

from rlm_desk.desk.estimate import ANSWER_TOKENS, OVERHEAD_TOKENS, Speed, estimate
from tests.rlm.making import corpus


def test_documents_longer_than_a_piece_take_several_calls() -> None:
    found = estimate(corpus("x" * 400, "x" * 4_000), 4.0, Speed(1_000, 100), piece_tokens=300)
    assert found.calls == 1 + 4
    assert found.tokens == 100 + 1_000 + 5 * OVERHEAD_TOKENS
    assert found.seconds == found.tokens / 1_000 + 5 * ANSWER_TOKENS / 100


def test_without_a_measured_speed_no_time_is_promised() -> None:
    assert estimate(corpus("x" * 400), 4.0, None, 300).seconds == 0.0
