"""The random-weight files are real models, and the bench measures what it says."""

from dataclasses import replace
from pathlib import Path

import gguf
import pytest

from rlm_desk.bench.endless import endless
from rlm_desk.bench.measuring import run
from rlm_desk.bench.random_gguf import QUANTS, SHAPES, vocabulary, write
from rlm_desk.bench.workloads import Workload, requests
from rlm_desk.catalogue.resolve import bundled_file
from rlm_desk.completion import Message, Request
from rlm_desk.engine.local import LocalEngine
from rlm_desk.plan import LoadPlan, ModelSpec

WIDE = replace(SHAPES["nano"], width=256, heads=4, kv_heads=4, head_size=64, feed_forward=512, layers=1)


def load_plan(path: Path) -> LoadPlan:
    return LoadPlan(str(path), 1024, 2, 2048, batch=512, threads=1)


@pytest.mark.parametrize("kind", QUANTS)
@pytest.mark.parametrize("architecture", ["llama", "qwen3"])
async def test_every_type_and_architecture_loads_and_writes(tmp_path: Path, kind: str, architecture: str) -> None:
    path = tmp_path / "model.gguf"
    write(path, replace(WIDE, architecture=architecture), kind)
    engine = await LocalEngine.start(load_plan(path))
    try:
        reply = await engine.complete(Request((Message("user", "What is the notice period?"),), max_tokens=8))
        assert reply.usage.completion == 8 or reply.finish == "stop"
    finally:
        await engine.close()


def test_a_vocabulary_has_no_token_twice_and_every_byte() -> None:
    tokens, types, merges = vocabulary(5000)
    assert len(set(tokens)) == len(tokens) == len(types) == 5000
    assert types.count(3) == 3
    assert all(len(merge.split()) == 2 for merge in merges)


async def test_the_bench_compares_the_engine_with_the_serial_class(tmp_path: Path) -> None:
    path = tmp_path / "nano.gguf"
    write(path, SHAPES["nano"], "F16")
    spec = ModelSpec("nano", path, "", "desk", "small", 2048)
    # Preamble and chunk are each worth keeping when they leave the cache, so what is reused does not depend on when
    # a request arrives: three times the preamble at first, then all four preambles with their chunks.
    small = Workload("four small calls", 4, 150, 200, 4)
    report = await run(spec, slots=(2,), repeats=1, workload=small, threads=1)
    engine, again, serial = report.rows
    assert serial.what == "serial Llama"
    assert engine.completion == again.completion == 16
    assert serial.completion == pytest.approx(16, abs=4)  # `Llama` does not stop inside a character
    assert 3 * 130 <= engine.cached <= 3 * 180
    assert again.computed + again.cached == pytest.approx(engine.computed + engine.cached, abs=4 * 30)
    assert again.cached >= 4 * 320
    assert all(row.seconds > 0 for row in report.rows)
    assert "serial Llama" in report.table()
    assert report.as_json()["rows"][0]["slots"] == 2
    assert 0 < report.prefill_share <= 1
    (rate,) = report.rates
    assert rate.slots == 2
    assert rate.prefill > 0
    assert rate.decode > 0
    assert "of a step spent outside llama.cpp at 2 slots" in report.table()


async def test_a_copy_never_ends_a_reply(tmp_path: Path) -> None:
    copy = await endless(bundled_file(), tmp_path)
    tensors = []
    for path in (bundled_file(), copy):
        reader = gguf.GGUFReader(path)
        tokens = reader.fields["tokenizer.ggml.tokens"].contents()
        tensors.append({tensor.name: tensor.data for tensor in reader.tensors})
    row = tokens.index("<|im_end|>")
    before, after = (found["token_embd.weight"] for found in tensors)  # it is the output matrix too
    assert before[row].any()
    assert not after[row].any()
    changed = {int(n) for n in (before != after).any(axis=1).nonzero()[0]}
    assert {tokens[n] for n in changed} <= {"<|im_end|>", "<|endoftext|>"}
    assert all((tensors[0][name] == tensors[1][name]).all() for name in tensors[0] if name != "token_embd.weight")


async def test_a_workload_is_the_same_every_time_and_about_as_large_as_it_says(tmp_path: Path) -> None:
    path = tmp_path / "nano.gguf"
    write(path, SHAPES["nano"], "F16")
    engine = await LocalEngine.start(load_plan(path))
    try:
        shape = Workload("three", 3, 100, 200, 8)
        made = await requests(engine, shape)
        assert made == await requests(engine, shape)
        assert made != await requests(engine, shape, seed=2)
        size = await engine.count(made[0].messages)
        assert 240 < size < 380
        assert made[0].messages[0].content[: made[0].prefix] == made[1].messages[0].content[: made[1].prefix]
    finally:
        await engine.close()
