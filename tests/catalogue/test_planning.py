"""From a file to a plan that llama.cpp confirms, on this machine."""

from dataclasses import replace
from pathlib import Path

import pytest

from rlm_desk.bench.random_gguf import SHAPES, write
from rlm_desk.catalogue import planning
from rlm_desk.catalogue.experience import Experience, Failure, build_key, model_key
from rlm_desk.catalogue.planning import Wishes, prepare, remember_failure
from rlm_desk.catalogue.survey import dry_run, survey
from rlm_desk.catalogue.wording import describe
from rlm_desk.engine.survey import read_buffers
from rlm_desk.errors import ModelError
from rlm_desk.plan import LoadPlan, ModelSpec

LOG = """\
llama_context:        CPU  output buffer size =    37.09 MiB
llama_kv_cache: size =  576.00 MiB (  4096 cells,  36 layers,  1/1 seqs), K (f16):  288.00 MiB, V (f16):  288.00 MiB
sched_reserve:      CUDA0 compute buffer size =   304.75 MiB
sched_reserve:  CUDA_Host compute buffer size =    16.01 MiB
load_tensors:      CUDA0 model buffer size =     0.00 MiB
"""


def test_a_log_of_a_gpu_is_read_by_device() -> None:
    found = read_buffers(LOG)
    mib = 1024 * 1024
    assert found["kv"] == 576 * mib
    assert found["compute"] == {"memory": int(37.09 * mib) + int(16.01 * mib), "CUDA0": int(304.75 * mib)}


async def test_the_machine_is_surveyed_in_a_worker() -> None:
    found = await survey()
    assert any(device.kind == "cpu" for device in found.found)
    assert found.host_free
    assert "LLAMAFILE" in found.features or found.features


@pytest.mark.parametrize("window", [2048, 8192])
async def test_a_dry_run_gives_the_buffers_the_planner_foresaw(window: int, tmp_path: Path) -> None:
    """Within a tenth, at a width where the model and not a constant decides; without flash attention and with it."""
    path = tmp_path / "wide.gguf"
    shape = replace(SHAPES["nano"], width=512, heads=8, kv_heads=4, head_size=64, feed_forward=2048, window=window)
    write(path, shape, "F16")
    prepared = await prepare(ModelSpec("wide", path, "", "desk", "full", window), Wishes(slots=1), tmp_path)
    measured = await dry_run(prepared.fit.plan)
    assert measured.kv == prepared.fit.kv
    assert measured.compute["memory"] == pytest.approx(prepared.fit.shares[0].compute, rel=0.1)


async def test_a_large_enough_model_is_confirmed_and_the_result_is_kept(
    nano: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "SMALL_MODEL", 0)
    spec = ModelSpec("nano", nano, "", "desk", "full", 2048)
    first = await prepare(spec, Wishes(slots=2), tmp_path)
    assert first.fit.confirmed
    assert "confirmed by a dry run" in describe(first.fit)

    async def never(_plan: LoadPlan) -> None:
        raise AssertionError("it was asked again")

    monkeypatch.setattr(planning, "dry_run", never)
    assert (await prepare(spec, Wishes(slots=2), tmp_path)).fit.plan == first.fit.plan


async def test_a_file_llama_cpp_refuses_is_told_before_it_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "SMALL_MODEL", 0)
    path = tmp_path / "odd.gguf"
    write(path, replace(SHAPES["nano"], architecture="nobody-knows-this"), "F16")
    with pytest.raises(ModelError, match=r"odd\.gguf cannot be loaded"):
        await prepare(ModelSpec("odd", path, "", "desk", "full", 2048), Wishes(), tmp_path)


async def test_a_failure_is_remembered_on_this_machine_only(nano: Path, tmp_path: Path) -> None:
    spec = ModelSpec("nano", nano, "", "desk", "full", 2048)
    before = await prepare(spec, Wishes(slots=4), tmp_path)
    remember_failure(spec, before.fit.plan, before.devices, tmp_path, "out of memory")
    after = await prepare(spec, Wishes(slots=4), tmp_path)
    assert after.fit.plan.cells < before.fit.plan.cells
    known = Experience(tmp_path)
    assert known.failures(model_key(nano), "another machine", 1) == []
    [failure] = known.failures(model_key(nano), before.devices.signature, before.devices.host_free)
    assert failure.why == "out of memory"
    twice = (before.devices.host_free or 0) * 2
    assert known.failures(model_key(nano), before.devices.signature, twice) == []


def test_a_failure_covers_what_asks_for_as_much() -> None:
    failed = Failure("m", "d", 8192, 4, 8192, "q8_0", 20, 0, "", 0.0)
    same = LoadPlan("m", 8192, 4, 8192, kv_type="q8_0", gpu_layers=20)
    assert failed.covers(same)
    assert failed.covers(replace(same, kv_type="f16", gpu_layers=-1))
    assert not failed.covers(replace(same, slots=2))
    assert not failed.covers(replace(same, gpu_layers=10))
    assert not failed.covers(replace(same, cells=4096))


def test_damaged_experience_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "fit.json").write_text("{not json")
    known = Experience(tmp_path)
    assert known.offload(build_key()) is None
    known.learn_build(build_key(), False)
    assert Experience(tmp_path).offload(build_key()) is False
    (tmp_path / "fit.json").write_text('{"failed": {"x": {"nonsense": 1}}, "dry": 7}')
    assert Experience(tmp_path).failures("m", "d", 1) == []
    assert Experience(tmp_path).dry("k") is None
