"""Attacks at the boundary, by family: functions of a `world` (see `arena.stage`) that are true when they got through.

They use what hostile Python can use after the lock: every module that was preloaded, ctypes and raw system calls among
them. One that raises was refused.
"""

import _thread
import ctypes
import fcntl
import gc
import mmap
import multiprocessing.popen_fork
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

World = Any  # SimpleNamespace; attributes as `arena.stage` and `arena.run` set them


@dataclass(frozen=True)
class Attack:
    """One way to try."""

    name: str
    family: str
    run: Callable[[World], object]
    needs: str = ""
    """Why its control may fail on some machines: "root", or a kernel feature."""


ATTACKS: list[Attack] = []


def attack(family: str, needs: str = "") -> Callable[[Callable[[World], object]], Callable[[World], object]]:
    """Register a function under its name."""

    def register(function: Callable[[World], object]) -> Callable[[World], object]:
        ATTACKS.append(Attack(function.__name__.replace("_", " "), family, function, needs))
        return function

    return register


def buffer(raw: bytes) -> "ctypes.Array[ctypes.c_char]":
    return ctypes.create_string_buffer(raw)


# --- reading files -------------------------------------------------------------------------------------------------


@attack("read")
def open_a_file(w: World) -> object:
    return open(w.secret).read() == w.secret_text  # noqa: PTH123


@attack("read")
def open_by_descriptor_call(w: World) -> object:
    return os.read(os.open(w.secret, os.O_RDONLY), 99).decode() == w.secret_text


@attack("read")
def openat_raw(w: World) -> object:
    fd = w.syscall(257 if os.uname().machine == "x86_64" else 56, -100, buffer(str(w.secret).encode()), 0, 0)
    return os.read(fd, 99).decode() == w.secret_text


@attack("read")
def openat2_raw(w: World) -> object:
    fd = w.syscall(437, -100, buffer(str(w.secret).encode()), buffer(struct.pack("QQQ", 0, 0, 0)), 24)
    return os.read(fd, 99).decode() == w.secret_text


@attack("read")
def file_handle(w: World) -> object:
    handle = buffer(struct.pack("Ii", 128, 0) + bytes(128))
    return w.syscall("name_to_handle_at", -100, buffer(str(w.secret).encode()), handle, buffer(bytes(4)), 0) == 0


@attack("read")
def stat_a_file(w: World) -> object:
    return os.stat(w.secret).st_size  # noqa: PTH116


@attack("read")
def statx_raw(w: World) -> object:
    number = 332 if os.uname().machine == "x86_64" else 291
    return w.syscall(number, -100, buffer(str(w.secret).encode()), 0, 0x7FF, buffer(bytes(256))) == 0


@attack("read")
def ask_whether_a_file_is_there(w: World) -> object:
    return os.access(w.secret, os.R_OK)


@attack("read")
def list_a_folder(w: World) -> object:
    return os.listdir(w.folder)  # noqa: PTH208


@attack("read")
def scan_a_folder(w: World) -> object:
    return [entry.name for entry in os.scandir(w.folder)]


@attack("read")
def read_a_link(w: World) -> object:
    return os.readlink("/proc/self/exe")  # noqa: PTH115


@attack("read")
def read_own_memory_map(w: World) -> object:
    return open("/proc/self/maps").read()  # noqa: PTH123


@attack("read")
def read_parent_environment(w: World) -> object:
    return open(f"/proc/{os.getppid()}/stat").read()  # noqa: PTH123


