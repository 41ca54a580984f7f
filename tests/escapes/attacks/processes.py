"""New processes and threads, and other processes hurt or read."""

import _thread
import ctypes
import faulthandler
import fcntl
import multiprocessing.popen_fork
import os
import resource
import signal
import struct
import subprocess
import time

from tests.escapes.attacks.attack import World, attack, buffer


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
def thread_of_the_fault_handler(w: World) -> object:
    faulthandler.dump_traceback_later(60, file=0)
    faulthandler.cancel_dump_traceback_later()
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


@attack("signal")
def signal_by_descriptor_owner_of_a_kind(w: World) -> object:
    fcntl.fcntl(3, 15, struct.pack("ii", 1, w.victim))  # F_SETOWN_EX, of a process
    return True


@attack("signal")
def signal_of_the_descriptor_s_own_choice(w: World) -> object:
    fcntl.fcntl(3, 10, signal.SIGUSR1)  # F_SETSIG
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
def reschedule_another(w: World) -> object:
    os.sched_setscheduler(w.victim, os.SCHED_BATCH, os.sched_param(0))
    return True


@attack("other process")
def lock_that_is_said_to_be_another_s(w: World) -> object:
    nobody = (1 << 30) - 2
    try:
        w.syscall("futex", buffer(struct.pack("I", nobody)), 8 | 128, 0, 0, 0, 0)  # FUTEX_TRYLOCK_PI
    except ProcessLookupError:  # the kernel has looked for the owner, to lend it priority
        return True
    return False


@attack("other process")
def waiters_moved_to_a_lock_with_priority(w: World) -> object:
    first, second = buffer(bytes(4)), buffer(bytes(4))
    return w.syscall("futex", first, 12 | 128, 1, 1, second, 0) == 0  # FUTEX_CMP_REQUEUE_PI


@attack("other process", "root")
def advise_on_another_s_memory(w: World) -> object:
    page = ctypes.addressof(ctypes.c_int.in_dll(w.libc, "optind")) & ~4095
    handle = os.pidfd_open(w.victim)
    return w.syscall("process_madvise", handle, buffer(struct.pack("PN", page, 4096)), 1, 20, 0) == 4096


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
