"""The planner over made-up machines: pure functions, no device needed."""

from dataclasses import replace
from pathlib import Path

import pytest

from rlm_desk.catalogue.devices import Device, Devices
from rlm_desk.catalogue.facts import Facts
from rlm_desk.catalogue.fit import GIB, Fit, fit, plan
from rlm_desk.catalogue.memory import cores, free_bytes, total_bytes
from rlm_desk.catalogue.placing import bytes_per_token, split
from rlm_desk.catalogue.wording import describe
from rlm_desk.errors import DoesNotFit, UsageError
from rlm_desk.plan import LoadPlan, ModelSpec

LAYER = 121_000_000
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
    kv_layers=(2048,) * 36,
    input_bytes=350_000_000,
    output_bytes=314_000_000,
    layer_bytes=(LAYER,) * 36,
)


@pytest.fixture
def spec(tmp_path: Path) -> ModelSpec:
    """Qwen3-8B by its size alone: a sparse file."""
    path = tmp_path / "qwen3-8b.gguf"
    with path.open("wb") as file:
        file.truncate(QWEN3_8B.bytes)
    return ModelSpec("qwen3-8b", path, "", "desk", "full", 32768)


def machine(*gpus: tuple[str, float], host: float = 32.0, backend: str = "CUDA", kind: str = "gpu") -> Devices:
    """GPUs as (name, GiB free) with the memory of the host beside them."""
    found = tuple(
        Device(name, f"a {backend} device", kind, int(free * GIB), int(free * GIB), backend)  # type: ignore[arg-type]
        for name, free in gpus
    )
    return Devices(int(host * GIB), int(host * GIB), found, offload=bool(gpus))


def holds(found: Fit) -> bool:
    """Whether every share leaves its reserve alone."""
    return all(share.free is not None and share.total <= share.free - share.reserve for share in found.shares)


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
    assert all(holds(found) for found in seen)
    assert seen[-1].plan.window >= 4096
    assert "given up: KV cache in q8_0" in describe(seen[-1])
    assert len(seen[-1].tried) >= len(seen[-1].steps)
    with pytest.raises(DoesNotFit, match="memory is free") as problem:
        fit(spec, facts=QWEN3_8B, free=5 * GIB)
    assert "4,096" in problem.value.sentence
    assert "--catalogue" in problem.value.next_step


def test_what_would_gain_nothing_is_not_given_up(spec: ModelSpec) -> None:
    found = fit(spec, facts=QWEN3_8B, free=9 * GIB)  # one window of 32,768 outweighs eight sub-calls
    assert found.steps == ("KV cache in q8_0 instead of f16",)
    assert found.plan.slots == 8


def test_a_gpu_that_is_large_enough_takes_every_layer(spec: ModelSpec) -> None:
    found = fit(spec, facts=QWEN3_8B, devices=machine(("CUDA0", 24)))
    host, gpu = found.shares
    assert (found.plan.gpu_layers, gpu.layers, host.layers, found.steps) == (-1, 37, 0, ())
    assert host.weights == QWEN3_8B.input_bytes
    assert gpu.weights == QWEN3_8B.bytes - QWEN3_8B.input_bytes
    assert (host.kv, gpu.kv) == (0, found.kv)
    assert "37 of 37 layers on CUDA0" in describe(found)


def test_a_smaller_gpu_first_costs_precision_and_window_then_layers(spec: ModelSpec) -> None:
    by_size = {free: fit(spec, facts=QWEN3_8B, devices=machine(("CUDA0", free))) for free in (9, 7, 6, 4, 2)}
    assert all(holds(found) for found in by_size.values())
    assert by_size[9].steps == ("KV cache in q8_0 instead of f16",)
    assert by_size[7].plan.window < 32768
    assert by_size[7].shares[1].layers == 37
    layers = [found.shares[1].layers for found in by_size.values()]
    assert layers == sorted(layers, reverse=True)
    assert 0 < layers[-1] < 37
    assert any("layers on the GPU" in step for step in by_size[2].steps)
    assert by_size[2].shares[0].layers + by_size[2].shares[1].layers == 37


def test_a_gpu_too_small_for_anything_leaves_the_work_to_the_processor(spec: ModelSpec) -> None:
    found = fit(spec, facts=QWEN3_8B, devices=machine(("CUDA0", 0.5)))
    assert found.plan.gpu_layers == 0
    assert len(found.shares) == 1
    assert holds(found)


