"""What this machine is worth, to be read beside every absolute figure: `python -m tests.bench.calibration`.

Two things that nothing of ours has a part in: a loop in Python, which a first frame or a fold scales with, and the
start of a bare Python process, which a worker's start scales with.
"""

import statistics
import subprocess
import sys
import time

STEPS = 1_000_000
TIMES = 7


def loop() -> float:
    """Median milliseconds of processor time for a million additions."""
    taken = []
    for _ in range(TIMES):
        began, total = time.process_time(), 0
        for step in range(STEPS):
            total += step
        taken.append(time.process_time() - began)
    return statistics.median(taken) * 1e3


def start() -> float:
    """Median milliseconds from the start of `python -I -S` to its end."""
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-I", "-S", "-c", ""], check=True)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1e3


def line() -> str:
    """Both in a line."""
    return f"this machine: {loop():.0f} ms for a million additions in Python, {start():.0f} ms to start a bare Python"


if __name__ == "__main__":
    print(line())
