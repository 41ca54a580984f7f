"""Landlock: a second layer that takes paths and TCP away in kernel hooks. Standard library and ctypes only."""

import ctypes
import os
import struct
from collections.abc import Iterable

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_FLAG, PATH_BENEATH, NET_PORT = 1, 1, 2
CONNECT_TCP = 2

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15
_NEW_BITS = ((2, 1 << 13), (3, TRUNCATE), (5, IOCTL_DEV))
_READING = READ_FILE | READ_DIR


def abi() -> int:
    """The kernel's Landlock version; 0 where it has none, or where an outer sandbox hides it."""
    return max(_call(CREATE_RULESET, None, 0, VERSION_FLAG), 0)


def restrict(*, read_paths: bool, writable: Iterable[str] = (), port: int = 0) -> str:
    """Restrict this process for good.

    Args:
        read_paths: leave opening files for reading as it is, and forbid the rest; else forbid every path.
        writable: files and folders that may still be written and, where they are devices, controlled.
        port: the one TCP port that may be connected to; 0 for none.

    Returns what this kernel's version covers, in words. Raises OSError where Landlock is missing.
    """
    version = abi()
    if not version:
        raise OSError("this kernel has no Landlock, or it is switched off")
    handled = (1 << 13) - 1
    for since, bit in _NEW_BITS:
        handled |= bit if version >= since else 0
    if read_paths:
        handled &= ~_READING
    network = 3 if version >= 4 else 0
    scoped = 3 if version >= 6 else 0
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    attributes = struct.pack("=QQQ", handled, network, scoped)[:size]
    ruleset = _call(CREATE_RULESET, attributes, size, 0)
    if ruleset < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    try:
        for path in writable:
            _allow(ruleset, path, handled)
        if port and network:
            rule = struct.pack("=QQ", CONNECT_TCP, port)
            if _call(ADD_RULE, ruleset, NET_PORT, rule, 0) < 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        if _call(RESTRICT_SELF, ruleset, 0) < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    finally:
        os.close(ruleset)
    what = ["files" if version >= 3 else "files but truncation"]
    what += [f"TCP but to port {port}" if port else "TCP"] * bool(network) + ["signals and abstract sockets"] * bool(
        scoped
    )
    return ", ".join(what)


def _allow(ruleset: int, path: str, handled: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return  # a device this machine does not have
    try:
        folder = os.path.isdir(path)  # noqa: PTH112 (pathlib is not needed in a worker)
        rights = handled if folder else handled & (WRITE_FILE | TRUNCATE | IOCTL_DEV | READ_FILE | EXECUTE)
        rule = struct.pack("=Qi", rights & ~EXECUTE, fd)  # packed: 12 bytes
        if _call(ADD_RULE, ruleset, PATH_BENEATH, rule, 0) < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    finally:
        os.close(fd)


def _call(number: int, *arguments: int | bytes | None) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    wrapped = [
        ctypes.c_long(value) if isinstance(value, int) else ctypes.c_void_p(None) if value is None else _pointer(value)
        for value in arguments
    ]
    return int(libc.syscall(ctypes.c_long(number), *wrapped))


def _pointer(raw: bytes) -> ctypes.Array[ctypes.c_char]:
    return ctypes.create_string_buffer(raw, len(raw))
