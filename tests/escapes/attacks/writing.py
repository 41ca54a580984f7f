"""Leaving a mark on the disk."""

import os

from tests.escapes.attacks.attack import World, attack


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
