"""The system-call filter, read by an emulator for both architectures."""

import re
from pathlib import Path

import pytest

from rlm_desk.confine import seccomp, syscalls
from rlm_desk.confine.numbers import NUMBERS
from rlm_desk.confine.syscalls import COMPUTE, CONNECTOR, DEVICE, EGRESS, Filter
from tests.confine.bpf import ALLOW, KILL, verdict

PID = 4242
X86, ARM = "x86_64", "aarch64"
EPERM, ENOTTY, ENOSYS = 1, 25, 38
U32, U64 = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF

# Written out again by hand, from the kernel's tables: what hostile code may call with any arguments.
FREE = {
    X86: {
        *(0, 1, 3, 5, 7, 8, 11, 12, 13, 14, 15, 19, 20, 23, 24, 25, 35, 39, 60, 63, 79, 96, 97, 98, 99, 100, 102, 104),
        *(107, 108, 110, 131, 186, 201, 219, 231, 270, 271, 318),
    },
    ARM: {
        *(17, 57, 62, 63, 64, 65, 66, 72, 73, 80, 93, 94, 101, 124, 128, 132, 134, 135, 139),
        *(153, 160, 163, 165, 169, 172, 173, 174, 175, 176, 177, 178, 179, 214, 215, 216, 278),
    },
}
# Those whose arguments are looked at, and that are allowed with all arguments zero.
ZERO_FITS = {
    X86: {9, 10, 28, 302, 202, 204, 228, 229, 230},
    ARM: {222, 226, 233, 261, 98, 123, 113, 114, 115},
}
RECVMSG = {X86: 47, ARM: 212}
# connect, setsockopt, getsockopt, sendmsg; `socket` itself is looked at
CONNECTING = {X86: {42, 54, 55, 46}, ARM: {203, 208, 209, 211}}
# What a model's native code may not call (clone, tgkill and ioprio_set with all arguments zero among them): sockets and
# pairs, processes and programs, signals, other processes' memory, mounts, the kernel, keys, System V IPC, what changes
# files by their names.
REFUSED_TO_MODELS = {
    X86: {
        *(41, 53, 49, 50, 43, 288, 42, 44, 46, 307, 45, 47, 299),
        *(56, 57, 58, 59, 322, 62, 200, 129, 297, 234, 101, 310, 311, 440, 448, 434, 438, 424, 312, 251, 456),
        *(165, 166, 155, 161, 429, 428, 430, 431, 432, 433, 442, 308, 272, 135, 175, 313, 176, 246, 320, 169, 167, 168),
        *(163, 179, 164, 227, 159, 305, 170, 171, 172, 173, 154, 321, 298, 323, 425, 426, 427, 248, 249, 250, 303, 304),
        *(300, 68, 64, 29, 240, 103, 153, 87, 263, 82, 264, 316, 86, 265, 88, 266, 133, 259, 84, 76, 90, 91, 268, 452),
        *(92, 94, 93, 260, 132, 235, 261, 280, 188, 189, 190, 83, 258, 85, 197, 198, 199),
    },
    ARM: {
        *(198, 199, 200, 201, 202, 242, 203, 206, 211, 269, 207, 212, 243),
        *(220, 221, 281, 129, 130, 138, 240, 131, 117, 270, 271, 440, 448, 434, 438, 424, 272),
        *(30, 456),
        *(40, 39, 41, 51, 429, 428, 430, 431, 432, 433, 442, 268, 97, 92, 105, 273, 106, 104, 294, 142, 224, 225),
        *(89, 60, 170, 112, 171, 266, 161, 162, 280, 241, 282, 425, 426, 427, 217, 218, 219, 264, 265),
        *(262, 186, 190, 194, 180, 116, 58, 35, 38, 276, 37, 36, 33, 45, 52, 53, 452),
        *(55, 54, 88, 5, 6, 7, 34, 14, 15, 16),
    },
}


def program(rules: Filter, machine: str) -> bytes:
    return seccomp.assemble(seccomp.program(rules, machine, PID))


def ask(rules: Filter, machine: str, name: str, *arguments: int) -> str | int:
    arch, column = seccomp.MACHINES[machine]
    number = NUMBERS[name][column]
    assert number is not None
    return verdict(program(rules, machine), arch, number, arguments)