@attack("read")
def list_processes(w: World) -> object:
    return [name for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208


@attack("read")
def change_folder(w: World) -> object:
    os.chdir(w.folder)
    return True


@attack("read")
def file_system_statistics(w: World) -> object:
    return os.statvfs("/").f_blocks


@attack("read")
def import_from_disk(w: World) -> object:
    import wave

    return wave.__name__


@attack("read")
def extended_attributes(w: World) -> object:
    return os.listxattr(w.secret) is not None


@attack("read", "root")
def new_root(w: World) -> object:
    os.chroot(w.folder)
    return True


# --- writing files -------------------------------------------------------------------------------------------------


@attack("write")
def create_a_file(w: World) -> object:
    return os.open(w.folder / "new", os.O_CREAT | os.O_WRONLY)


@attack("write")
def append_to_a_file(w: World) -> object:
    return os.write(os.open(w.file, os.O_APPEND | os.O_WRONLY), b"x")


@attack("write")
def unnamed_file(w: World) -> object:
    return os.open(w.folder, os.O_TMPFILE | os.O_RDWR)


@attack("write")
def delete_a_file(w: World) -> object:
    os.unlink(w.file)  # noqa: PTH108
    return True


@attack("write")
def rename_a_file(w: World) -> object:
    os.rename(w.file, w.folder / "elsewhere")  # noqa: PTH104
    return True


@attack("write")
def symbolic_link(w: World) -> object:
    os.symlink("/etc/passwd", w.folder / "link")  # noqa: PTH211
    return True


@attack("write")
def hard_link(w: World) -> object:
    os.link(w.file, w.folder / "link")
    return True


@attack("write")
def change_mode(w: World) -> object:
    os.chmod(w.file, 0o4777)  # noqa: PTH101
    return True


@attack("write")
def change_owner(w: World) -> object:
    os.chown(w.file, os.getuid(), os.getgid())
    return True


@attack("write")
def change_times(w: World) -> object:
    os.utime(w.file, (0, 0))
    return True


@attack("write")
def truncate_a_file(w: World) -> object:
    os.truncate(w.file, 0)
    return True


@attack("write")
def make_a_folder(w: World) -> object:
    os.mkdir(w.folder / "new")  # noqa: PTH102
    return True


@attack("write")
def remove_a_folder(w: World) -> object:
    os.rmdir(w.folder / "empty")  # noqa: PTH106
    return True


@attack("write")
def named_pipe(w: World) -> object:
    os.mkfifo(w.folder / "fifo")
    return True


@attack("write")
def mark_by_attribute(w: World) -> object:
    os.setxattr(w.file, "user.mark", b"x")
    return True


# --- new descriptors -----------------------------------------------------------------------------------------------


@attack("descriptor")
def duplicate(w: World) -> object:
    return os.dup(3)


@attack("descriptor")
def duplicate_by_fcntl(w: World) -> object:
    return fcntl.fcntl(3, fcntl.F_DUPFD, 20)


@attack("descriptor")
def pipe(w: World) -> object:
    return os.pipe()


@attack("descriptor")
def memory_file(w: World) -> object:
    return os.memfd_create("x")


@attack("descriptor")
def secret_memory_file(w: World) -> object:
    return w.syscall(447, 0)


@attack("descriptor")
def event_counter(w: World) -> object:
    return os.eventfd(0)


@attack("descriptor")
def epoll(w: World) -> object:
    import select

    return select.epoll().fileno()


@attack("descriptor")
def file_watch(w: World) -> object:
    return w.syscall(294 if os.uname().machine == "x86_64" else 26, 0)


@attack("descriptor")
def timer(w: World) -> object:
    return w.syscall(283 if os.uname().machine == "x86_64" else 85, 1, 0)


@attack("descriptor")
def handle_of_a_process(w: World) -> object:
    return os.pidfd_open(w.victim)


@attack("descriptor")
def descriptor_of_another_process(w: World) -> object:
    return w.syscall("pidfd_getfd", os.pidfd_open(w.victim), 0, 0)


@attack("descriptor")
def terminal(w: World) -> object:
    return os.openpty()


# --- processes and threads -----------------------------------------------------------------------------------------


@attack("process")
def fork(w: World) -> object:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    return os.waitpid(pid, 0)


@attack("process")
def clone_raw(w: World) -> object:
    pid = w.syscall("clone", signal.SIGCHLD, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    return pid


@attack("process")
def clone3_raw(w: World) -> object:
    pid = w.syscall("clone3", buffer(struct.pack("11Q", 0, 0, 0, 0, signal.SIGCHLD, 0, 0, 0, 0, 0, 0)), 88)
    if pid == 0:
        os._exit(0)
    return pid


@attack("process")
def exec_in_place(w: World) -> object:
    os.execv("/bin/sh", ["sh", "-c", f"echo > {w.marker}"])


@attack("process")
def exec_of_a_descriptor(w: World) -> object:
    fd = os.open("/bin/sh", os.O_RDONLY)
    os.execve(fd, ["sh", "-c", f"echo > {w.marker}"], {})


@attack("process")
def shell(w: World) -> object:
    return os.system("true") == 0


@attack("process")
def run_a_program(w: World) -> object:
    return subprocess.run(["/bin/sh", "-c", "true"], check=True)


@attack("process")
def spawn_a_program(w: World) -> object:
    return os.posix_spawn("/bin/sh", ["sh", "-c", "true"], {})


@attack("process")
def worker_process(w: World) -> object:
    process = multiprocessing.get_context("fork").Process(target=int)
    process.start()
    process.join()
    return process.exitcode == 0


@attack("process")
def thread(w: World) -> object:
    done: list[int] = []
    _thread.start_new_thread(done.append, (1,))
    while not done:
        time.sleep(0.01)
    return True


@attack("process")
def leave_the_process_group(w: World) -> object:
    os.setsid()
    return True


@attack("process")
def outlive_the_parent(w: World) -> object:
    return w.libc.prctl(1, 0, 0, 0, 0) == 0


@attack("process")
def alarm_between_cells(w: World) -> object:
    return signal.setitimer(signal.ITIMER_REAL, 100) is not None


# --- other processes -----------------------------------------------------------------------------------------------


@attack("signal")
def kill_another(w: World) -> object:
    os.kill(w.victim, signal.SIGKILL)
    return True


@attack("signal")
def kill_the_parent_s_group(w: World) -> object:
    os.kill(w.parent, 0)
    return True


@attack("signal")
def kill_by_thread_id(w: World) -> object:
    return w.syscall("tgkill", w.victim, w.victim, signal.SIGCONT) == 0


@attack("signal")
def kill_by_tkill(w: World) -> object:
    return w.syscall("tkill", w.victim, signal.SIGCONT) == 0


@attack("signal")
def queue_a_signal(w: World) -> object:
    info = buffer(struct.pack("iiiiiQ", signal.SIGCONT, 0, -1, 0, os.getpid(), 0).ljust(128, b"\0"))
    return w.syscall("rt_sigqueueinfo", w.victim, signal.SIGCONT, info) == 0


@attack("signal")
def signal_by_handle(w: World) -> object:
    signal.pidfd_send_signal(os.pidfd_open(w.victim), signal.SIGCONT)
    return True


@attack("signal")
def signal_by_descriptor_owner(w: World) -> object:
    fcntl.fcntl(3, fcntl.F_SETOWN, w.victim)
    return True


@attack("other process")
def trace_another(w: World) -> object:
    return w.syscall("ptrace", 16, w.victim, 0, 0) == 0


@attack("other process")
def read_another_s_memory(w: World) -> object:
    target = buffer(bytes(16))
    # The victim was forked from the same process, so that an address of a library is the same there.
    remote = buffer(struct.pack("PN", ctypes.addressof(ctypes.c_int.in_dll(w.libc, "optind")), 4))
    local = buffer(struct.pack("PN", ctypes.addressof(target), 4))
    return w.syscall("process_vm_readv", w.victim, local, 1, remote, 1, 0) == 4


@attack("other process")
def slow_another_down(w: World) -> object:
    os.setpriority(os.PRIO_PROCESS, w.victim, 19)
    return True


@attack("other process")
def pin_another(w: World) -> object:
    os.sched_setaffinity(w.victim, {0})
    return True


@attack("other process")
def limit_another(w: World) -> object:
    return resource.prlimit(w.victim, resource.RLIMIT_NOFILE, (5, 5))


@attack("other process")
def compare_with_another(w: World) -> object:
    return w.syscall("kcmp", os.getpid(), w.victim, 0, 0, 0) >= 0


@attack("other process")
def session_of_another(w: World) -> object:
    return os.getpgid(w.victim) > 0


# --- network -------------------------------------------------------------------------------------------------------


@attack("network")
def tcp(w: World) -> object:
    return socket.create_connection(("127.0.0.1", w.tcp))


@attack("network")
def udp(w: World) -> object:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", w.udp))


@attack("network")
def unix_by_path(w: World) -> object:
    socket.socket(socket.AF_UNIX).connect(w.unix)
    return True


@attack("network")
def unix_abstract(w: World) -> object:
    socket.socket(socket.AF_UNIX).connect(w.abstract)
    return True


@attack("network")
def socket_pair(w: World) -> object:
    return socket.socketpair()


@attack("network")
def listen(w: World) -> object:
    return socket.create_server(("127.0.0.1", 0))


@attack("network")
def ipv6(w: World) -> object:
    return socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).fileno()


@attack("network")
def netlink(w: World) -> object:
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)


