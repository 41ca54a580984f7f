"""Lock this process, for good, to what its policy allows. Runs inside a worker: standard library and ctypes only.

Each layer is tried by itself and reported as it is: `on`, `partial` or `off: reason`. One layer, the filter of system
calls, is the boundary; the others stand behind it. After the lock the process attacks itself (`selftest`): what the
layers say is believed only then, since an outer container's filter would show in /proc as well.
"""

import ctypes
import os
import resource
import sys
from collections.abc import Callable

from rlm_desk.confine import landlock, seatbelt, seccomp, selftest
from rlm_desk.confine.policies import Policy
from rlm_desk.confine.syscalls import FILTERS

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
PR_CAPBSET_DROP, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 24, 47, 4
CAPABILITY_VERSION_3 = 0x20080522
CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWNET = 0x08000000, 0x10000000, 0x40000000
SIGKILL = 9

LayerReport = dict[str, str]
"""`{"name": ..., "state": "on" | "partial" | "off", "reason": ...}`, as the "ready" frame carries it."""


class ConfinementError(Exception):
    """The lock says that it is shut and it is not: the worker must not go on. The host raises its own by this name."""

    next_step = "Report this machine's `rlm-desk doctor` output as a defect; do not open strangers' documents on it."


def lock(policy: Policy, address_space: int | None = None, port: int = 0) -> list[LayerReport]:
    """Apply `policy` to this process: call it once, after every import and before any stranger's byte.

    Args:
        policy: what this kind of worker may do.
        address_space: bytes of address space instead of the policy's.
        port: the one TCP port it may connect to where its filter lets it connect at all.

    Returns the layers for the "ready" frame; a layer this machine lacks is `off` with its reason, and whether that is
    enough is for the host to decide.

    Raises:
        ConfinementError: the boundary was put up, and the self-test got through it.
    """
    if sys.platform == "darwin":
        return _lock_by_seatbelt(policy, address_space)
    if sys.platform != "linux":
        return [
            _limits(policy, address_space),
            {"name": "syscalls", "state": "off", "reason": f"no boundary is built for {sys.platform} yet"},
            selftest.report(policy.denied, expected=())[0],
        ]
    layers = [
        _limits(policy, address_space),
        _layer("namespaces", lambda: _namespaces(policy)),
        _layer("capabilities", lambda: _drop_capabilities(policy)),
        _layer("no_new_privs", no_new_privileges),
        _layer("no dumps", not_dumpable),
    ]
    die_with_parent()  # again: a change of credentials may clear it
    paths = _layer(
        "landlock", lambda: landlock.restrict(read_paths=policy.read_paths, writable=policy.writable, port=port)
    )
    layers.append(paths)
    boundary = _layer("syscalls", lambda: seccomp.install(FILTERS[policy.syscalls]))
    if boundary["state"] == "on" and not FILTERS[policy.syscalls].default:  # it allows what it does not name
        boundary |= {"state": "partial", "reason": "forbids what is named; a GPU driver's calls cannot be listed"}
    layers.append(boundary)
    expected = policy.denied if boundary["state"] != "off" else ()
    if policy.read_paths and paths["state"] == "off":  # opening files is open there: only Landlock forbids writing
        expected = tuple(name for name in expected if name != "write")
    tested, broken = selftest.report(policy.denied, expected)
    if broken:
        raise ConfinementError(f"The lock of the {policy.kind} worker does not hold: {', '.join(broken)} succeeded.")
    return [*layers, tested]


def _lock_by_seatbelt(policy: Policy, address_space: int | None) -> list[LayerReport]:
    """macOS: the profile counts only where it has just refused everything it should, since nobody has proven it."""
    limits = _limits(policy, address_space)
    boundary = _layer("syscalls", lambda: seatbelt.apply(policy.syscalls))
    tested, _ = selftest.report(tuple(name for name in policy.denied if name not in seatbelt.UNCOVERED), expected=())
    if boundary["state"] == "on" and tested["state"] != "on":
        boundary |= {
            "state": "off",
            "reason": f"unproven: Seatbelt is up, and its self-test failed: {tested['reason']}",
        }
    elif boundary["state"] == "on" and not policy.required:
        boundary |= {"state": "partial", "reason": "Seatbelt forbids what is named; what a driver needs is open"}
    return [limits, boundary, tested]


def die_with_parent() -> None:
    """Linux: ask the kernel to SIGKILL this process when the thread that started it ends."""
    _prctl(PR_SET_PDEATHSIG, SIGKILL)


def no_new_privileges() -> None:
    """Linux: nothing this process executes can gain rights, and it may put up filters."""
    _prctl(PR_SET_NO_NEW_PRIVS, 1)


def not_dumpable() -> None:
    """Linux: no core dump, and no other process of this user may look into this one's memory."""
    _prctl(PR_SET_DUMPABLE, 0)


def _layer(name: str, put_up: Callable[[], str | None]) -> LayerReport:
    try:
        return {"name": name, "state": "on", "reason": put_up() or ""}
    except (OSError, KeyError, NotImplementedError) as problem:
        return {"name": name, "state": "off", "reason": str(problem)}


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
        if value is None:
            continue
        number = getattr(resource, name, None)
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


def _namespaces(policy: Policy) -> str:
    """A network without interfaces and System V IPC of its own, where an unprivileged user may have them."""
    if not policy.namespaces:
        raise NotImplementedError(f"not used for this worker: {policy.why_none}")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(ctypes.c_int(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC)) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return "user, network, IPC"


def _drop_capabilities(policy: Policy) -> str | None:
    """Leave no capability but the policy's, in any set, ever."""
    for number in range(64):
        if number not in policy.capabilities:
            try:
                _prctl(PR_CAPBSET_DROP, number)
            except OSError as problem:
                if problem.errno == 22:  # past the last capability this kernel knows
                    break
                # An ordinary user has nothing to drop from the bounding set, and no_new_privs makes it moot.
                break
    kept = sum(1 << number for number in policy.capabilities)
    libc = ctypes.CDLL(None, use_errno=True)
    head = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    held = (ctypes.c_uint32 * 6)()
    if libc.capget(head, held) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    low, high = kept & 0xFFFFFFFF, kept >> 32
    wanted = (held[1] & low, held[1] & low, 0, held[4] & high, held[4] & high, 0)  # effective, permitted, inheritable
    if libc.capset(head, (ctypes.c_uint32 * 6)(*wanted)) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    return None


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    call: Callable[..., int] = libc.prctl
    zero = ctypes.c_ulong(0)
    if call(ctypes.c_int(option), ctypes.c_ulong(value), zero, zero, zero) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
