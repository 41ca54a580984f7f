"""What a locked worker tries on itself before anything of a stranger's arrives. Standard library and ctypes only."""

import _socket  # `socket` itself costs 4 ms of a worker's start
import ctypes
import errno
import mmap
import os
import sys
from collections.abc import Callable


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
    "executable memory": _executable_memory,
    "inherited descriptor": _descriptors,
}
"""Each raises when it is refused."""