def test_several_gpus_share_layers_by_what_each_has_free(spec: ModelSpec) -> None:
    found = fit(spec, facts=QWEN3_8B, devices=machine(("CUDA0", 8), ("CUDA1", 8)))
    assert holds(found)
    assert found.plan.tensor_split == (19.0, 18.0)
    uneven = fit(spec, facts=QWEN3_8B, devices=machine(("CUDA0", 4), ("CUDA1", 12)))
    assert holds(uneven)
    assert sum(uneven.plan.tensor_split) == 37
    assert uneven.plan.tensor_split[1] > 2 * uneven.plan.tensor_split[0]
    assert [share.layers for share in uneven.shares[1:]] == [int(n) for n in uneven.plan.tensor_split]


def test_a_split_is_only_for_several_gpus() -> None:
    wished = LoadPlan("x", 8192, 1, 8192, gpu_layers=-1)
    assert split(wished, QWEN3_8B, machine(("CUDA0", 24))) == ()
    assert split(replace(wished, gpu_layers=0), QWEN3_8B, machine(("CUDA0", 24), ("CUDA1", 24))) == ()
    assert sum(split(replace(wished, gpu_layers=5), QWEN3_8B, machine(("CUDA0", 24), ("CUDA1", 24)))) == 5


def test_metal_shares_the_hosts_memory(spec: ModelSpec) -> None:
    roomy = fit(spec, facts=QWEN3_8B, devices=machine(("MTL0", 24), host=24, backend="MTL"))
    assert roomy.shares[1].layers == 37
    assert roomy.total <= 24 * GIB - roomy.shares[1].reserve
    # The device says 12 GiB; the machine has 8 left: it is the smaller that counts.
    tight = fit(spec, facts=QWEN3_8B, devices=machine(("MTL0", 12), host=8, backend="MTL"))
    assert tight.total <= 8 * GIB - tight.shares[1].reserve
    assert tight.steps


def test_an_integrated_gpu_is_used_only_where_there_is_no_other() -> None:
    both = machine(("Vulkan0", 8), kind="igpu", backend="Vulkan")
    assert [gpu.name for gpu in both.gpus] == ["Vulkan0"]
    real = Device("CUDA0", "", "gpu", GIB, GIB, "CUDA")
    assert [gpu.name for gpu in replace(both, found=(*both.found, real)).gpus] == ["CUDA0"]
    assert Devices(GIB, found=(Device("x", "", "gpu", 0, 0),)).gpus == ()


def test_tied_embeddings_are_held_twice_where_the_gpu_computes_the_output(spec: ModelSpec) -> None:
    tied = replace(QWEN3_8B, tied=True, output_bytes=0)
    found = fit(spec, facts=tied, devices=machine(("CUDA0", 24)))
    assert found.weights == 2 * tied.input_bytes + 36 * LAYER
    assert fit(spec, facts=tied, free=64 * GIB).weights == tied.input_bytes + 36 * LAYER


def test_a_hybrid_model_keeps_keys_only_where_it_attends(spec: ModelSpec) -> None:
    hybrid = replace(QWEN3_8B, recurrent=True, kv_layers=tuple(2048 * (i % 4 == 3) for i in range(36)))
    found = fit(spec, facts=hybrid, free=64 * GIB)
    assert found.plan.slots == 1
    assert found.resident == (0, 0)
    assert bytes_per_token(found.plan, hybrid) == 9 * 2048 * 2
    assert any("cannot share beginnings" in note for note in found.notes)


def test_a_window_that_is_asked_for_is_kept_within_what_was_trained(spec: ModelSpec) -> None:
    assert plan(spec, window=8192, facts=QWEN3_8B).window == 8192
    found = fit(spec, window=10**6, facts=QWEN3_8B, free=64 * GIB)
    assert found.plan.window == 40960
    assert "trained for 40,960" in describe(found)


def test_a_window_below_what_recursion_needs_is_refused(spec: ModelSpec) -> None:
    with pytest.raises(UsageError, match="at least 4,096"):
        fit(spec, window=2048, facts=QWEN3_8B, free=64 * GIB)


