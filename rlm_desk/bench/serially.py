"""The serial comparison from the host's side: the same rounds through `Llama` in a process of its own."""

import asyncio
import json
import statistics
import sys
from pathlib import Path

from rlm_desk.bench.ending import failed
from rlm_desk.bench.rows import Row
from rlm_desk.bench.server import raw_prompt
from rlm_desk.completion import Request
from rlm_desk.errors import EngineError
from rlm_desk.plan import LoadPlan


async def serially(load: LoadPlan, asked: list[list[Request]]) -> Row:
    """Ask everything, one request after the other; medians. Raises EngineError when the process fails."""
    rounds = [
        [{"prompt": raw_prompt(request), "max_tokens": request.max_tokens} for request in batch] for batch in asked
    ]
    job = {
        "model": load.model,
        "window": load.window,
        "threads": load.threads,
        "micro_batch": load.micro_batch,
        "flash_attention": load.flash_attention,
        "gpu_layers": load.gpu_layers,
        "rounds": rounds,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "rlm_desk.bench.serial",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
    )
    out, err = await process.communicate(json.dumps(job).encode())
    if process.returncode:
        raise EngineError(failed("The serial comparison", process.returncode, err), "Leave it out.")
    found = json.loads(out)
    return Row(
        "serial Llama",
        1,
        statistics.median(r["seconds"] for r in found),
        statistics.median(r["cpu"] for r in found),
        0,
        0,
        int(statistics.median(r["completion"] for r in found)),
    )