@attack("network", "AF_ALG")
def kernel_crypto(w: World) -> object:
    return socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET, 0)


@attack("network", "vsock")
def virtual_machine_socket(w: World) -> object:
    return socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)


@attack("network", "root")
def raw_packets(w: World) -> object:
    return socket.socket(socket.AF_PACKET, socket.SOCK_RAW)


@attack("network")
def look_up_a_name(w: World) -> object:
    return socket.getaddrinfo("localhost", 80)


@attack("network", "io_uring")
def ring(w: World) -> object:
    return w.syscall("io_uring_setup", 4, buffer(bytes(120)))


# --- memory and the kernel -----------------------------------------------------------------------------------------


@attack("memory")
def executable_map(w: World) -> object:
    return mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)


@attack("memory")
def make_memory_executable(w: World) -> object:
    area = mmap.mmap(-1, 4096)
    return w.syscall("mprotect", ctypes.addressof(ctypes.c_char.from_buffer(area)), 4096, 7) == 0


@attack("memory")
def executable_by_key(w: World) -> object:
    area = mmap.mmap(-1, 4096)
    number = 329 if os.uname().machine == "x86_64" else 288
    return w.syscall(number, ctypes.addressof(ctypes.c_char.from_buffer(area)), 4096, 7, -1) == 0


