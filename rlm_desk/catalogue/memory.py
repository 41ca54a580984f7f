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


def total_bytes() -> int | None:
    """Bytes of ordinary memory the machine has; None where this system does not say."""
    if sys.platform == "win32":
        return _windows_status(total=True)
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
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
    """Free, inactive and purgeable pages, which macOS gives away without swapping; half the machine if it won't say."""
    total = total_bytes()
    try:
        pages = _mach_pages(ctypes.CDLL(None))
    except (OSError, AttributeError):
        pages = 0
    return pages * os.sysconf("SC_PAGE_SIZE") if pages else total // 2 if total else None


def _mach_pages(libc: ctypes.CDLL) -> int:
    """`host_statistics64`: the first counts are 32 bits wide, and purgeable comes after nine of 64."""
    statistics = (ctypes.c_uint32 * 64)()
    count = ctypes.c_uint32(len(statistics))
    libc.mach_host_self.restype = ctypes.c_uint32
    if libc.host_statistics64(libc.mach_host_self(), 4, statistics, ctypes.byref(count)):
        return 0
    free, _, inactive, _ = statistics[:4]
    return int(free + inactive + statistics[22])


def _windows() -> int | None:
    return _windows_status()


def _windows_status(total: bool = False) -> int | None:
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
    return int(status.total if total else status.free)
