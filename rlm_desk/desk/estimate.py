"""What a run will take on this machine, said before it starts."""

from dataclasses import dataclass

from rlm_desk.completion import Completer, Message
from rlm_desk.corpus import Corpus

SAMPLE = 4_000
"""Characters counted to learn how many a token holds in this text, at each of a few places."""
PLACES = 4
OVERHEAD_TOKENS = 40
"""Question and chat markers around each piece of text a sub-call reads."""
ANSWER_TOKENS = 12
"""Tokens a typed answer takes, on average."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Tokens and seconds to read everything once, which is what an exhaustive question takes."""

    tokens: int
    seconds: float
    """0.0 when this machine's speed is not known yet."""
    calls: int
    basis: str
    """Where the speed comes from, in words."""
    per_token: float = 4.0
    """Characters of these documents that the model takes for one token, on average."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens per second as measured by an engine on this machine."""

    prefill: float
    decode: float


async def chars_per_token(completer: Completer, corpus: Corpus) -> float:
    """Characters a token holds in this corpus, from samples spread over it."""
    if not len(corpus):
        return 4.0
    step = max(len(corpus) // PLACES, 1)
    samples = [corpus.text[start : start + SAMPLE] for start in range(0, len(corpus), step)][:PLACES]
    counts = [await completer.count((Message("user", sample),)) for sample in samples]
    return max(sum(map(len, samples)) / max(sum(counts), 1), 0.1)


def estimate(corpus: Corpus, per_token: float, speed: Speed | None, piece_tokens: int) -> Estimate:
    """Reading all of a corpus once, in documents or pieces of at most `piece_tokens`."""
    sizes = [len(placed.document.text) / per_token for placed in corpus.documents]
    calls = sum(max(1, round(size / piece_tokens + 0.5)) if size > piece_tokens else 1 for size in sizes)
    tokens = int(sum(sizes)) + calls * OVERHEAD_TOKENS
    if speed is None or speed.prefill <= 0 or speed.decode <= 0:
        return Estimate(tokens, 0.0, calls, "the speed of this machine is not measured yet", per_token)
    seconds = tokens / speed.prefill + calls * ANSWER_TOKENS / speed.decode
    return Estimate(tokens, seconds, calls, f"measured here: reading {speed.prefill:,.0f} tokens/s", per_token)