@attack("memory")
def machine_code(w: World) -> object:
    area = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    area.write(b"\xb8\x2a\x00\x00\x00\xc3")  # mov eax, 42; ret
    return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(area)))() == 42


@attack("memory")
def more_memory_than_allowed(w: World) -> object:
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return mmap.mmap(-1, 3 << 30)


@attack("kernel")
def address_layout(w: World) -> object:
    return w.syscall("personality", 0x0040000) >= 0


@attack("kernel", "root")
def kernel_program(w: World) -> object:
    return w.syscall("bpf", 0, buffer(struct.pack("IIII", 2, 4, 4, 1).ljust(128, b"\0")), 128)


@attack("kernel", "perf events")
def performance_counter(w: World) -> object:
    attributes = buffer(struct.pack("IIQ", 1, 128, 0).ljust(128, b"\0"))
    return w.syscall("perf_event_open", attributes, 0, -1, -1, 0)


@attack("kernel", "userfaultfd")
def fault_handler(w: World) -> object:
    return w.syscall("userfaultfd", 1)


@attack("kernel", "keys")
def kernel_key(w: World) -> object:
    return w.syscall("add_key", buffer(b"user"), buffer(b"x"), buffer(b"y"), 1, -2)


@attack("kernel", "System V IPC")
def message_queue(w: World) -> object:
    return w.syscall("msgget", 0, 0o1600) >= 0


@attack("kernel", "System V IPC")
def shared_memory(w: World) -> object:
    return w.syscall("shmget", 0, 4096, 0o1600) >= 0


@attack("kernel", "System V IPC")
def semaphore(w: World) -> object:
    return w.syscall("semget", 0, 1, 0o1600) >= 0


@attack("kernel", "root")
def mount(w: World) -> object:
    return (
        w.syscall("unshare", 0x00020000) == 0
        and w.syscall("mount", buffer(b"none"), buffer(str(w.folder / "empty").encode()), buffer(b"tmpfs"), 0, 0) == 0
    )


@attack("kernel")
def new_user_namespace(w: World) -> object:
    return w.syscall("unshare", 0x10000000) == 0


@attack("kernel", "root")
def host_name(w: World) -> object:
    name = os.uname().nodename.encode()
    return w.syscall("sethostname", buffer(name), len(name)) == 0


@attack("kernel", "root")
def become_another_user(w: World) -> object:
    os.setuid(1)
    return True


@attack("kernel", "root")
def kernel_log(w: World) -> object:
    return w.syscall("syslog", 10, 0, 0) > 0


@attack("kernel")
def second_filter(w: World) -> object:
    code = buffer(struct.pack("HBBI", 6, 0, 0, 0x7FFF0000))
    return w.syscall("seccomp", 1, 0, buffer(struct.pack("HP", 1, ctypes.addressof(code)))) == 0


@attack("kernel")
def dumpable_for_a_tracer(w: World) -> object:
    return w.libc.prctl(0x59616D61, w.victim, 0, 0, 0) == 0 or w.libc.prctl(4, 1, 0, 0, 0) == 0


# --- through Python itself: no module of the attacker's, only what objects lead to -----------------------------------


@attack("objects")
def through_subclasses(w: World) -> object:
    (wrapper,) = [one for one in object.__subclasses__() if one.__name__ == "_wrap_close"]
    return wrapper.__init__.__globals__["system"]("true") == 0


