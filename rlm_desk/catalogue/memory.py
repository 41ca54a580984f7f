"""How much memory is free now, and how many processor cores there are to compute with."""

import ctypes
import os
import sys
from pathlib import Path


def free_bytes() -> int | None:
    """Bytes a new process could use now without pushing others out; None where this system does not say."""
    if sys.platform == "linux":
        return _linux()
    if sys.platform == "darwin":
        return _darwin()
    if sys.platform == "win32":
        return _windows()
    return None


def cores() -> int:
    """Physical cores this process may run on: two threads of one core do not compute faster than one."""
    try:
        allowed = os.sched_getaffinity(0)
    except AttributeError:
        return max(1, os.cpu_count() or 1)
    siblings = set()
    for number in allowed:
        try:
            listed = Path(f"/sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list").read_text("ascii")
        except OSError:
            listed = str(number)
        siblings.add(listed.strip())
    return max(1, len(siblings))


def _linux() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        available = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError, IndexError):
        return None
    try:  # a container's own limit, where there is one
        limit = int(Path("/sys/fs/cgroup/memory.max").read_text("ascii"))
        used = int(Path("/sys/fs/cgroup/memory.current").read_text("ascii"))
    except (OSError, ValueError):
        return available
    return min(available, max(0, limit - used))


def _darwin() -> int | None:
    """Half of what the machine has: macOS gives memory back under pressure, and its free count says little."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (ValueError, OSError):
        return None


def _windows() -> int | None:
    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "free", "page", "page_free", "all", "all_free", "more")),
        )

    status = Status()
    status.length = ctypes.sizeof(status)
    kernel = getattr(ctypes, "windll", None)
    if kernel is None or not kernel.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None
    return int(status.free)
