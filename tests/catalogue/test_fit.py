from pathlib import Path

import pytest

from rlm_desk.catalogue.fit import GIB, fit, plan
from rlm_desk.catalogue.inspecting import Facts
from rlm_desk.catalogue.memory import cores, free_bytes
from rlm_desk.errors import ModelError
from rlm_desk.plan import ModelSpec

QWEN3_8B = Facts(
    bytes=5_020_000_000,
    architecture="qwen3",
    window=40960,
    layers=36,
    heads=32,
    kv_heads=8,
    key_length=128,
    value_length=128,
    width=4096,
    feed_forward=12288,
    vocabulary=151_936,
)


@pytest.fixture
def spec(tmp_path: Path) -> ModelSpec:
    """Qwen3-8B by its size alone: a sparse file."""
    path = tmp_path / "qwen3-8b.gguf"
    with path.open("wb") as file:
        file.truncate(QWEN3_8B.bytes)
    return ModelSpec("qwen3-8b", path, "", "desk", "full", 32768)


def test_kv_bytes_are_those_of_the_facts_page(spec: ModelSpec) -> None:
    found = fit(spec, facts=QWEN3_8B, free=64 * GIB)
    assert found.plan.window == 32768
    assert found.kv == found.plan.cells * 147_456
    assert found.steps == ()
    assert found.plan.cells >= found.plan.window


def test_it_steps_down_in_the_stated_order_and_then_refuses(spec: ModelSpec) -> None:
    seen = [fit(spec, facts=QWEN3_8B, free=int(free * GIB)) for free in (64, 10, 9, 8, 7.3, 6.5)]
    assert seen[0].plan.kv_type == "f16"
    assert [found.plan.kv_type for found in seen[1:]] == ["q8_0"] * 5
    totals = [found.total for found in seen]
    assert totals == sorted(totals, reverse=True)
    assert all(f.free is not None and f.total <= f.free - GIB for f in seen)
    assert seen[-1].plan.slots == 1
    assert seen[-1].plan.window >= 4096
    assert "KV cache in q8_0" in seen[-1].describe()
    with pytest.raises(ModelError, match="memory is free") as problem:
        fit(spec, facts=QWEN3_8B, free=5 * GIB)
    assert problem.value.next_step


def test_a_recurrent_model_gets_one_slot(spec: ModelSpec) -> None:
    facts = Facts(bytes=1, window=32768, recurrent=True)
    assert plan(spec, facts=facts).slots == 1


def test_a_window_that_is_asked_for_is_kept_within_what_was_trained(spec: ModelSpec) -> None:
    assert plan(spec, window=8192, facts=QWEN3_8B).window == 8192
    assert plan(spec, window=10**6, facts=QWEN3_8B).window == 40960


def test_a_small_model_keeps_its_small_window(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(bytes(8_000_000))
    found = fit(ModelSpec("desk-tiny", path, "", "desk", "small", 2048, True), slots=16, free=GIB)
    assert (found.plan.window, found.plan.slots, found.plan.kv_type) == (2048, 16, "f16")
    assert found.plan.cells >= 16 * 1024


def test_a_small_model_is_shared_by_workers_of_one_thread_each(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(bytes(8_000_000))
    small = ModelSpec("desk-tiny", path, "", "desk", "small", 2048, True)
    shared = plan(small, slots=8, threads=4)
    assert (shared.workers, shared.threads, shared.gpu_layers) == (4, 4, 0)
    assert shared.cells // shared.workers >= 2048 + 256
    assert plan(small, slots=2, threads=4).workers == 2
    assert plan(small, slots=8, threads=1).workers == 1


def test_a_large_model_is_computed_by_one_worker(spec: ModelSpec) -> None:
    assert plan(spec, facts=QWEN3_8B, threads=8).workers == 1


def test_this_machine_says_what_it_has() -> None:
    assert cores() >= 1
    free = free_bytes()
    assert free is None or free > 10_000_000
