"""Processor time of another process: on a machine that is busy with other things it says more than the clock."""

import os
from pathlib import Path


def cpu_seconds(pid: int | None) -> float:
    """Seconds all threads of a process have computed so far; 0.0 where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return 0.0


def memory_bytes(pid: int | None) -> int:
    """Memory a process holds, mapped files (the weights) included once; 0 where the system does not say."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))
    except (OSError, ValueError, StopIteration):
        return 0