@pytest.mark.parametrize("machine", [X86, ARM])
def test_exactly_these_calls_are_allowed_to_hostile_code(machine: str) -> None:
    code, arch = program(COMPUTE, machine), seccomp.MACHINES[machine][0]
    allowed = {number for number in range(1024) if verdict(code, arch, number) == ALLOW}
    assert allowed == FREE[machine] | ZERO_FITS[machine]


@pytest.mark.parametrize("machine", [X86, ARM])
def test_every_other_call_is_refused_without_ending_the_process(machine: str) -> None:
    code, arch = program(COMPUTE, machine), seccomp.MACHINES[machine][0]
    rest = set(range(1024)) - FREE[machine] - ZERO_FITS[machine]
    ioctl, clone3 = NUMBERS["ioctl"][machine == ARM], NUMBERS["clone3"][machine == ARM]
    expected = {number: ENOTTY if number == ioctl else ENOSYS if number == clone3 else EPERM for number in rest}
    assert {number: verdict(code, arch, number) for number in rest} == expected


@pytest.mark.parametrize("rules", [COMPUTE, DEVICE])
@pytest.mark.parametrize("machine", [X86, ARM])
def test_a_foreign_architecture_ends_the_process(rules: Filter, machine: str) -> None:
    for arch in (0x40000003, 0xC00000B7 if machine == X86 else 0xC000003E, 0):  # i386 behind int 0x80 among them
        assert verdict(program(rules, machine), arch, 0) == KILL


@pytest.mark.parametrize("rules", [COMPUTE, DEVICE])
def test_x32_numbers_end_the_process(rules: Filter) -> None:
    for number in (0x40000000, 0x40000001, 0x40000000 + 59, 0xFFFFFFFF):
        assert verdict(program(rules, X86), 0xC000003E, number) == KILL


@pytest.mark.parametrize("machine", [X86, ARM])
@pytest.mark.parametrize("name", ["mmap", "mprotect"])
@pytest.mark.parametrize("protection", [4, 5, 7, 4 | 1 << 40])
def test_memory_is_never_executable(machine: str, name: str, protection: int) -> None:
    assert ask(COMPUTE, machine, name, 0, 4096, protection) == EPERM
    assert ask(COMPUTE, machine, name, 0, 4096, 3) == ALLOW


@pytest.mark.parametrize("machine", [X86, ARM])
@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("madvise", (0, 4096, 4), ALLOW),
        ("madvise", (0, 4096, 9), EPERM),  # MADV_REMOVE
        ("madvise", (0, 4096, 100), EPERM),  # MADV_HWPOISON
        ("fcntl", (0, 3), ALLOW),
        ("fcntl", (0, 0), EPERM),  # F_DUPFD
        ("fcntl", (0, 8), EPERM),  # F_SETOWN: signals to any process
        ("fcntl", (0, 10), EPERM),  # F_SETSIG
        ("fcntl", (0, 1030), EPERM),  # F_DUPFD_CLOEXEC
        ("fcntl", (0, 3 | 1 << 32), EPERM),
        ("prctl", (15, 0), ALLOW),
        ("prctl", (4, 1), EPERM),  # PR_SET_DUMPABLE
        ("prctl", (1, 0), EPERM),  # PR_SET_PDEATHSIG
        ("prctl", (22, 0), EPERM),  # PR_SET_SECCOMP
        ("prlimit64", (0, 9, 0, 4096), ALLOW),
        ("prlimit64", (0, 9, 4096, 0), EPERM),  # setting a limit
        ("prlimit64", (0, 9, 1 << 40, 0), EPERM),  # its pointer in the upper half
        ("prlimit64", (1, 9, 0, 4096), EPERM),  # another process
        ("tgkill", (PID, PID, 6), ALLOW),
        ("tgkill", (1, 1, 9), EPERM),
        ("tgkill", (PID | 1 << 32, PID, 9), EPERM),
        ("futex", (0, 128), ALLOW),
        ("futex", (0, 9 | 128 | 256), ALLOW),
        ("futex", (0, 1 | 1 << 32), EPERM),
        *(("futex", (0, operation | 128), EPERM) for operation in (2, 3, 4, 5, 6, 7, 8, 11, 12, 13)),
        *((name, (11,), ALLOW) for name in ("clock_gettime", "clock_getres", "clock_nanosleep")),
        # another process's clock, as a 32-bit int and as a long
        *((name, (~PID << 3 & mask | 2,), EPERM) for name in ("clock_gettime", "clock_getres") for mask in (U32, U64)),
        ("clock_nanosleep", (~PID << 3 & U32 | 2,), EPERM),
        ("sched_getaffinity", (PID,), ALLOW),
        ("sched_getaffinity", (1,), EPERM),
        ("ioctl", (0, 0x5401), ENOTTY),  # TCGETS
        ("ioctl", (0, 0x5412), ENOTTY),  # TIOCSTI
        ("clone3", (0, 0), ENOSYS),
        ("clone", (0x3D0F00,), EPERM),  # a thread
        ("clone", (17,), EPERM),  # a process
    ],
)
def test_arguments_are_looked_at_in_both_halves(
    machine: str, name: str, arguments: tuple[int, ...], expected: str | int
) -> None:
    assert ask(COMPUTE, machine, name, *arguments) == expected


