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
    """A condition on one argument, both 32-bit halves of it."""

    argument: int
    how: Literal["in", "clear", "set"]
    """``in``: equals one of the values; ``clear``: no bit of the value is set; ``set``: all its bits are."""
    values: tuple[int, ...]


@dataclass(frozen=True)
class Rule:
    """What happens to one system call. Tests that fail fall to the list's default for a listed call: EPERM."""

    name: str
    action: int = 0
    """0 allows; NOTIFY asks the watcher; else the errno returned."""
    tests: tuple[Test, ...] = ()


@dataclass(frozen=True)
class Filter:
    """A list of rules and what becomes of calls it does not name."""

    name: str
    default: int
    """0 allows, else the errno."""
    rules: tuple[Rule, ...]


# name: (x86-64, aarch64); None where the architecture has no such call.
NUMBERS: dict[str, tuple[int | None, int | None]] = {
    "read": (0, 63),
    "write": (1, 64),
    "readv": (19, 65),
    "writev": (20, 66),
    "close": (3, 57),
    "lseek": (8, 62),
    "fstat": (5, 80),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "ioctl": (16, 29),
    "poll": (7, None),
    "ppoll": (271, 73),
    "select": (23, None),
    "pselect6": (270, 72),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "getppid": (110, 173),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "getcwd": (79, 17),
    "futex": (202, 98),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "times": (100, 153),
    "getrusage": (98, 165),
    "getrandom": (318, 278),
    "uname": (63, 160),
    "sysinfo": (99, 179),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "restart_syscall": (219, 128),
    "tgkill": (234, 131),
    "prctl": (157, 167),
    "fcntl": (72, 25),
    "prlimit64": (302, 261),
    "getrlimit": (97, 163),
    "clone": (56, 220),
    "clone3": (435, 435),
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "kill": (62, 129),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "connect": (42, 203),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    "recvfrom": (45, 207),
    "recvmsg": (47, 212),
    "recvmmsg": (299, 243),
    "setsockopt": (54, 208),
    "getsockopt": (55, 209),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "kcmp": (312, 272),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "setns": (308, 268),
    "unshare": (272, 97),
    "personality": (135, 92),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "msgget": (68, 186),
    "semget": (64, 190),
    "shmget": (29, 194),
    "mq_open": (240, 180),
    "syslog": (103, 116),
    "vhangup": (153, 58),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "link": (86, None),
    "linkat": (265, 37),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "lchown": (94, None),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "truncate": (76, 45),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "rmdir": (84, None),
    "seccomp": (317, 277),
    "landlock_create_ruleset": (444, 444),
    "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446),
}

_FREE = """
read write readv writev close lseek fstat munmap mremap brk futex
rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack poll ppoll select pselect6
getpid gettid getppid getuid geteuid getgid getegid getcwd uname sysinfo getrusage getrlimit times
sched_yield sched_getaffinity clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time
getrandom exit exit_group restart_syscall
""".split()

COMPUTE = Filter(
    name="compute",
    default=EPERM,
    rules=(
        *(Rule(name) for name in _FREE),
        Rule("mmap", tests=(Test(2, "clear", (PROT_EXEC,)),)),
        Rule("mprotect", tests=(Test(2, "clear", (PROT_EXEC,)),)),
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
ptrace process_vm_readv process_vm_writev process_madvise pidfd_open pidfd_getfd pidfd_send_signal kcmp
mount umount2 pivot_root chroot move_mount open_tree fsopen fsconfig fsmount fspick mount_setattr setns unshare
personality init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff acct quotactl
settimeofday clock_settime adjtimex clock_adjtime sethostname setdomainname iopl ioperm modify_ldt
bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register add_key request_key keyctl
name_to_handle_at open_by_handle_at fanotify_init msgget semget shmget mq_open syslog vhangup
unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat mknod mknodat rmdir truncate
chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat utime utimes futimesat utimensat
setxattr lsetxattr fsetxattr
""".split()

DEVICE = Filter(
    name="device",
    default=0,
    rules=(
        *(Rule(name, EPERM) for name in _NEVER),
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
