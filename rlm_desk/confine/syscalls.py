"""System calls by number, and the lists that are the boundary: data for `seccomp`. Standard library only.

``COMPUTE`` names all that hostile code may ask of the kernel: to use what it already holds (memory, two pipes, the
clock). Nothing in it takes a path, makes a descriptor, a process, a thread or executable memory, or reaches another
process. ``DEVICE`` names what native model code must never do, since what a GPU driver needs cannot be listed.
"""

from dataclasses import dataclass
from typing import Literal

EPERM, ENOTTY, ENOSYS = 1, 25, 38

PROT_EXEC = 4
CLONE_THREAD = 0x10000
NOTIFY = -1
"""As a rule's action: the call waits, and the watcher is asked (see `watch`)."""
OWN_PID = -1
"""Stands in a rule for the pid of the process that installs the filter."""


@dataclass(frozen=True)
class Test:
    """A condition on one argument."""

    argument: int
    how: Literal["in", "out", "clear", "set"]
    """``in``: equals one of the values, in both 32-bit halves; ``out``: equals none of them, in its lower half, since
    the kernel forgets the upper one of an int; ``clear``: no bit of the value is set; ``set``: all its bits are."""
    values: tuple[int, ...]
    mask: int = 0xFFFFFFFF
    """For ``out``: the bits that are compared."""


@dataclass(frozen=True)
class Rule:
    """What happens to one system call."""

    name: str
    action: int = 0
    """0 allows; NOTIFY asks the watcher; else the errno returned."""
    tests: tuple[Test, ...] = ()
    refusal: int = EPERM
    """The errno where a test fails."""


@dataclass(frozen=True)
class Filter:
    """A list of rules and what becomes of calls it does not name."""

    name: str
    default: int
    """0 allows, else the errno."""
    rules: tuple[Rule, ...]


_FREE = """
read write readv writev close lseek fstat munmap mremap brk
rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack poll ppoll select pselect6
getpid gettid getppid getuid geteuid getgid getegid getcwd uname sysinfo getrusage getrlimit times
sched_yield nanosleep gettimeofday time
getrandom exit exit_group restart_syscall
""".split()

# futex(2)'s operations without its two flags (private, wall clock).
_FUTEX_FLAGS = (0, 0x80, 0x100, 0x180)
_WAIT_AND_WAKE = (0, 1, 9, 10)  # FUTEX_WAIT, _WAKE, _WAIT_BITSET, _WAKE_BITSET

COMPUTE = Filter(
    name="compute",
    default=EPERM,
    rules=(
        *(Rule(name) for name in _FREE),
        Rule("mmap", tests=(Test(2, "clear", (PROT_EXEC,)),)),
        Rule("mprotect", tests=(Test(2, "clear", (PROT_EXEC,)),)),
        # What locks are made of; those with priority inheritance look other processes' threads up by number.
        Rule("futex", tests=(Test(1, "in", tuple(op | flags for op in _WAIT_AND_WAKE for flags in _FUTEX_FLAGS)),)),
        # Real clocks and one's own; negative numbers are those of other processes.
        *(Rule(name, tests=(Test(0, "in", tuple(range(12))),)) for name in ("clock_gettime", "clock_getres")),
        Rule("clock_nanosleep", tests=(Test(0, "in", tuple(range(12))),)),
        Rule("sched_getaffinity", tests=(Test(0, "in", (0, OWN_PID)),)),
        Rule("madvise", tests=(Test(2, "in", (0, 1, 2, 3, 4, 8, 14, 15)),)),  # never MADV_REMOVE, MADV_HWPOISON
        Rule("fcntl", tests=(Test(1, "in", (1, 2, 3, 4)),)),  # get and set flags; never F_SETOWN, F_DUPFD
        Rule("prctl", tests=(Test(0, "in", (15,)),)),  # PR_SET_NAME
        Rule("prlimit64", tests=(Test(0, "in", (0,)), Test(2, "in", (0,)))),  # read one's own limits
        Rule("tgkill", tests=(Test(0, "in", (OWN_PID,)),)),  # raise() and abort()
        Rule("ioctl", ENOTTY),  # what isatty() expects of a pipe
        Rule("clone3", ENOSYS),  # the C library then tries clone, which is refused
    ),
)

# The worker that speaks to a model server gets connected sockets handed to it, and reads and writes them as it does its
# pipes: receiving them is the one call it has besides those of a parser.
EGRESS = Filter(name="egress", default=EPERM, rules=(*COMPUTE.rules, Rule("recvmsg")))

