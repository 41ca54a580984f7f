"""The same requests through llama.cpp's own server, all at once: the other program the engine is compared with.

The binary is the caller's; it builds from the llama.cpp source inside llama-cpp-python's sdist. It gets the engine's
slots and threads, a window of cells for each slot in a unified cache, its own micro-batch, flash attention, and its
prompt caching in memory.
"""

import asyncio
import contextlib
import http.client
import json
import socket
import time
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlm_desk.bench.ending import how
from rlm_desk.bench.processor import cpu_seconds
from rlm_desk.catalogue.processor import MICRO_BATCH
from rlm_desk.completion import Request
from rlm_desk.errors import EngineError, UsageError
from rlm_desk.plan import LoadPlan

LOAD_SECONDS = 300.0
ANSWER_SECONDS = 3600.0
ENDING_SECONDS = 2.0
"""A server that closed its connections has ended by then, if it is ending."""


@dataclass(frozen=True, slots=True)
class Served:
    """One round through the server."""

    seconds: float
    cpu: float
    computed: int
    """Prompt tokens it computed."""
    cached: int
    completion: int


def raw_prompt(request: Request) -> str:
    """A request as the text that ChatML makes of it: what programs without the engine's tokeniser are given."""
    return f"<|im_start|>user\n{request.messages[0].content}<|im_end|>\n<|im_start|>assistant\n"


class Server:
    """A running llama-server."""

    def __init__(self, port: int, process: asyncio.subprocess.Process, connections: int) -> None:
        self._port = port
        self._process = process
        self._pid = process.pid
        self._threads = ThreadPoolExecutor(connections)

    async def round(self, batch: Sequence[Request]) -> Served:
        """Send a batch at once and wait for all of it. Raises EngineError when one request fails."""
        loop = asyncio.get_running_loop()
        begun, computed = time.perf_counter(), cpu_seconds([self._pid])
        try:
            replies = await asyncio.gather(*(loop.run_in_executor(self._threads, self._ask, one) for one in batch))
        except (OSError, http.client.HTTPException) as problem:
            raise await self._lost(problem) from problem
        seconds = time.perf_counter() - begun
        timings = [reply["timings"] for reply in replies]
        return Served(
            seconds,
            cpu_seconds([self._pid]) - computed,
            sum(int(t["prompt_n"]) for t in timings),
            sum(int(t.get("cache_n", 0)) for t in timings),
            sum(int(t["predicted_n"]) for t in timings),
        )

    async def _lost(self, problem: Exception) -> EngineError:
        """Why it answers no more: how it ended, or what the connection says where it goes on."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), ENDING_SECONDS)
        status = self._process.returncode
        why = how(status) if status is not None else f"cannot be asked any more ({problem})"
        return EngineError(f"llama-server {why}.", "Leave it out, or try it by hand.")

    def close(self) -> None:
        """End the client's threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def healthy(self) -> bool:
        """Whether it has loaded its model."""
        try:
            return self._call("GET", "/health", None)[0] == 200
        except OSError:
            return False

    def _ask(self, request: Request) -> Any:
        asked = {
            "prompt": raw_prompt(request),
            "n_predict": request.max_tokens,
            "temperature": 0.0,
            "cache_prompt": True,
        }
        status, body = self._call("POST", "/completion", asked)
        if status != 200:
            raise EngineError(f"llama-server answered {status}: {body[:200]!r}.", "Look at its own messages.")
        return json.loads(body)

    def _call(self, method: str, path: str, body: Any) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_SECONDS)
        try:
            connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@asynccontextmanager
async def serve(binary: Path, load: LoadPlan, slots: int, calls: int) -> AsyncIterator[Server]:
    """Start the server with the engine's plan and wait until it has loaded.

    Raises:
        UsageError: there is no such program.
        EngineError: it ended, or did not load in time.
    """
    if not binary.is_file():
        raise UsageError(f"There is no llama-server at {binary}.", "Give the path of the program itself.")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    options = {
        "-m": load.model,
        "--host": "127.0.0.1",
        "--port": port,
        "-np": slots,
        "-c": max(load.cells, slots * load.window),
        "-b": load.batch,
        "-ub": MICRO_BATCH,
        "-t": load.threads,
        "-tb": load.threads,
        "-ngl": load.gpu_layers if load.gpu_layers >= 0 else 999,
        "-fa": "on",
        "-ctk": load.kv_type,
        "-ctv": load.kv_type,
        "--cache-ram": 2048,
        "--threads-http": calls + 4,
    }
    process = await asyncio.create_subprocess_exec(
        str(binary),
        *(str(part) for option in options.items() for part in option),
        "-kvu",
        "--log-disable",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    server = Server(port, process, calls)
    try:
        deadline = time.monotonic() + LOAD_SECONDS
        while not await asyncio.to_thread(server.healthy):
            if process.returncode is not None:
                raise EngineError(f"llama-server {how(process.returncode)}.", "Try it by hand.")
            if time.monotonic() > deadline:
                raise EngineError("llama-server did not load the model in time.", "Try it by hand.")
            await asyncio.sleep(0.1)
        yield server
    finally:
        server.close()
        if process.returncode is None:
            process.kill()
        await process.wait()