@pytest.mark.parametrize("machine", [X86, ARM])
def test_a_server_s_parser_may_receive_sockets_and_not_make_them(machine: str) -> None:
    code, arch = program(EGRESS, machine), seccomp.MACHINES[machine][0]
    allowed = {number for number in range(1024) if verdict(code, arch, number) == ALLOW}
    assert allowed == FREE[machine] | ZERO_FITS[machine] | {RECVMSG[machine]}


@pytest.mark.parametrize("machine", [X86, ARM])
def test_exactly_these_calls_are_allowed_to_the_connector(machine: str) -> None:
    code, arch = program(CONNECTOR, machine), seccomp.MACHINES[machine][0]
    allowed = {number for number in range(1024) if verdict(code, arch, number) == ALLOW}
    assert allowed == FREE[machine] | ZERO_FITS[machine] | CONNECTING[machine]


@pytest.mark.parametrize("machine", [X86, ARM])
def test_exactly_these_calls_are_refused_to_models(machine: str) -> None:
    code, arch = program(DEVICE, machine), seccomp.MACHINES[machine][0]
    refused = {number for number in range(1024) if verdict(code, arch, number) != ALLOW}
    assert refused == REFUSED_TO_MODELS[machine] | {435}  # clone3


HEADERS = {X86: Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), ARM: Path("/usr/include/asm-generic/unistd.h")}


@pytest.mark.parametrize("machine", [X86, ARM])
def test_numbers_are_those_of_the_kernel_s_own_headers(machine: str) -> None:
    if not HEADERS[machine].is_file():
        pytest.skip("the kernel's headers are not installed here")
    pattern = re.compile(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)", re.MULTILINE)
    known = {name: int(number) for name, number in pattern.findall(HEADERS[machine].read_text())}
    ours = {name: both[machine == ARM] for name, both in NUMBERS.items()}
    assert len(known) > 250
    assert {name: number for name, number in ours.items() if number != known.get(name, number)} == {}
    missing = {name for name, number in ours.items() if number is not None and name not in known}
    assert missing <= {"fchmodat2", "futex_requeue"}, "newer than the headers here"


@pytest.mark.parametrize("machine", [X86, ARM])
@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("socket", (2, 0x80801), ALLOW),  # AF_INET, a stream
        ("socket", (10, 0x80801), ALLOW),
        ("socket", (2, 0x80802), EPERM),  # datagrams
        ("socket", (1, 0x80801), EPERM),  # AF_UNIX
        ("socket", (16, 0x80801), EPERM),  # AF_NETLINK
        ("bind", (3,), EPERM),
        ("listen", (3,), EPERM),
        ("recvfrom", (3,), EPERM),
        ("recvmsg", (3,), EPERM),
        ("execve", (), EPERM),
    ],
)
def test_the_connector_makes_streams_and_nothing_else(
    machine: str, name: str, arguments: tuple[int, ...], expected: str | int
) -> None:
    assert ask(CONNECTOR, machine, name, *arguments) == expected


