"""The lock's own tools turned around."""

import ctypes
import os
import struct

from tests.escapes.attacks.attack import World, attack, buffer


@attack("lock", "system calls dispatched by the user")
def own_dispatcher_of_system_calls(w: World) -> object:
    return w.libc.prctl(59, 0, 0, 0, 0) == 0


@attack("lock", "root")
def filter_by_the_old_call(w: World) -> object:
    code = buffer(struct.pack("HBBI", 6, 0, 0, 0x7FFF0000))
    program = buffer_of(code)
    return w.libc.prctl(22, 2, ctypes.c_void_p(ctypes.addressof(program)), 0, 0) == 0


@attack("lock", "root")
def filter_that_asks_the_attacker(w: World) -> object:
    code = buffer(struct.pack("HBBI", 6, 0, 0, 0x7FFF0000))
    return w.syscall("seccomp", 1, 8, buffer_of(code)) > 0


@attack("lock", "Landlock")
def own_rules_for_files(w: World) -> object:
    return w.syscall("landlock_create_ruleset", None, 0, 1) > 0


@attack("lock")
def adopt_orphans(w: World) -> object:
    return w.libc.prctl(36, 1, 0, 0, 0) == 0


@attack("lock", "x32")
def numbers_of_another_table(w: World) -> object:
    return w.syscall(0x40000000 + 39) > 0


@attack("lock", "segments")
def segment_of_its_own(w: World) -> object:
    return os.uname().machine == "x86_64" and w.syscall("modify_ldt", 0, buffer(bytes(64)), 64) >= 0


def buffer_of(code: "ctypes.Array[ctypes.c_char]") -> "ctypes.Array[ctypes.c_char]":
    """A filter of one instruction, as the kernel takes it."""
    return buffer(struct.pack("HP", 1, ctypes.addressof(code)))