_NEVER = """
socket socketpair bind listen accept accept4 connect sendto sendmsg sendmmsg recvfrom recvmsg recvmmsg
execve execveat fork vfork kill tkill rt_sigqueueinfo rt_tgsigqueueinfo
ptrace process_vm_readv process_vm_writev process_madvise process_mrelease pidfd_open pidfd_getfd pidfd_send_signal kcmp
mount umount2 pivot_root chroot move_mount open_tree fsopen fsconfig fsmount fspick mount_setattr setns unshare
personality init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff acct quotactl
settimeofday clock_settime adjtimex clock_adjtime sethostname setdomainname iopl ioperm modify_ldt
bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register add_key request_key keyctl
name_to_handle_at open_by_handle_at fanotify_init msgget semget shmget mq_open syslog vhangup
unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat mknod mknodat rmdir truncate
chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat utime utimes futimesat utimensat
setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr mkdir mkdirat creat
""".split()

_OF_ONE_PROCESS = """
prlimit64 sched_setaffinity sched_setscheduler sched_setparam sched_setattr migrate_pages move_pages get_robust_list
""".split()
"""Their first argument says whose: the process's own, or its main thread's. A filter knows no other thread's number:
what ggml asks for those, where a person has set it so, is refused, and ggml goes on with a warning."""
_OWN = (0, OWN_PID)
_SIGNALS_AND_LEASES = (8, 10, 15, 1024, 1026)  # F_SETOWN, F_SETSIG, F_SETOWN_EX; F_SETLEASE, F_NOTIFY
_TERMINALS_AND_SIGNALS = (0x5412, 0x541C, 0x8901, 0x8902)  # TIOCSTI, TIOCLINUX; FIOSETOWN, SIOCSPGRP
# PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER, PR_SET_PTRACER: what the lock has just set, and tracers.
_UNLOCKING = (1, 4, 36, 0x59616D61)
# FUTEX_CMP_REQUEUE and all that inherit a priority. FUTEX_REQUEUE stays: musl's condition variables hang without it.
_UNUSUAL_LOCKS = (4, 6, 7, 8, 11, 12, 13)

DEVICE = Filter(
    name="device",
    default=0,
    rules=(
        *(Rule(name, EPERM) for name in _NEVER),
        *(Rule(name, tests=(Test(0, "in", _OWN),)) for name in _OF_ONE_PROCESS),
        Rule("setpriority", tests=(Test(0, "in", (0,)), Test(1, "in", _OWN))),  # PRIO_PROCESS
        Rule("ioprio_set", tests=(Test(0, "in", (1,)), Test(1, "in", _OWN))),  # IOPRIO_WHO_PROCESS
        Rule("fcntl", tests=(Test(1, "out", _SIGNALS_AND_LEASES),)),
        Rule("ioctl", tests=(Test(1, "out", _TERMINALS_AND_SIGNALS),)),
        Rule("prctl", tests=(Test(0, "out", _UNLOCKING),)),
        # "No such call" is what the C library expects where the kernel has none of them.
        Rule("futex", tests=(Test(1, "out", _UNUSUAL_LOCKS, ~0x180 & 0xFFFFFFFF),), refusal=ENOSYS),
        Rule("futex_requeue", ENOSYS),
        Rule("clone", tests=(Test(0, "set", (CLONE_THREAD,)),)),  # threads, never processes
        Rule("clone3", ENOSYS),  # its flags lie in memory, where a filter cannot look
        Rule("tgkill", tests=(Test(0, "in", (OWN_PID,)),)),
    ),
)

AF_UNIX, SOCK_STREAM = 1, 1
_CLOEXEC_NONBLOCK = (0, 0x80000, 0x800, 0x80800)

# A pair of stream sockets is connected for good: unlike a pair of datagram sockets it cannot be sent elsewhere.
HOST = Filter(
    name="host",
    default=0,
    rules=(
        Rule(
            "socketpair",
            tests=(Test(0, "in", (AF_UNIX,)), Test(1, "in", tuple(SOCK_STREAM | f for f in _CLOEXEC_NONBLOCK))),
        ),
        *(Rule(name, EPERM) for name in "socket bind listen accept accept4 connect pidfd_getfd".split()),
        Rule("io_uring_setup", ENOSYS),  # a ring makes sockets without a system call for each
    ),
)

AF_INET, AF_INET6 = 2, 10
_NONBLOCKING_STREAM = SOCK_STREAM | 0x80800

# Its few lines make TCP connections and hand them on; it reads nothing from them. The address lies in memory, where a
# filter cannot look: that there is one only is said by its code, and the port by Landlock.
CONNECTOR = Filter(
    name="connector",
    default=EPERM,
    rules=(
        *COMPUTE.rules,
        Rule("socket", tests=(Test(0, "in", (AF_INET, AF_INET6)), Test(1, "in", (_NONBLOCKING_STREAM,)))),
        *(Rule(name) for name in "connect setsockopt getsockopt sendmsg".split()),
    ),
)

# What `watch` is told of: whatever makes a socket, or takes another process's; and the programs that are started.
WATCHED = Filter(
    name="watched",
    default=0,
    rules=tuple(Rule(name, NOTIFY) for name in "socket socketpair io_uring_setup pidfd_getfd execve execveat".split()),
)

FILTERS = {filter.name: filter for filter in (COMPUTE, EGRESS, CONNECTOR, DEVICE, HOST, WATCHED)}
