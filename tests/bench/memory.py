"""Memory of a whole question over a long corpus: every process of `rlm-desk demo`, sampled while it runs.

    python -m tests.bench.memory [--tokens 1M] [--family count] [--seed 71]

Prints the largest sum of proportional set sizes (memory that processes share is counted once), and which process held
how much at that moment. Linux only: it reads /proc.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EVERY = 0.25
"""Seconds between two samples."""


def family(root: int) -> list[int]:
    """A process and its descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # ended since it was listed
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, queue = [], [root]
    while queue:
        pid = queue.pop()
        found.append(pid)
        queue += parents.get(pid, [])
    return found


def held(pid: int) -> tuple[str, int]:
    """What a process is, and its proportional set size in KiB; 0 when it has ended."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return "", 0
    sizes = [int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")]
    return words[-60:].strip(), sum(sizes)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", default="1M")
    parser.add_argument("--family", default="count")
    parser.add_argument("--seed", default="71")
    parser.add_argument("--model", default="")
    chosen = parser.parse_args()
    command = [sys.executable, "-m", "rlm_desk", "demo", "--plain", "--tokens", chosen.tokens]
    command += ["--family", chosen.family, "--seed", chosen.seed, *(["--model", chosen.model] if chosen.model else [])]
    most, shares, began = 0, list[tuple[str, int]](), time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        inside = os.environ | {"RLM_DESK_DATA_DIR": str(Path(place) / "data")}
        said = Path(place) / "said.txt"
        with said.open("w") as out, subprocess.Popen(command, env=inside, stdout=out) as run:
            while run.poll() is None:
                found = [held(pid) for pid in family(run.pid)]
                if (total := sum(size for _, size in found)) > most:
                    most, shares = total, found
                time.sleep(EVERY)
        last = said.read_text().strip().splitlines()[-12:]
    print("\n".join(last))
    print(f"\nmost, all processes: {most / 1024:,.0f} MiB (bar: 1,500), {time.monotonic() - began:.0f} s")
    for words, size in sorted(shares, key=lambda each: -each[1]):
        print(f"  {size / 1024:7,.0f} MiB  {words}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
