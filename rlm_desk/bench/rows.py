"""What one run measured: rows, the table of them, and JSON. Plain data."""

from dataclasses import asdict, dataclass, field
from typing import Any

AGAIN = "a second question"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: medians over the repeats."""

    what: str
    slots: int
    seconds: float
    cpu: float
    """Processor seconds; 0 where the system does not say."""
    computed: int
    """Prompt tokens that were computed, not reused."""
    cached: int
    completion: int
    """Tokens written."""
    overhead: float = 0.0
    """Share of a step outside llama.cpp."""

    @property
    def tokens_per_second(self) -> float:
        """Prompt and reply tokens delivered a second, reused ones included: the work as the caller sees it."""
        return (self.computed + self.cached + self.completion) / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Rate:
    """Speeds at one number of slots, tokens a second of all slots together; medians over the repeats."""

    slots: int
    prefill: float
    """Fresh prompts, one token drawn from each."""
    decode: float
    """Replies to short prompts, all slots writing."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one run measured."""

    model: str
    workload: str
    calls: int
    answer: int
    """Tokens each reply was to have."""
    threads: int
    repeats: int
    busy: float
    """Load average when it began, per core: above about 0.2 the clock says little."""
    memory: int
    """Bytes the engine's workers held at the end: what is their own, and the mapped weights counted once. 0 where the
    system does not say."""
    planned: int
    """Bytes the planner had foreseen for a start."""
    kept: int
    """Bytes of keys and values they kept besides in ordinary memory, for beginnings that come again."""
    kept_most: int
    """Bytes the planner allows for that."""
    rows: tuple[Row, ...] = ()
    rates: tuple[Rate, ...] = ()
    prefill_share: float = 0.0
    """Of the first question's time at the largest number of slots; 0 where it was not measured."""
    small: bool = True
    """A model so small that the scheduler's own time counts."""
    notes: tuple[str, ...] = field(default=())

    def row(self, begins: str, *, again: bool = False) -> Row | None:
        """The row with the most slots whose name begins so; of the first question, or of the second."""
        found = [row for row in self.rows if row.what.startswith(begins) and row.what.endswith(AGAIN) == again]
        return max(found, key=lambda row: row.slots, default=None)

    def table(self) -> str:
        """For people."""
        from rlm_desk.bench.bars import bars

        lines = [
            f"{self.model}, {self.threads} threads, medians of {self.repeats}: {self.workload}",
            f"{'':<34}{'slots':>6}{'seconds':>9}{'cpu':>8}{'tok/s':>9}{'reused':>8}{'written':>9}{'overhead':>9}"
            f"{'x serial':>9}{'x server':>9}",
        ]
        serial = self.row("serial")
        for row in self.rows:
            ratio = f"{serial.seconds / row.seconds:.2f}" if serial and row.seconds else ""
            server = self.row("llama-server", again=row.what.endswith(AGAIN))
            beside = f"{server.seconds / row.seconds:.2f}" if server and server.slots == row.slots else ""
            known = row.cached + row.computed
            reused = f"{row.cached / known:.0%}" if known else ""
            speed = f"{row.tokens_per_second:.0f}" if known else ""
            lines.append(
                f"{row.what:<34}{row.slots:>6}{row.seconds:>9.2f}{row.cpu:>8.2f}{speed:>9}"
                f"{reused:>8}{row.completion:>9}{row.overhead:>9.1%}{ratio:>9}{beside:>9}"
            )
        if self.rates:
            lines.append(f"{'slots':<22}" + "".join(f"{rate.slots:>9}" for rate in self.rates))
            lines.append(f"{'prefill, tokens/s':<22}" + "".join(f"{rate.prefill:>9.0f}" for rate in self.rates))
            lines.append(f"{'decode, tokens/s':<22}" + "".join(f"{rate.decode:>9.0f}" for rate in self.rates))
        lines.append(self._memory())
        lines += [bar.describe() for bar in bars(self)]
        return "\n".join([*lines, *self.notes])

    def _memory(self) -> str:
        planned, kept, most, held = (n / 2**20 for n in (self.planned, self.kept, self.kept_most, self.memory))
        foreseen = f"planned {planned:.0f} MiB, and {kept:.0f} kept of what was read (at most {most:.0f})"
        if not held:
            return f"memory: {foreseen}"
        return f"memory: {foreseen}; measured {held:.0f} MiB, {(planned + kept) / held:.0%} of it foreseen"

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        from rlm_desk.bench.bars import bars

        return asdict(self) | {"bars": [asdict(bar) | {"holds": bar.holds} for bar in bars(self)]}
