"""macOS: a Seatbelt profile on this process, for good, from rules that are data. Standard library and ctypes only.

Nobody has run this on a Mac yet. So a worker believes it only after its own self-test there (`lockdown`): until that
passes, the boundary is `off: unproven` and strangers' documents are refused, as they are without it.

One stage, put up after everything is loaded. Two do not nest: a process that has a profile, or whose parent had one
when it started it, may not put up another; so the app itself has none, or its workers could have none of their own.
Seatbelt does not cover memory that is made executable; on macOS that is not among what a worker must be refused.
"""

import ctypes
import errno
from typing import Any, NamedTuple


class Rule(NamedTuple):
    """One line of a profile; of all that fit an operation, the last one decides."""

    verb: str
    """`allow` or `deny`."""
    operation: str
    """An operation's name, or a prefix with a star."""
    filters: tuple[str, ...] = ()
    """What it is about, as the profile language writes it; empty: everything."""


# A bare sysctl-read would show other processes' arguments: only what the C library asks about the machine.
_MACHINE = ("hw.pagesize", "hw.pagesize_compat", "hw.ncpu", "hw.activecpu", "hw.memsize", "kern.osversion")

PROFILES: dict[str, tuple[Rule, ...]] = {
    "compute": (
        Rule("deny", "default"),
        Rule("allow", "file-read*", ('(literal "/")',)),  # without it dyld ends the process on macOS 26
        Rule("allow", "sysctl-read", tuple(f'(sysctl-name "{name}")' for name in _MACHINE)),
        Rule("allow", "signal", ("(target self)",)),  # abort()
    ),
    # It reads and writes sockets it was handed; opening one is the connector's work alone.
    "egress": (
        Rule("deny", "default"),
        Rule("allow", "file-read*", ('(literal "/")',)),
        Rule("allow", "sysctl-read", tuple(f'(sysctl-name "{name}")' for name in _MACHINE)),
        Rule("allow", "signal", ("(target self)",)),
    ),
    # Which address is kept by its code and by a port filter where the system has one; here: streams out, nothing else.
    "connector": (
        Rule("deny", "default"),
        Rule("allow", "file-read*", ('(literal "/")',)),
        Rule("allow", "sysctl-read", tuple(f'(sysctl-name "{name}")' for name in _MACHINE)),
        Rule("allow", "system-socket"),
        Rule("allow", "network-outbound", ('(remote tcp "*:*")',)),
    ),
    # What a GPU driver asks for cannot be listed: this one names what is forbidden, as the filter on Linux does.
    "device": (
        Rule("allow", "default"),
        Rule("deny", "network*"),
        Rule("deny", "process-fork"),
        Rule("deny", "process-exec*"),
        Rule("deny", "file-write*"),
        Rule("allow", "file-write*", ('(literal "/dev/null")',)),
        Rule("deny", "signal", ("(target others)",)),
        Rule("deny", "appleevent-send"),
        Rule("deny", "job-creation"),
    ),
}
"""By the same names as `syscalls.FILTERS`: a policy's one word picks its boundary on either system."""

UNCOVERED = (
    *("executable memory", "connect", "limit parent", "slow parent", "outlive parent"),
    *("signal by owner", "terminal input", "priority lock"),
)
"""Attempts of `selftest` that no profile refuses, or that are Linux's own."""


def text(name: str) -> str:
    """The profile as the system reads it."""
    return "\n".join(["(version 1)", *(_line(rule) for rule in PROFILES[name])]) + "\n"


def apply(name: str, library: Any = None) -> str:
    """Put a profile on this process, for good. Returns what it is, in words.

    Args:
        name: of `PROFILES`.
        library: stands in for the C library.

    Raises:
        OSError: there is no such call here, or the system refuses the profile (it may have one already).
    """
    system = ctypes.CDLL(None) if library is None else library
    try:
        call, free = system.sandbox_init_with_parameters, system.sandbox_free_error
    except AttributeError:
        raise OSError(errno.ENOSYS, "this system has no Seatbelt") from None
    call.restype = ctypes.c_int
    call.argtypes = (ctypes.c_char_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p))
    free.argtypes = (ctypes.c_void_p,)
    said, none = ctypes.c_void_p(), (ctypes.c_char_p * 1)(None)
    if call(text(name).encode(), 0, ctypes.cast(none, ctypes.c_void_p), ctypes.byref(said)) != 0:
        reason = ctypes.string_at(said.value).decode("utf-8", "replace") if said.value else "it gave no reason"
        free(said)
        raise OSError(errno.EPERM, f"Seatbelt refused the profile: {reason}")
    return "Seatbelt, one stage, after everything was loaded"


def _line(rule: Rule) -> str:
    return f"({' '.join((rule.verb, rule.operation, *rule.filters))})"
