"""The system-call filter: from a list of rules to the kernel's BPF program, by hand. Standard library and ctypes only.

libseccomp is not on every machine and its Python bindings fail at import without it; the program we need is a dozen
kinds of lines. `tests/confine/` runs it through an emulator for both architectures.
"""

import ctypes
import os
import struct

from rlm_desk.confine.numbers import NUMBERS
from rlm_desk.confine.syscalls import NOTIFY, OWN_PID, Filter, Rule, Test

# One instruction: code, jump if true, jump if false, operand.
Instruction = tuple[int, int, int, int]

LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, AND, RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
ALLOW, USER_NOTIF, ERRNO, KILL_PROCESS = 0x7FFF0000, 0x7FC00000, 0x00050000, 0x80000000
X32 = 0x40000000

# machine: (AUDIT_ARCH, column in NUMBERS)
MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
SECCOMP_SET_MODE_FILTER, TSYNC, NEW_LISTENER = 1, 1, 8


def program(rules: Filter, machine: str, own_pid: int) -> list[Instruction]:
    """The BPF program of a list of rules.

    Every rule is one block that ends in a return, so jumps stay short and a block can be read by itself. A foreign
    architecture, and x32 numbers on x86-64 (another table behind the same architecture), end the process.
    """
    arch, column = MACHINES[machine]
    code: list[Instruction] = [(LOAD, 0, 0, 4), (JUMP_EQUAL, 1, 0, arch), (RETURN, 0, 0, KILL_PROCESS), (LOAD, 0, 0, 0)]
    if machine == "x86_64":
        code += [(JUMP_AT_LEAST, 0, 1, X32), (RETURN, 0, 0, KILL_PROCESS)]
    for rule in rules.rules:
        number = NUMBERS[rule.name][column]
        if number is not None:
            block = _block(rule, own_pid)
            code += [(JUMP_EQUAL, 0, len(block), number), *block]
    return [*code, (RETURN, 0, 0, _verdict(rules.default))]


def _block(rule: Rule, own_pid: int) -> list[Instruction]:
    """What happens once the number fits: each test falls through to a refusal, or jumps over it to the next."""
    code: list[Instruction] = []
    for test in rule.tests:
        code += _test(test, own_pid, rule.refusal)
    return [*code, (RETURN, 0, 0, _verdict(rule.action))]


def _test(test: Test, own_pid: int, refusal: int) -> list[Instruction]:
    """Instructions that pass on when the argument fits and return the refusal when it does not."""
    low = 16 + 8 * test.argument  # little-endian halves of seccomp_data.args[n]
    refuse: Instruction = (RETURN, 0, 0, _verdict(refusal))
    if test.how == "in":
        values = [own_pid if value == OWN_PID else value for value in test.values]
        high: list[Instruction] = [(LOAD, 0, 0, low + 4), (JUMP_EQUAL, 1, 0, 0), refuse]
        # each comparison jumps over what is left of them, and over the refusal, when it fits
        each = [(JUMP_EQUAL, len(values) - i, 0, value) for i, value in enumerate(values)]
        return [*high, (LOAD, 0, 0, low), *each, refuse]
    if test.how == "out":
        last = len(test.values) - 1
        # each comparison that fits jumps over what is left of them to the refusal; the last one jumps over that
        none = [(JUMP_EQUAL, last - i, int(i == last), value) for i, value in enumerate(test.values)]
        return [(LOAD, 0, 0, low), (AND, 0, 0, test.mask), *none, refuse]
    mask = test.values[0]
    if test.how == "clear":
        return [(LOAD, 0, 0, low), (JUMP_ANY_BIT, 0, 1, mask), refuse]
    return [(LOAD, 0, 0, low), (AND, 0, 0, mask), (JUMP_EQUAL, 1, 0, mask), refuse]


def _verdict(errno: int) -> int:
    if errno == NOTIFY:
        return USER_NOTIF
    return ERRNO | errno if errno else ALLOW


def assemble(code: list[Instruction]) -> bytes:
    """The program as the kernel reads it: `struct sock_filter`, native byte order."""
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


def install(rules: Filter) -> None:
    """Put the filter on every thread of this process, for good.

    Raises:
        OSError: the kernel has no seccomp, or an outer sandbox hides it.
        KeyError: an architecture without a table.
    """
    _set(rules, TSYNC)


def install_watched(rules: Filter) -> int:
    """Put the filter on this thread and all it will start; the descriptor on which the kernel tells of NOTIFY calls.

    Raises:
        OSError: the kernel has no such notification (5.5 has), or another watcher stands over this process already.
        KeyError: an architecture without a table.
    """
    return _set(rules, NEW_LISTENER)


def _set(rules: Filter, flags: int) -> int:
    machine = os.uname().machine
    code = assemble(program(rules, machine, os.getpid()))
    size = len(code) // 8
    raw = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("@HP", size, ctypes.addressof(raw))  # struct sock_fprog
    fprog = ctypes.create_string_buffer(head, len(head))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    number = NUMBERS["seccomp"][MACHINES[machine][1]]
    result: int = libc.syscall(
        ctypes.c_long(number or 0),
        ctypes.c_long(SECCOMP_SET_MODE_FILTER),
        ctypes.c_long(flags),
        ctypes.c_void_p(ctypes.addressof(fprog)),
    )
    if result < 0 or (result and flags == TSYNC):  # TSYNC: the number of a thread that could not follow
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
