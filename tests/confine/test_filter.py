"""The system-call filter, read by an emulator for both architectures."""

import pytest

from rlm_desk.confine import seccomp, syscalls
from rlm_desk.confine.syscalls import COMPUTE, CONNECTOR, DEVICE, EGRESS, NUMBERS, Filter
from tests.confine.bpf import ALLOW, KILL, verdict

PID = 4242
X86, ARM = "x86_64", "aarch64"
EPERM, ENOTTY, ENOSYS = 1, 25, 38

# Written out again by hand, from the kernel's tables: what hostile code may call with any arguments.
FREE = {
    X86: {
        *(0, 1, 3, 5, 7, 8, 11, 12, 13, 14, 15, 19, 20, 23, 24, 25, 35, 39, 60, 63, 79, 96, 97, 98, 99, 100, 102, 104),
        *(107, 108, 110, 131, 186, 201, 202, 204, 219, 228, 229, 230, 231, 270, 271, 318),
    },
    ARM: {
        *(17, 57, 62, 63, 64, 65, 66, 72, 73, 80, 93, 94, 98, 101, 113, 114, 115, 123, 124, 128, 132, 134, 135, 139),
        *(153, 160, 163, 165, 169, 172, 173, 174, 175, 176, 177, 178, 179, 214, 215, 216, 278),
    },
}
# Those whose arguments are looked at, and that are allowed with all arguments zero.
ZERO_FITS = {X86: {9, 10, 28, 302}, ARM: {222, 226, 233, 261}}


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
    assert allowed == FREE[machine] | ZERO_FITS[machine] | {NUMBERS["recvmsg"][machine == ARM]}


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
