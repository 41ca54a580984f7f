"""Lock this process, for good, to what its policy allows. Runs inside a worker: standard library and ctypes only."""

import ctypes
import os
import resource
import sys
from collections.abc import Callable

from rlm_desk.confine.policies import Policy

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
SIGKILL = 9

LayerReport = dict[str, str]
"""`{"name": ..., "state": "on" | "partial" | "off", "reason": ...}`, as the "ready" frame carries it."""


def lock(policy: Policy, address_space: int | None = None) -> list[LayerReport]:
    """Apply `policy` to this process: call it once, after every import and before any stranger's byte.

    Returns the layers for the "ready" frame. Raises nothing for a layer this machine lacks: the host decides, from
    the report, whether that is enough.
    """
    layers = [_limits(policy, address_space)]
    if sys.platform == "linux":
        layers.append(_no_new_privs())
        die_with_parent()
    layers.append({"name": "syscalls", "state": "off", "reason": "not built yet"})
    return layers


def die_with_parent() -> None:
    """Linux: ask the kernel to SIGKILL this process when the thread that started it ends."""
    _prctl(PR_SET_PDEATHSIG, SIGKILL)


def _limits(policy: Policy, address_space: int | None) -> LayerReport:
    limits = policy.limits
    wanted = (
        ("RLIMIT_CORE", 0),
        ("RLIMIT_AS", address_space or limits.address_space),
        ("RLIMIT_NOFILE", limits.open_files),
        ("RLIMIT_FSIZE", limits.file_bytes),
        ("RLIMIT_NPROC", limits.processes),
        ("RLIMIT_CPU", limits.cpu_seconds),
    )
    missing: list[str] = []
    for name, value in wanted:
        number = getattr(resource, name, None)
        if value is None:
            continue
        try:
            if number is None:
                raise OSError("unknown here")
            hard = resource.getrlimit(number)[1]
            soft = value if hard < 0 else min(value, hard)
            # The hard limit on memory stays: the host raises the soft one when a spare gets a large context.
            resource.setrlimit(number, (soft, hard if name == "RLIMIT_AS" else soft))
        except (OSError, ValueError) as problem:
            missing.append(f"{name}: {problem}")
    if missing:
        return {"name": "limits", "state": "partial", "reason": "; ".join(missing)}
    return {"name": "limits", "state": "on", "reason": ""}


def _no_new_privs() -> LayerReport:
    try:
        _prctl(PR_SET_NO_NEW_PRIVS, 1)
    except OSError as problem:
        return {"name": "no_new_privs", "state": "off", "reason": str(problem)}
    return {"name": "no_new_privs", "state": "on", "reason": ""}


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    call: Callable[..., int] = libc.prctl
    zero = ctypes.c_ulong(0)
    if call(ctypes.c_int(option), ctypes.c_ulong(value), zero, zero, zero) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
