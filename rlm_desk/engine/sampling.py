"""How the next token is drawn: greedy over all rows at once in numpy, everything else by llama.cpp's sampler chains.

A top-k stage comes first in every chain: over a vocabulary of 150,000 tokens top-p alone costs 8 ms a token, after
top-k nothing.
"""

import contextlib
from typing import Any

import llama_cpp as lc
import numpy as np
from numpy.typing import NDArray

CONFIDENCE_VOCABULARY = 16384
"""Up to this size the drawn tokens' probabilities are computed; above it they would cost as much as the drawing."""


class Sampler:
    """One reply's sampler chain; None inside means greedy."""

    def __init__(self, temperature: float, top_k: int, top_p: float, min_p: float, seed: int) -> None:
        self._chain: Any = None
        if temperature <= 0.0:
            return
        self._chain = lc.llama_sampler_chain_init(lc.llama_sampler_chain_default_params())
        if top_k > 0:
            lc.llama_sampler_chain_add(self._chain, lc.llama_sampler_init_top_k(top_k))
        if 0.0 < top_p < 1.0:
            lc.llama_sampler_chain_add(self._chain, lc.llama_sampler_init_top_p(top_p, 1))
        if min_p > 0.0:
            lc.llama_sampler_chain_add(self._chain, lc.llama_sampler_init_min_p(min_p, 1))
        lc.llama_sampler_chain_add(self._chain, lc.llama_sampler_init_temp(temperature))
        lc.llama_sampler_chain_add(self._chain, lc.llama_sampler_init_dist(seed & 0xFFFFFFFF))

    @property
    def greedy(self) -> bool:
        """Whether the likeliest token is taken."""
        return self._chain is None

    def draw(self, context: Any, index: int) -> int:
        """Draw from the logits of the batch's token `index`."""
        return int(lc.llama_sampler_sample(self._chain, context, index))

    def close(self) -> None:
        """Free the chain; safe to call twice."""
        if self._chain is not None:
            chain, self._chain = self._chain, None
            lc.llama_sampler_free(chain)

    def __del__(self) -> None:
        with contextlib.suppress(Exception):  # at interpreter exit the library may be gone
            self.close()


def greedy_rows(logits: NDArray[np.float32]) -> tuple[list[int], list[float], list[bool]]:
    """For logits of shape (rows, vocabulary): likeliest tokens, their probabilities, whether each row is sane.

    Probabilities are 1.0 where the vocabulary is too large for them to be cheap.
    """
    best = logits.argmax(axis=1)
    top = logits[np.arange(len(logits)), best]
    sane = np.isfinite(top)
    if logits.shape[1] <= CONFIDENCE_VOCABULARY:
        with np.errstate(all="ignore"):
            sums = np.exp(logits - top[:, None]).sum(axis=1)
            probability = np.nan_to_num(1.0 / sums).tolist()
    else:
        probability = [1.0] * len(logits)
    return best.tolist(), probability, sane.tolist()
