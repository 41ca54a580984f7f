"""One budget for a run's whole tree: every node draws from it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from rlm_desk.completion import Usage
from rlm_desk.errors import BudgetExceeded
from rlm_desk.events import BudgetLimits

LOW = 0.8
"""The share of a limit past which the model is told."""


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of one limit."""

    what: str
    left: float
    limit: float


class Budget:
    """Counts what a run spends. Turns are counted per node, by the loop."""

    def __init__(self, limits: BudgetLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self.subcalls = 0
        self.tokens = 0
        self._clock = clock
        self._started = clock()
        self._told: set[str] = set()

    @property
    def seconds_left(self) -> float:
        return self.limits.seconds - (self._clock() - self._started)

    def take(self, subcalls: int) -> None:
        """Reserve sub-calls, all or none.

        Raises:
            BudgetExceeded: fewer are left.
        """
        if self.subcalls + subcalls > self.limits.subcalls:
            raise BudgetExceeded("subcalls", self.limits.subcalls)
        self.subcalls += subcalls

    def give_back(self, subcalls: int) -> None:
        """Return reserved sub-calls that were never sent."""
        self.subcalls -= subcalls

    def charge(self, usage: Usage) -> None:
        """Count the tokens of a finished completion; tokens whose KV was reused cost nothing."""
        self.tokens += usage.prompt - usage.cached + usage.completion

    def check(self) -> None:
        """Raises BudgetExceeded when tokens or seconds are used up. Asked before every completion."""
        if self.tokens >= self.limits.tokens:
            raise BudgetExceeded("tokens", self.limits.tokens)
        if self.seconds_left <= 0:
            raise BudgetExceeded("seconds", self.limits.seconds)

    def newly_low(self) -> list[Left]:
        """Limits that passed the threshold since the last call, each told once."""
        spent = {
            "subcalls": (self.subcalls, self.limits.subcalls),
            "tokens": (self.tokens, self.limits.tokens),
            "seconds": (self.limits.seconds - self.seconds_left, self.limits.seconds),
        }
        low = [
            Left(what, limit - used, limit)
            for what, (used, limit) in spent.items()
            if used >= LOW * limit and what not in self._told
        ]
        self._told.update(item.what for item in low)
        return low
