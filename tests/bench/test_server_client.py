"""The comparison with llama.cpp's server: a missing program is said; a given one is measured.

RLM_DESK_LLAMA_SERVER=/path/to/llama-server runs the second.
"""

import os
from pathlib import Path

import pytest

from rlm_desk.bench.measuring import run
from rlm_desk.bench.random_gguf import SHAPES, write
from rlm_desk.bench.server import raw_prompt, serve
from rlm_desk.bench.workloads import Workload
from rlm_desk.completion import Message, Request
from rlm_desk.errors import UsageError
from rlm_desk.plan import LoadPlan, ModelSpec


async def test_a_server_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no llama-server"):
        async with serve(tmp_path / "llama-server", LoadPlan("model", 1024, 2, 2048), 2, 4):
            raise AssertionError("it cannot have started")


def test_the_raw_prompt_is_chatml() -> None:
    request = Request((Message("user", "Why?"),))
    assert raw_prompt(request) == "<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n"


@pytest.mark.skipif("RLM_DESK_LLAMA_SERVER" not in os.environ, reason="no llama-server is given")
async def test_the_server_answers_the_same_calls(tmp_path: Path) -> None:
    path = tmp_path / "nano.gguf"
    write(path, SHAPES["nano"], "F16")
    spec = ModelSpec("nano", path, "", "desk", "small", 2048)
    small = Workload("four small calls", 4, 150, 200, 4)
    binary = Path(os.environ["RLM_DESK_LLAMA_SERVER"])
    report = await run(spec, slots=(2,), repeats=1, workload=small, threads=1, serial=False, server=binary)
    _, _, served, again = report.rows
    assert (served.what, again.what) == ("llama-server", "llama-server, a second question")
    assert served.completion == again.completion == 16
    assert again.cached > served.cached
    assert "x server" in report.table()