@pytest.mark.parametrize("machine", [X86, ARM])
@pytest.mark.parametrize(
    "name",
    [
        *(
            "socket",
            "socketpair",
            "connect",
            "execve",
            "execveat",
            "ptrace",
            "kill",
            "pidfd_getfd",
            "process_vm_writev",
        ),
        *("bpf", "io_uring_setup", "mount", "unshare", "setns", "unlinkat", "keyctl", "userfaultfd", "personality"),
    ],
)
def test_the_engine_is_refused_what_no_model_needs(machine: str, name: str) -> None:
    assert ask(DEVICE, machine, name) == EPERM


OF_ONE_PROCESS = ["prlimit64", "sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr"]


@pytest.mark.parametrize("machine", [X86, ARM])
@pytest.mark.parametrize("name", [*OF_ONE_PROCESS, "migrate_pages", "move_pages", "get_robust_list"])
def test_the_engine_sets_its_own_limits_and_pace_and_no_other_s(machine: str, name: str) -> None:
    assert ask(DEVICE, machine, name, 0) == ask(DEVICE, machine, name, PID) == ALLOW
    for other in (1, PID + 1, PID | 1 << 32, U32):
        assert ask(DEVICE, machine, name, other) == EPERM


@pytest.mark.parametrize("machine", [X86, ARM])
@pytest.mark.parametrize(("name", "process"), [("setpriority", 0), ("ioprio_set", 1)])
def test_the_engine_slows_itself_down_and_nobody_else(machine: str, name: str, process: int) -> None:
    assert ask(DEVICE, machine, name, process, 0, 10) == ask(DEVICE, machine, name, process, PID, 10) == ALLOW
    assert ask(DEVICE, machine, name, process, 1, 10) == EPERM
    for group in {0, 1, 2, 3} - {process}:  # a process group, or all of a user's
        assert ask(DEVICE, machine, name, group, 0, 10) == EPERM


@pytest.mark.parametrize("machine", [X86, ARM])
@pytest.mark.parametrize("upper", [0, 1 << 32])  # the kernel looks at the lower half alone, so the filter must too
@pytest.mark.parametrize(
    ("name", "at", "refused", "allowed"),
    [
        ("fcntl", 1, (8, 10, 15, 1024, 1026), (0, 1, 2, 3, 4, 7, 9, 11, 1025, 1030, 1032)),
        ("ioctl", 1, (0x5412, 0x541C, 0x8901, 0x8902), (0x5401, 0x5411, 0x5413, 0xC0, 0xC0204601)),
        ("prctl", 0, (1, 4, 36, 0x59616D61), (0, 2, 3, 15, 35, 51)),
    ],
)
def test_the_engine_owns_no_signals_and_unlocks_nothing(
    machine: str, upper: int, name: str, at: int, refused: tuple[int, ...], allowed: tuple[int, ...]
) -> None:
    def says(value: int) -> str | int:
        return ask(DEVICE, machine, name, *[0] * at, value | upper)

    assert {value: says(value) for value in refused} == dict.fromkeys(refused, EPERM)
    assert {value: says(value) for value in allowed} == dict.fromkeys(allowed, ALLOW)


@pytest.mark.parametrize("machine", [X86, ARM])
@pytest.mark.parametrize("flags", [0, 128, 256, 384, 1 << 32])
def test_the_engine_s_locks_inherit_no_priority(machine: str, flags: int) -> None:
    said = {operation: ask(DEVICE, machine, "futex", 0, operation | flags) for operation in range(16)}
    refused = {4, 6, 7, 8, 11, 12, 13}
    assert said == {operation: ENOSYS if operation in refused else ALLOW for operation in range(16)}
    assert ask(DEVICE, machine, "futex_requeue") == ENOSYS


@pytest.mark.parametrize("machine", [X86, ARM])
def test_the_engine_may_have_threads_and_no_processes(machine: str) -> None:
    assert ask(DEVICE, machine, "clone", 0x3D0F00) == ALLOW
    assert ask(DEVICE, machine, "clone", 17) == EPERM
    assert ask(DEVICE, machine, "clone3") == ENOSYS
    assert ask(DEVICE, machine, "mmap", 0, 4096, 7) == ALLOW  # shader compilers write code
    assert ask(DEVICE, machine, "ioctl", 3, 0xC0) == ALLOW  # devices


def test_every_rule_names_a_call_there_is_a_number_for() -> None:
    for rules in syscalls.FILTERS.values():
        names = [rule.name for rule in rules.rules]
        assert len(names) == len(set(names))
        assert set(names) <= set(NUMBERS)
