"""The same requests through llama-cpp-python's own `Llama`, one after the other: what the engine is compared with.

Runs in a process of its own (`python -m rlm_desk.bench.serial`): a JSON object on standard input, one on standard
output. `Llama` keeps the beginning that a prompt shares with the one before, and gets the same kind of attention,
threads, micro-batch and window as the engine.
"""

import json
import os
import sys
import time
from typing import Any


def main() -> None:
    """Read {model, window, threads, micro_batch, flash_attention, gpu_layers, rounds: [[{prompt, max_tokens}]]}; write
    seconds and tokens of each round."""
    job: dict[str, Any] = json.load(sys.stdin)
    import llama_cpp

    llama = llama_cpp.Llama(
        model_path=job["model"],
        n_ctx=job["window"],
        n_batch=job["micro_batch"],
        n_ubatch=job["micro_batch"],
        n_threads=job["threads"],
        n_threads_batch=job["threads"],
        n_gpu_layers=job["gpu_layers"],
        flash_attn=job["flash_attention"],
        verbose=False,
    )
    rounds = []
    for asked in job["rounds"]:
        begun, computed, tokens = time.perf_counter(), sum(os.times()[:2]), 0
        for request in asked:
            prompt = llama.tokenize(request["prompt"].encode(), add_bos=False, special=True)
            reply: Any = llama.create_completion(prompt, max_tokens=request["max_tokens"], temperature=0.0)
            tokens += reply["usage"]["completion_tokens"]
        rounds.append(
            {
                "seconds": time.perf_counter() - begun,
                "cpu": sum(os.times()[:2]) - computed,
                "completion": tokens,
            }
        )
    json.dump(rounds, sys.stdout)


if __name__ == "__main__":
    main()
