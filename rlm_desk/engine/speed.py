"""Measured speed: what the desk's forecasts rest on, and what sizes a prefill chunk so that a step stays short."""

from rlm_desk.engine.jobs import Feed

STEP_SECONDS = 0.25
"""A step should not take longer: cancelling and streaming wait for it. It does on a machine that reads fewer than 256
tokens of prompt a second, where LEAST are fed."""

TILE = 64
"""Rows of a prompt that llama.cpp's flash attention computes together on a CPU. Fewer go row by row, and those that are
left over cost a whole tile (measured at desk-tiny's size, tokens a processor second: 48 rows a step 1,840, 64 3,590,
100 3,020, 120 4,230, 1,024 3,990)."""
LEAST = TILE
"""Prompt tokens of a step at least, however slow the model. At 0.6B, behind 3,072 tokens, a processor second reads 13
tokens in steps of 32, and 38 in steps of 64: shorter steps of a slow model would never be made up for."""


class Speed:
    """Moving averages over recent steps. Steps that only feed prompts measure prefill, others decoding."""

    def __init__(self) -> None:
        self.prefill = 0.0
        """Prompt tokens a second, all slots together; 0 until measured."""
        self.decode = 0.0
        """Drawn tokens a second, all slots together; 0 until measured."""
        self.steps = 0
        self._outside = self._whole = 0.0

    @property
    def overhead(self) -> float:
        """Share of the time of the last hundred steps or so spent outside llama.cpp, 0..1."""
        return self._outside / self._whole if self._whole else 0.0

    @property
    def chunk(self) -> int:
        """Prompt tokens that fit a step: whole tiles, and one at least."""
        fitting = int(self.prefill * STEP_SECONDS) if self.prefill else 256
        return max(LEAST, fitting - fitting % TILE)

    def long(self, feeds: list[Feed]) -> bool:
        """Whether a step of prompts takes longer than it should; not known before the first."""
        tokens = sum(feed.count for feed in feeds)
        return tokens > len(feeds) and tokens > self.prefill * STEP_SECONDS

    def record(self, feeds: list[Feed], computing: float, whole: float) -> None:
        """Take in one step: its feeds, seconds inside llama.cpp, seconds in all."""
        tokens = sum(feed.count for feed in feeds)
        if not tokens or whole <= 0:
            return
        self.steps += 1
        self._outside = 0.99 * self._outside + whole - computing
        self._whole = 0.99 * self._whole + whole
        if tokens == len(feeds):
            self.decode = _mean(self.decode, tokens / whole)
        elif tokens >= 32:
            self.prefill = _mean(self.prefill, tokens / whole)


def _mean(old: float, new: float) -> float:
    return new if not old else old + 0.1 * (new - old)
