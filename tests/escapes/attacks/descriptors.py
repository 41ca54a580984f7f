"""New descriptors, and descriptors that lead elsewhere."""

import ctypes
import fcntl
import os
import socket
import struct

from tests.escapes.attacks.attack import World, attack, buffer


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
def descriptor_over_an_inherited_socket(w: World) -> object:
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=4)
    return socket.send_fds(channel, [b"x"], [3]) == 1


@attack("descriptor")
def read_by_another_call(w: World) -> object:
    return os.preadv(0, [bytearray(1)], 0) == 0


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
