"""What a locked worker tries on itself before anything of a stranger's arrives. Standard library and ctypes only."""

import _socket  # `socket` itself costs 4 ms of a worker's start
import ctypes
import errno
import mmap
import os
import resource
import sys
from collections.abc import Callable

from rlm_desk.confine.numbers import NUMBERS


def report(denied: tuple[str, ...], expected: tuple[str, ...]) -> tuple[dict[str, str], list[str]]:
    """Try everything a policy denies.

    Args:
        denied: names of the attempts.
        expected: those of them that the layers which are up must refuse.

    Returns the layer report, and the attempts that got through although they must not.
    """
    through = [name for name in denied if _succeeds(ATTEMPTS[name])]
    if not through:
        return {"name": "self-test", "state": "on", "reason": f"{', '.join(denied)}: all refused"}, []
    state = "off" if len(through) == len(denied) else "partial"
    layer = {"name": "self-test", "state": state, "reason": f"possible here: {', '.join(through)}"}
    return layer, [name for name in through if name in expected]


def _succeeds(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (OSError, RuntimeError, ValueError):
        return False
    return True


# On macOS a profile must leave the root itself readable.
_PLACE = "/" if sys.platform == "linux" else "/usr"


def _open() -> None:
    os.close(os.open(_PLACE, os.O_RDONLY))


def _stat() -> None:
    os.stat(_PLACE)  # noqa: PTH116 (pathlib is not needed in a worker)


def _write() -> None:
    fd = os.open("/dev/shm" if sys.platform == "linux" else "/tmp", os.O_WRONLY | getattr(os, "O_TMPFILE", 0), 0o600)
    os.close(fd)


def _internet_socket() -> None:
    _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM).close()


def _unix_socket() -> None:
    _socket.socket(_socket.AF_UNIX).close()


def _connect() -> None:
    """On no socket at all: a filter refuses it by its number, before the kernel looks for one."""
    libc = ctypes.CDLL(None, use_errno=True)
    address = ctypes.create_string_buffer(b"\x02\0\0\x09\x7f\0\0\1", 16)  # 127.0.0.1, port 9
    if libc.connect(ctypes.c_int(-1), address, ctypes.c_int(16)) < 0 and ctypes.get_errno() == errno.EPERM:
        raise PermissionError(errno.EPERM, "connect")


def _fork() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _execute() -> None:
    # Where exec is allowed, the kernel looks for the file and says that there is none; that counts as allowed.
    try:
        os.execv("/nonexistent/rlm-desk-self-test", ["x"])
    except FileNotFoundError:
        return


def _signal_parent() -> None:
    os.kill(os.getppid(), 0)


def _limit_parent() -> None:
    resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)


def _slow_parent() -> None:
    """Each of three ways, with what it has already: whoever gets through has changed nothing."""
    parent = os.getppid()
    ways: tuple[Callable[[], object], ...] = (
        lambda: os.setpriority(os.PRIO_PROCESS, parent, os.getpriority(os.PRIO_PROCESS, parent)),
        lambda: os.sched_setaffinity(parent, os.sched_getaffinity(parent)),
        lambda: os.sched_setscheduler(parent, os.sched_getscheduler(parent), os.sched_getparam(parent)),
    )
    if not any(_succeeds(way) for way in ways):
        raise PermissionError(errno.EPERM, "another's priority")


def _outlive_parent() -> None:
    _call("prctl", 1, 9)  # PR_SET_PDEATHSIG, to what it is


def _signal_by_owner() -> None:
    """Any of three settings of a descriptor that have the kernel send signals; none of it does without O_ASYNC."""
    owner = ctypes.create_string_buffer(b"\1\0\0\0" + os.getppid().to_bytes(4, sys.byteorder), 8)
    ways: tuple[Callable[[], object], ...] = (
        lambda: _call("fcntl", 0, 8, os.getppid()),
        lambda: _call("fcntl", 0, 10, 0),
        lambda: _call("fcntl", 0, 15, owner),
    )
    if not any(_succeeds(way) for way in ways):
        raise PermissionError(errno.EPERM, "a descriptor's owner")


def _terminal_input() -> None:
    """On no terminal at all: a filter refuses it by its number, before the kernel looks for one."""
    try:
        _call("ioctl", -1, 0x5412, ctypes.create_string_buffer(1))  # TIOCSTI
    except OSError as problem:
        if problem.errno == errno.EPERM:
            raise


def _priority_lock() -> None:
    _call("futex", ctypes.create_string_buffer(4), 8, 0, None, None, 0)  # FUTEX_TRYLOCK_PI: free, so it is ours


def _call(name: str, *arguments: "int | ctypes.Array[ctypes.c_char] | None") -> None:
    """A system call by its number. Raises OSError as the kernel says."""
    column = {"x86_64": 0, "aarch64": 1}.get(os.uname().machine)
    number = None if column is None else NUMBERS[name][column]
    if number is None:
        raise OSError(errno.ENOSYS, "no numbers for this machine")
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    wrapped = [ctypes.c_long(a) if isinstance(a, int) else ctypes.c_void_p(None) if a is None else a for a in arguments]
    if libc.syscall(ctypes.c_long(number), *wrapped) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _executable_memory() -> None:
    mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def _descriptors() -> None:
    """More than the three standard ones and the channel means that something of the host's was inherited."""
    count = 0
    for fd in range(64):
        try:
            os.fstat(fd)
        except OSError:
            continue
        count += 1
    if count <= 5:
        raise OSError("nothing but the channel")


ATTEMPTS: dict[str, Callable[[], object]] = {
    "open": _open,
    "stat": _stat,
    "write": _write,
    "socket": _internet_socket,
    "unix socket": _unix_socket,
    "connect": _connect,
    "fork": _fork,
    "exec": _execute,
    "signal parent": _signal_parent,
    "limit parent": _limit_parent,
    "slow parent": _slow_parent,
    "outlive parent": _outlive_parent,
    "signal by owner": _signal_by_owner,
    "terminal input": _terminal_input,
    "priority lock": _priority_lock,
    "executable memory": _executable_memory,
    "inherited descriptor": _descriptors,
}
"""Each raises when it is refused."""
