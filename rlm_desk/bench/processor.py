"""Processor time of other processes: on a machine that is busy with other things it says more than the clock."""

import os
from collections.abc import Iterable
from pathlib import Path


def cpu_seconds(pids: Iterable[int]) -> float:
    """Seconds all threads of some processes have computed so far; 0.0 where the system does not say."""
    return sum(_cpu(pid) for pid in pids)


def memory_bytes(pids: Iterable[int]) -> int:
    """Memory some processes hold, mapped files included in each; 0 where the system does not say."""
    return sum(_memory(pid) for pid in pids)


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return 0.0


def _memory(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))
    except (OSError, ValueError, StopIteration):
        return 0
