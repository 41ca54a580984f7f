"""Checks that llama.cpp agrees with the recipe: the same token ids for the same text, the same logits for the same ids.

Needs both torch's environment and llama-cpp-python, so it takes two runs: `python parity.py dump CHECKPOINT FILE` with
torch, then `python parity.py compare MODEL FILE` with llama.cpp.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

HERE = Path(__file__).parent


def dump(checkpoint: str, out: str) -> None:
    import torch
    from model import Shape, Tiny
    from tokenizer import Codec, sample

    from rlm_desk.demo import contract, layout

    codec = Codec(HERE / "tokenizer.json")
    rng = random.Random(5)
    texts = list(sample(rng, 40))
    for _ in range(60):
        texts.append(layout.text(rng, contract.compose(rng, "eval", contract.Manner()), layout.choose(rng)))
    texts += [
        "",
        " ",
        "\n\n",
        "naïve café — “quoted” 12,345.67\t\ttabs   and   blanks  \n",
        "日本語 ✓ don't I'LL",
        "```python\n",
    ]
    saved = torch.load(checkpoint)
    model = Tiny(Shape(**saved["shape"]))
    model.load_state_dict(saved["model"])
    ids = codec.encode(texts[-7])[:300]
    with torch.no_grad():
        states = model(torch.tensor([ids]), torch.arange(len(ids))[None], len(ids))
        logits = model.logits(states)[0, -1].tolist()
    Path(out).write_text(
        json.dumps({"texts": texts, "ids": [codec.encode(t) for t in texts], "probe": ids, "logits": logits})
    )


def compare(model: str, found: str) -> None:
    import llama_cpp
    import numpy as np

    data = json.loads(Path(found).read_text())
    llm = llama_cpp.Llama(model, n_ctx=1024, verbose=False, logits_all=True)
    differ = 0
    for text, ids in zip(data["texts"], data["ids"], strict=True):
        got = llm.tokenize(text.encode(), add_bos=False, special=False)
        differ += got != ids
        if got != ids:
            print("tokens differ:", repr(text[:80]), [llm.detokenize([t]) for t in got][:12])
    llm.eval(data["probe"])
    gap = float(np.abs(np.array(llm.scores[len(data["probe"]) - 1]) - np.array(data["logits"])).max())
    print(f"{len(data['texts'])} texts, {differ} tokenised differently; largest logit gap {gap:.4f}")
    sys.exit(1 if differ or gap > 0.5 else 0)


if __name__ == "__main__":
    {"dump": dump, "compare": compare}[sys.argv[1]](sys.argv[2], sys.argv[3])
