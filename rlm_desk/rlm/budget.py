"""One budget for a run's whole tree: every node draws from it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from rlm_desk.completion import Usage
from rlm_desk.errors import AnswerNow, BudgetExceeded
from rlm_desk.events import BudgetLimits

LOW = 0.8
"""The share of a limit past which the model is told."""
GRACE = 2.0
"""Seconds that sub-calls under way have to end once the person wants an answer with what there is."""


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
        self._going = asyncio.Event()
        self._going.set()
        self._paused_at = 0.0
        self._deadlines: dict[asyncio.Timeout, bool] = {}
        """Of the completions under way, and whether each is finishing."""
        self.hurried = False
        """The person wants an answer with what there is."""
        self._hurried_at = 0.0
        self.on_spent: Callable[[str, float, float], None] | None = None
        """Called with what ran out, its limit and what is needed, while somebody watches who can raise it."""
        self.refused: BudgetExceeded | None = None
        """The last sub-calls that a node was refused, where none were made since: what it answers lacks them."""
        self._asked: asyncio.Future[bool] | None = None
        self._needed: tuple[str, int] = ("", 0)

    @property
    def seconds_left(self) -> float:
        now = self._clock() if self._going.is_set() else self._paused_at
        return self.limits.seconds - (now - self._started)

    # what a person can do meanwhile

    @property
    def paused(self) -> bool:
        """Nothing new is asked."""
        return not self._going.is_set()

    def pause(self) -> None:
        """Ask nothing new until `resume`; what is being decoded is finished. Time stands still meanwhile."""
        if not self.paused:
            self._paused_at = self._clock()
            self._going.clear()
            self._move_deadlines()

    def resume(self) -> None:
        """Go on."""
        if self.paused:
            self._started += self._clock() - self._paused_at
            self._going.set()
            self._move_deadlines()

    async def going(self) -> None:
        """Wait while it is paused."""
        await self._going.wait()

    def hurry(self) -> None:
        """Let every node finish with what it has; what is under way has a moment to end, and is dropped after it."""
        if not self.hurried:
            self.hurried, self._hurried_at = True, self._clock()
        self._answer(False)
        self.resume()
        self._move_deadlines()

    def enlarge(self, factor: float) -> BudgetLimits:
        """Allow more sub-calls, turns, tokens and seconds; what was said to run low may be said again.

        Of what ran out at least as much is allowed as is needed to go on.
        """
        old = self.limits
        what, needed = self._needed
        self.limits = old.model_copy(
            update={
                "subcalls": max(round(old.subcalls * factor), needed if what == "subcalls" else 0),
                "turns": max(round(old.turns * factor), needed if what == "turns" else 0),
                "tokens": round(old.tokens * factor),
                "seconds": old.seconds * factor,
            }
        )
        self._told.clear()
        self._answer(True)
        self._move_deadlines()
        return self.limits

    @asynccontextmanager
    async def deadline(self, finishing: bool = False) -> AsyncIterator[None]:
        """Ends what is inside when the seconds are used up; pausing and raising the budget move that moment.

        Raises:
            AnswerNow: the person wants an answer with what there is, and this is not what gives it.
            BudgetExceeded: the seconds are used up.
        """
        try:
            async with asyncio.timeout(None) as limit:
                self._deadlines[limit] = finishing
                self._move_deadlines()
                try:
                    yield
                finally:
                    del self._deadlines[limit]
        except TimeoutError:
            if limit.expired():
                if self.hurried and not finishing:
                    raise AnswerNow from None
                raise BudgetExceeded("seconds", self.limits.seconds) from None
            raise

    def _move_deadlines(self) -> None:
        if not self._deadlines:
            return
        now = asyncio.get_running_loop().time()
        grace = GRACE - (self._clock() - self._hurried_at)
        for limit, finishing in self._deadlines.items():
            left = min(self.seconds_left, grace) if self.hurried and not finishing else self.seconds_left
            if not limit.expired():
                limit.reschedule(None if self.paused else now + max(left, 0.01))

    @property
    def asking(self) -> bool:
        """It ran out, and rests until the person has said what to do."""
        return self._asked is not None

    async def more(self, what: str, needed: float = 0.0) -> bool:
        """Something ran out. True when the person allowed more; at once False where nobody watches.

        The run rests meanwhile: nothing new is asked, and time stands still.
        """
        if self.on_spent is None or self.hurried:
            return False
        if self._asked is None:
            self._asked = asyncio.get_running_loop().create_future()
            self._needed = (what, round(needed))
            self.pause()
            limit = float(getattr(self.limits, what))
            self.on_spent(what, limit, needed or limit)
        # Shielded: several nodes wait for the one answer, and one of them may be stopped.
        return await asyncio.shield(self._asked)

    def _answer(self, go_on: bool) -> None:
        """The person has said what to do about what ran out."""
        if self._asked is not None:
            asked, self._asked, self._needed = self._asked, None, ("", 0)
            self.resume()
            if not asked.done():
                asked.set_result(go_on)

    async def another_turn(self, taken: int) -> bool:
        """Whether a node that took so many turns has another, after asking the person where it has not."""
        while taken >= self.limits.turns:
            if not await self.more("turns", taken + 1):
                return False
        return True

    async def afford(self, subcalls: int) -> None:
        """`take`, after asking the person for more where it is not enough. Raises BudgetExceeded."""
        while True:
            try:
                self.take(subcalls)
                return
            except BudgetExceeded:
                if not await self.more("subcalls", self.subcalls + subcalls):
                    raise

    async def checked(self, finishing: bool = False) -> None:
        """`check`, after asking the person for more where something is used up. Raises BudgetExceeded."""
        while True:
            try:
                self.check(finishing)
                return
            except AnswerNow:
                raise
            except BudgetExceeded as spent:
                if not await self.more(spent.what):
                    raise

    def take(self, subcalls: int) -> None:
        """Reserve sub-calls, all or none.

        Raises:
            BudgetExceeded: fewer are left.
        """
        if self.subcalls + subcalls > self.limits.subcalls:
            raise BudgetExceeded("subcalls", self.limits.subcalls, used=self.subcalls, needed=subcalls)
        self.subcalls += subcalls
        self.refused = None

    def give_back(self, subcalls: int) -> None:
        """Return reserved sub-calls that were never sent."""
        self.subcalls -= subcalls

    def charge(self, usage: Usage) -> None:
        """Count the tokens of a finished completion; tokens whose KV was reused cost nothing."""
        self.tokens += usage.prompt - usage.cached + usage.completion

    def check(self, finishing: bool = False) -> None:
        """Raises BudgetExceeded when tokens or seconds are used up. Asked before every completion.

        When the person wants an answer now only what is `finishing` is still asked.
        """
        if self.hurried and not finishing:
            raise AnswerNow()
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