@attack("objects")
def through_frames(w: World) -> object:
    frame = sys._getframe()
    while frame.f_back is not None and "os" not in frame.f_globals:
        frame = frame.f_back
    return frame.f_globals["os"].listdir(str(w.folder))


@attack("objects")
def through_the_garbage_collector(w: World) -> object:
    (found,) = [one for one in gc.get_objects() if isinstance(one, dict) and one.get("__name__") == "posix"][:1]
    return found["open"](str(w.secret), 0)


@attack("objects")
def a_library_of_machine_code(w: World) -> object:
    return ctypes.CDLL("libanl.so.1")


@attack("objects")
def an_extension_from_disk(w: World) -> object:
    import _xxsubinterpreters  # type: ignore[import-not-found]

    return _xxsubinterpreters


# --- /proc, and descriptors that lead elsewhere ----------------------------------------------------------------------


@attack("descriptor")
def own_channel_opened_again(w: World) -> object:
    return os.open("/proc/self/fd/3", os.O_WRONLY)


@attack("descriptor")
def descriptor_of_another_by_path(w: World) -> object:
    return os.open(f"/proc/{w.victim}/fd/0", os.O_RDONLY)


@attack("descriptor")
def descriptor_over_a_socket(w: World) -> object:
    ours, theirs = socket.socketpair()
    socket.send_fds(ours, [b"x"], [3])
    return socket.recv_fds(theirs, 1, 1)[1]


@attack("descriptor")
def pages_lent_to_the_channel(w: World) -> object:
    return w.syscall(278 if os.uname().machine == "x86_64" else 75, 3, 0, 0, 0) == 0


@attack("descriptor")
def splice_without_copying(w: World) -> object:
    return w.syscall(275 if os.uname().machine == "x86_64" else 76, 3, 0, 3, 0, 0, 0) == 0


@attack("descriptor")
def a_larger_channel(w: World) -> object:
    return fcntl.fcntl(3, 1031, 1 << 20) > 0


@attack("descriptor", "asynchronous input and output")
def asynchronous_input(w: World) -> object:
    return w.syscall(206 if os.uname().machine == "x86_64" else 0, 1, buffer(bytes(8))) == 0


@attack("memory")
def own_memory_through_a_file(w: World) -> object:
    return open("/proc/self/mem", "r+b", 0).fileno()  # noqa: PTH123


@attack("other process")
def spared_when_memory_is_short(w: World) -> object:
    return open("/proc/self/oom_score_adj", "w").write("0")  # noqa: PTH123


@attack("other process")
def write_another_s_memory(w: World) -> object:
    number = ctypes.c_int.in_dll(w.libc, "optind")
    here = buffer(struct.pack("PN", ctypes.addressof(number), 4))
    return w.syscall("process_vm_writev", w.victim, here, 1, here, 1, 0) == 4


# --- clocks, the scheduler and shared parts of the machine -----------------------------------------------------------


@attack("time")
def timer_that_outlives_the_cell(w: World) -> object:
    return w.syscall(222 if os.uname().machine == "x86_64" else 107, 0, 0, buffer(bytes(8))) == 0


@attack("time")
def another_priority(w: World) -> object:
    return os.nice(1) >= 1


@attack("time")
def another_scheduler(w: World) -> object:
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    return True


@attack("time")
def one_processor_only(w: World) -> object:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    return True


@attack("time", "membarrier")
def interrupt_every_processor(w: World) -> object:
    return w.syscall(324 if os.uname().machine == "x86_64" else 283, 0, 0, 0) >= 0


@attack("memory")
def memory_that_is_never_swapped(w: World) -> object:
    area = mmap.mmap(-1, 4096)
    number = 149 if os.uname().machine == "x86_64" else 228
    return w.syscall(number, ctypes.addressof(ctypes.c_char.from_buffer(area)), 4096) == 0


@attack("memory")
def what_others_have_in_memory(w: World) -> object:
    area = mmap.mmap(-1, 4096)
    number = 27 if os.uname().machine == "x86_64" else 232
    return w.syscall(number, ctypes.addressof(ctypes.c_char.from_buffer(area)), 4096, buffer(bytes(8))) == 0


# --- turning the lock's own tools around -----------------------------------------------------------------------------


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


def names() -> list[str]:
    """All attacks by name, each once."""
    listed = [one.name for one in ATTACKS]
    if len(set(listed)) != len(listed):
        raise ValueError("two attacks of one name")
    return listed
