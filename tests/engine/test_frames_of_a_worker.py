"""What an engine's worker may say: it holds a stranger's file, and a screen is built on its figures."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from rlm_desk.completion import Message, Request
from rlm_desk.engine import framing, resting
from rlm_desk.engine.calls import Call
from rlm_desk.engine.local import LocalEngine
from rlm_desk.engine.stats import from_frame
from rlm_desk.plan import LoadPlan

DONE: dict[str, Any] = {
    **{"type": "done", "id": 1, "text": "a", "thinking": "", "finish": "stop"},
    **{"prompt": 3, "cached": 0, "completion": 1, "seconds": 0.1, "confidence": 1.0},
}


def test_an_honest_answer_is_taken() -> None:
    framing.check(DONE)
    framing.check({"type": "counted", "id": 1, "tokens": 0})
    framing.check({"type": "log", "id": 1, "text": ""})
    framing.check({"type": "flushed", "id": 1})


@pytest.mark.parametrize(
    "wrong",
    [
        *({"prompt": value} for value in (10**400, -1, "3", True, None, 2.5, float("inf"))),
        *({"text": value} for value in (None, 7, ["a"])),
        *({"seconds": value} for value in ("x", float("nan"), float("inf"), -1.0, None)),
        {"confidence": []},
        {"thinking": {}},
    ],
    ids=str,
)
def test_one_that_makes_no_sense_is_not(wrong: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError, OverflowError)):
        framing.check(DONE | wrong)


@pytest.mark.parametrize("tokens", [-1, "1", 10**100, True, None])
def test_a_count_that_is_none_is_not_taken(tokens: Any) -> None:
    with pytest.raises(ValueError, match="tokens that are none"):
        framing.check({"type": "counted", "id": 1, "tokens": tokens})


@pytest.mark.parametrize("value", ["\x1b[2J", float("nan"), float("inf"), -1, 10**400, True, None, []], ids=repr)
def test_a_figure_that_is_none_reaches_no_screen(value: Any) -> None:
    with pytest.raises(TypeError, match="no figure"):
        from_frame({"type": "stats", "busy": 1, "decode_per_second": value})


def test_what_a_reply_may_grow_to_follows_from_what_was_asked() -> None:
    loop = asyncio.new_event_loop()
    call = Call({"max_tokens": 16, "thinking": 0}, b"", loop.create_future(), lambda piece: None)
    loop.close()
    assert 16 * 300 < call.most < 100_000


async def test_an_engine_that_nobody_asks_is_stopped(nano: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resting, "REST_SECONDS", 0.05)
    engine = await LocalEngine.start(LoadPlan(str(nano), 1024, 1, 1024, batch=512, threads=1))
    try:
        for _ in range(2):
            assert engine.pids and await stopped(engine.pids[0])
            assert (await engine.complete(Request((Message("user", "Why?"),), max_tokens=4))).usage.completion > 0
        assert await stopped(engine.pids[0])
        assert await engine.count((Message("user", "Why?"),)) > 0
    finally:
        await engine.close()


async def stopped(pid: int) -> bool:
    """Whether a process is stopped, soon."""
    for _ in range(500):
        if Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] == "T":
            return True
        await asyncio.sleep(0.01)
    return False
