"""Reading what is not theirs: files, folders, links, /proc."""

import codecs
import ctypes
import io
import linecache
import os
import struct
import tokenize
import zipimport

from tests.escapes.attacks.attack import World, attack, buffer


@attack("read")
def open_a_file(w: World) -> object:
    return open(w.secret).read() == w.secret_text  # noqa: PTH123


@attack("read")
def open_by_descriptor_call(w: World) -> object:
    return os.read(os.open(w.secret, os.O_RDONLY), 99).decode() == w.secret_text


@attack("read")
def open_by_codecs(w: World) -> object:
    return codecs.open(str(w.secret), encoding="utf-8").read() == w.secret_text


@attack("read")
def open_for_code(w: World) -> object:
    return io.open_code(str(w.secret)).read().decode() == w.secret_text


@attack("read")
def open_by_the_c_library(w: World) -> object:
    w.libc.fopen.restype = ctypes.c_void_p
    return w.libc.fopen(str(w.secret).encode(), b"r") is not None


@attack("read")
def lines_for_a_traceback(w: World) -> object:
    return linecache.getlines(str(w.secret)) == [f"{w.secret_text}\n"]


@attack("read")
def open_for_tokens(w: World) -> object:
    return tokenize.open(str(w.secret)).read() == w.secret_text


@attack("read")
def run_a_file(w: World) -> object:
    import runpy

    try:
        runpy.run_path(str(w.file))
    except SyntaxError as problem:  # it quotes the file
        return (problem.text or "").strip() == "keep me"
    return False


@attack("read")
def source_inside_an_archive(w: World) -> object:
    return zipimport.zipimporter(str(w.package)).get_source("inside") == "READ = True"


@attack("read")
def data_of_a_package(w: World) -> object:
    import importlib.resources

    return importlib.resources.files("json").joinpath("__init__.py").read_text()


@attack("read")
def data_by_a_module_s_loader(w: World) -> object:
    return linecache.__spec__.loader.get_data(str(w.secret)).decode() == w.secret_text


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
