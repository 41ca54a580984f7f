"""A run says which bars it reached, and compares only like with like."""

from dataclasses import replace

from rlm_desk.bench.bars import bars
from rlm_desk.bench.rows import AGAIN, Report, Row

ENGINE = Row("engine, 2 x 1 threads", 16, 2.0, 4.0, 900, 100, 96, 0.05)
SECOND = Row(f"engine, {AGAIN}", 16, 1.0, 2.0, 100, 900, 96, 0.05)
SERIAL = Row("serial Llama", 1, 7.0, 14.0, 0, 0, 96)
SERVER = Row("llama-server", 16, 1.8, 3.6, 900, 100, 96)
MEMORY = (200 << 20, 150 << 20, 40 << 20, 768 << 20)
REPORT = Report(
    "tiny",
    "four calls",
    4,
    24,
    2,
    5,
    0.0,
    200 << 20,
    150 << 20,
    40 << 20,
    768 << 20,
    (ENGINE, SECOND, SERIAL, SERVER),
    (),
    0.5,
)


def test_each_bar_is_held_against_its_own_figure() -> None:
    serial, server, second, outside = bars(REPORT)
    assert (serial.value, serial.bar, serial.holds) == (3.5, 3.0, True)
    assert (server.value, server.bar, server.holds) == (0.9, 1.0, False)
    assert (second.value, second.holds) == (1.0, True)  # twice as fast, and half of it was prefill
    assert (outside.value, outside.bar, outside.holds) == (0.05, 0.1, True)
    assert "MISSED: times as fast as llama-server 0.90 (at least 1.00, goal 1.30)" in REPORT.table()


def test_the_serial_class_is_beside_what_no_scheduling_can_pass() -> None:
    assert next(bars(REPORT)).what == "times as fast as the serial class (7.00 if replies took no time)"
    assert next(bars(replace(REPORT, prefill_share=0.0))).what == "times as fast as the serial class"


def test_a_program_that_wrote_less_is_not_compared() -> None:
    brief = replace(REPORT, rows=(ENGINE, replace(SERIAL, completion=4)))
    assert [bar.what for bar in bars(brief)] == ["of a step spent outside llama.cpp at 16 slots:"]


def test_a_large_model_has_its_own_bars() -> None:
    serial, server, _second, outside = bars(replace(REPORT, small=False))
    assert (serial.bar, serial.goal, server.goal, outside.bar) == (1.0, 0.0, 0.0, 0.01)
    assert not outside.holds


def test_memory_is_what_was_planned_and_what_was_kept_besides() -> None:
    foreseen = "memory: planned 150 MiB, and 40 kept of what was read (at most 768)"
    assert f"{foreseen}; measured 200 MiB, 95% of it foreseen" in REPORT.table()
    unknown = replace(REPORT, memory=0)
    assert f"{foreseen}\n" in unknown.table() + "\n"