def test_a_small_model_keeps_its_small_window_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(bytes(8_000_000))
    found = fit(ModelSpec("desk-tiny", path, "", "desk", "small", 2048, True), slots=16, free=GIB)
    assert (found.plan.window, found.plan.slots, found.plan.kv_type) == (2048, 16, "f16")
    assert found.plan.cells // found.plan.workers >= 2048 + 1024  # a window, and the beginnings that stay
    assert "its own window holds 2,048 tokens, fewer than the 4,096" in describe(found)


def test_one_slot_and_one_chunk_are_counted_in_the_singular(spec: ModelSpec) -> None:
    found = fit(spec, slots=1, facts=QWEN3_8B, free=64 * GIB)
    assert "tokens, 1 slot, " in describe(found)
    assert "finds 1 chunk of 3,500 tokens" in describe(replace(found, resident=(1, 0)))
    assert "finds 2 chunks of" in describe(replace(found, resident=(1, 1)))


def test_a_small_model_is_shared_by_workers_of_one_thread_each(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(bytes(8_000_000))
    small = ModelSpec("desk-tiny", path, "", "desk", "small", 2048, True)
    shared = plan(small, slots=8, threads=4)
    assert (shared.workers, shared.threads, shared.gpu_layers) == (4, 4, 0)
    assert shared.cells // shared.workers >= 2048 + 256
    assert plan(small, slots=2, threads=4).workers == 2
    assert plan(small, slots=8, threads=1).workers == 1


def test_a_small_model_in_a_short_window_is_computed_without_flash_attention(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(bytes(8_000_000))
    short = plan(ModelSpec("desk-tiny", path, "", "desk", "small", 2048, True), slots=8, threads=2)
    assert (short.flash_attention, short.crowd > 0) == (False, True)
    long = plan(ModelSpec("tiny", path, "", "desk", "full", 32768), slots=8, threads=2)
    assert (long.flash_attention, long.crowd > 0) == (True, True)
    quantised = plan(ModelSpec("tiny", path, "", "desk", "full", 2048), slots=8, threads=2, kv_type="q8_0")
    assert quantised.flash_attention  # it has no context without


def test_a_large_model_lets_in_as_many_as_have_room(spec: ModelSpec) -> None:
    large = plan(spec, facts=QWEN3_8B, threads=8)
    assert (large.crowd, large.flash_attention) == (0, True)


def test_a_large_model_is_computed_by_one_worker(spec: ModelSpec) -> None:
    assert plan(spec, facts=QWEN3_8B, threads=8).workers == 1


def test_chunks_that_stay_resident_follow_from_what_is_left_over(spec: ModelSpec) -> None:
    cpu = fit(spec, facts=QWEN3_8B, free=64 * GIB)
    assert cpu.plan.host_bytes == 768 * 1024**2
    assert cpu.resident == (cpu.plan.cells // 4 // 3500, cpu.plan.host_bytes // (147_456 * 3500))
    tight = fit(spec, facts=QWEN3_8B, free=int(6.5 * GIB))
    assert tight.plan.host_bytes is not None
    assert tight.plan.host_bytes < 200 * 1024**2
    assert tight.total + tight.plan.host_bytes <= 6.5 * GIB - tight.shares[0].reserve
    assert tight.most == tight.total + tight.plan.host_bytes
    assert "as it keeps what questions have read" in describe(tight)


def test_a_dry_run_that_finds_more_makes_it_step_down(spec: ModelSpec) -> None:
    free = int(10.9 * GIB)
    assert fit(spec, facts=QWEN3_8B, free=free).steps == ()
    assert fit(spec, facts=QWEN3_8B, free=free, compute={"memory": 8.0}).steps != ()


def test_a_plan_that_failed_before_is_not_tried_again(spec: ModelSpec) -> None:
    first = fit(spec, facts=QWEN3_8B, free=64 * GIB)
    found = fit(spec, facts=QWEN3_8B, free=64 * GIB, failed=lambda p: p.kv_type == "f16")
    assert (first.plan.kv_type, found.plan.kv_type) == ("f16", "q8_0")
    assert "failed on this machine before" in found.tried[0]


def test_this_machine_says_what_it_has() -> None:
    assert cores() >= 1
    free, total = free_bytes(), total_bytes()
    assert free is None or free > 10_000_000
    assert total is None or free is None or free <= total
