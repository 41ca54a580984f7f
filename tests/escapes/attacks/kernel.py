"""Memory that runs, and the kernel's own doors."""

import ctypes
import mmap
import os
import resource
import struct

from tests.escapes.attacks.attack import World, attack, buffer


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
def tree_opened_apart(w: World) -> object:
    return w.syscall("open_tree", -100, buffer(str(w.folder).encode()), 0)


@attack("kernel", "root")
def file_system_opened(w: World) -> object:
    return w.syscall("fsopen", buffer(b"tmpfs"), 0)


@attack("kernel", "root")
def tree_moved(w: World) -> object:
    w.syscall("unshare", 0x00020000)
    w.syscall("mount", None, buffer(b"/"), None, 0x44000, None)  # private: nothing of it is seen outside
    made = w.syscall("fsopen", buffer(b"tmpfs"), 0)
    w.syscall("fsconfig", made, 6, None, None, 0)
    tree = w.syscall("fsmount", made, 0, 0)
    place = buffer(str(w.folder / "empty").encode())
    return w.syscall("move_mount", tree, buffer(b""), -100, place, 4) == 0


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
