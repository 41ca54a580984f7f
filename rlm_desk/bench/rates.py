"""Prefill and decoding apart, at one number of slots."""

import asyncio
import random
import statistics
import time
from dataclasses import replace

from rlm_desk.bench.rows import Rate
from rlm_desk.bench.workloads import text
from rlm_desk.completion import Message, Request
from rlm_desk.engine.local import LocalEngine

ASKED = 40
"""Tokens of a prompt whose reply is measured."""


async def rate(engine: LocalEngine, slots: int, repeats: int, small: bool) -> Rate:
    """Measure both. A small model computes more tokens in all: each takes so little time.

    Prompts share nothing but the template; a reply's time holds its prompt of `ASKED` tokens.
    """
    prompts, replies = (4096, 768) if small else (1024, 128)
    prefill, decode = [], []
    for number in range(repeats):
        each = min(max(64, prompts // slots), engine.window * 3 // 4)
        fresh = [await _request(engine, each, f"{slots}p{number}.{n}", 1) for n in range(slots)]
        seconds, computed, _ = await _timed(engine, fresh)
        prefill.append(computed / seconds)
        short = [await _request(engine, ASKED, f"{slots}d{number}.{n}", max(8, replies // slots)) for n in range(slots)]
        seconds, _, written = await _timed(engine, short)
        decode.append(written / seconds)
    return Rate(slots, statistics.median(prefill), statistics.median(decode))


async def _request(engine: LocalEngine, tokens: int, seed: str, most: int) -> Request:
    words = await text(engine, random.Random(seed), tokens)
    made = Request((Message("user", words),), priority=1)
    return replace(made, max_tokens=min(most, engine.window // 4))


async def _timed(engine: LocalEngine, batch: list[Request]) -> tuple[float, int, int]:
    begun = time.perf_counter()
    usage = [reply.usage for reply in await asyncio.gather(*(engine.complete(request) for request in batch))]
    seconds = time.perf_counter() - begun
    return seconds, sum(u.prompt - u.cached for u in usage), sum(u.completion for u in usage)
