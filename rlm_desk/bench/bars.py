"""What a run was to reach, beside what it reached. Pure.

Seconds are compared within one run only, and only where every program wrote as many tokens.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rlm_desk.bench.rows import Report, Row

ALIKE = 0.95
"""Share of the tokens asked for that a row must have written to be compared."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure and what it was to be."""

    what: str
    value: float
    bar: float
    goal: float = 0.0
    """0 where there is none beyond the bar."""
    most: bool = False
    """The bar is a limit from above."""
    percent: bool = False

    @property
    def holds(self) -> bool:
        return self.value <= self.bar if self.most else self.value >= self.bar

    def describe(self) -> str:
        """One line."""
        value, bar, goal = (f"{n:.1%}" if self.percent else f"{n:.2f}" for n in (self.value, self.bar, self.goal))
        reached = "holds" if self.holds else "MISSED"
        if self.goal and self.value >= self.goal:
            reached = "holds, and the goal too"
        wanted = f"{'at most' if self.most else 'at least'} {bar}{f', goal {goal}' if self.goal else ''}"
        return f"{reached}: {self.what} {value} ({wanted})"


def bars(report: Report) -> Iterator[Bar]:
    """The bars this run can speak of."""
    engine, again = report.row("engine"), report.row("engine", again=True)
    if engine is None:
        return
    short = report.small
    if (serial := report.row("serial")) and _alike(report, engine, serial):
        ratio = serial.seconds / engine.seconds
        what = "times as fast as the serial class"
        if report.prefill_share:  # both compute every prompt token alike: only replies can be made cheaper
            what += f" ({ratio / report.prefill_share:.2f} if replies took no time)"
        yield Bar(what, ratio, *((3.0, 4.0) if short else (1.0,)))
    if (server := report.row("llama-server")) and server.slots == engine.slots and _alike(report, engine, server):
        yield Bar("times as fast as llama-server", server.seconds / engine.seconds, 1.0, 1.3 if short else 0.0)
    if again and report.prefill_share and _alike(report, engine, again):
        possible = 1 / (1 - min(report.prefill_share, 0.99))
        reached = engine.seconds / again.seconds
        what = f"a second question, of the {possible:.2f}x that skipping the prefill allows ({reached:.2f}x):"
        yield Bar(what, reached / possible, 0.8, percent=True)
    limit = 0.10 if short else 0.01
    yield Bar(
        f"of a step spent outside llama.cpp at {engine.slots} slots:", engine.overhead, limit, most=True, percent=True
    )


def _alike(report: Report, *rows: Row) -> bool:
    return all(row.completion >= ALIKE * report.calls * report.answer for row in rows)
