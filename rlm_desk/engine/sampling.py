"""How the next token is drawn: greedy over all rows at once in numpy, everything else by llama.cpp's sampler chains.

A grammar is not asked about the whole vocabulary: the token is drawn freely first, and only where the grammar refuses
that one are the likeliest candidates checked, then, if it must be, all (9.6 ms a token at 150,000). Likewise a chain
begins with top-k where there is one: top-p alone costs 8 ms a token.
"""

import contextlib
from collections.abc import Mapping
from typing import Any

import llama_cpp as lc
import numpy as np
from numpy.typing import NDArray

from rlm_desk.engine.candidates import Candidates
from rlm_desk.engine.grammar import Grammar

CONFIDENCE_VOCABULARY = 16384
"""Up to this size the drawn tokens' probabilities are computed; above it they would cost as much as the drawing."""
LIKELIEST = 1024
"""Candidates a grammar is asked about before the whole vocabulary."""


class NothingAllowed(Exception):
    """The grammar allows none of the vocabulary's tokens here."""


class Sampler:
    """One reply's way of drawing: a chain of samplers, a grammar, both or neither (greedy)."""

    def __init__(self, sampling: Mapping[str, Any], vocabulary: int, grammar: Grammar | None = None) -> None:
        """`sampling` holds fields of `completion.Sampling`; those that are missing do nothing."""
        self._vocabulary = vocabulary
        self._grammar = grammar
        self._top_k = int(sampling.get("top_k", 0))
        self._chain = _chain(sampling, vocabulary)

    @property
    def greedy(self) -> bool:
        """Whether simply the likeliest token is taken."""
        return self._chain is None and self._grammar is None

    @property
    def certain(self) -> bool:
        """Whether no dice are thrown: the likeliest of what a grammar allows is taken."""
        return self._chain is None

    def draw(self, row: NDArray[np.float32], best: int, candidates: Candidates, free: bool = False) -> int:
        """Draw from one row of logits, whose likeliest token is `best`. `free`: the grammar has no say here.

        Raises:
            NothingAllowed: the grammar has no way on.
        """
        grammar = None if free else self._grammar
        token = best if self._chain is None else self._pick(candidates.all(row))
        if grammar is not None and not grammar.allows(token):
            token = self._constrained(row, candidates, grammar)
        if self._chain is not None:
            lc.llama_sampler_accept(self._chain, token)
        if grammar is not None:
            grammar.accept(token)
        return token

    def close(self) -> None:
        """Free what llama.cpp holds; safe to call twice."""
        if self._chain is not None:
            chain, self._chain = self._chain, None
            lc.llama_sampler_free(chain)
        if self._grammar is not None:
            self._grammar.close()

    def __del__(self) -> None:
        with contextlib.suppress(Exception):  # at interpreter exit the library may be gone
            self.close()

    def _pick(self, candidates: Any) -> int:
        lc.llama_sampler_apply(self._chain, candidates)
        return int(candidates.contents.data[candidates.contents.selected].id)

    def _constrained(self, row: NDArray[np.float32], candidates: Candidates, grammar: Grammar) -> int:
        """Draw among what the grammar allows."""
        for size in (min(LIKELIEST, self._vocabulary), self._vocabulary):
            grammar.filter(candidates.likeliest(row, size))
            allowed = candidates.keep_allowed()
            if size == self._vocabulary or allowed >= max(1, self._top_k):
                break
        if not allowed:
            raise NothingAllowed
        return candidates.first if self._chain is None else self._pick(candidates.array)


def _chain(sampling: Mapping[str, Any], vocabulary: int) -> Any:
    """A sampler chain in llama.cpp's usual order; None for plain greedy."""
    temperature = float(sampling.get("temperature", 0.0))
    repeat = float(sampling.get("repeat_penalty", 1.0))
    frequency = float(sampling.get("frequency_penalty", 0.0))
    presence = float(sampling.get("presence_penalty", 0.0))
    bias = [(int(token), float(value)) for token, value in sampling.get("logit_bias", ())]
    penalties = repeat != 1.0 or frequency != 0.0 or presence != 0.0
    if temperature <= 0.0 and not penalties and not bias:
        return None
    stages = []
    if bias := [(token, value) for token, value in bias if 0 <= token < vocabulary]:
        entries = (lc.llama_logit_bias * len(bias))(*(lc.llama_logit_bias(token, value) for token, value in bias))
        stages.append(lc.llama_sampler_init_logit_bias(vocabulary, len(bias), entries))
    if penalties:
        last = int(sampling.get("penalty_last", 64))
        stages.append(lc.llama_sampler_init_penalties(vocabulary, last, repeat, frequency, presence))
    if temperature <= 0.0:
        stages.append(lc.llama_sampler_init_greedy())
    else:
        top_k, top_p = int(sampling.get("top_k", 0)), float(sampling.get("top_p", 1.0))
        min_p = float(sampling.get("min_p", 0.0))
        if top_k > 0:
            stages.append(lc.llama_sampler_init_top_k(top_k))
        if 0.0 < top_p < 1.0:
            stages.append(lc.llama_sampler_init_top_p(top_p, 1))
        if min_p > 0.0:
            stages.append(lc.llama_sampler_init_min_p(min_p, 1))
        stages.append(lc.llama_sampler_init_temp(temperature))
        stages.append(lc.llama_sampler_init_dist(int(sampling.get("seed", 0)) & 0xFFFFFFFF))
    chain = lc.llama_sampler_chain_init(lc.llama_sampler_chain_default_params())
    for stage in stages:
        lc.llama_sampler_chain_add(chain, stage)
    return chain


def greedy_rows(logits: NDArray[np.float32]) -> tuple[list[int], list[float], list[bool]]:
    """For logits of shape (rows, vocabulary): likeliest tokens, their probabilities, whether each row is sane.

    Probabilities are 1.0 where the vocabulary is too large for them to be cheap, and mean nothing where the row does.
    """
    best = logits.argmax(axis=1)
    top = logits[np.arange(len(logits)), best]
    sane = np.isfinite(top)
    if logits.shape[1] <= CONFIDENCE_VOCABULARY:
        with np.errstate(all="ignore"):
            sums = np.exp(logits - top[:, None]).sum(axis=1)
            probability = (1.0 / sums).tolist()
    else:
        probability = [1.0] * len(logits)
    return best.tolist(), probability, sane.tolist()
