"""Where attacks run: `python -m tests.escapes.arena CONFIGURATION USER` prints one JSON object, attack to outcome.

It imports everything once, then forks a child for each attack. The child takes off its rights, locks itself as the
configuration says, and attacks. What counts is what came of it: a secret read, a mark left, a call let through.
Configurations:

- ``naive``: nothing at all, the positive control: an attack that does not succeed here proves nothing.
- ``all``: the lock as it is.
- ``hidden``: an outer filter hides Landlock and namespaces, as old kernels and containers do.
- ``boundary hidden``: an outer filter hides seccomp.
- ``engine``: the lock of the engine's worker instead, whose filter names what is forbidden.
"""

import ctypes
import json
import os
import platform
import secrets
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

from rlm_desk.confine import lockdown, policies, seccomp
from rlm_desk.confine.numbers import NUMBERS
from rlm_desk.confine.syscalls import ENOSYS, EPERM, Filter, Rule
from rlm_desk.repl import preload
from tests.escapes.attacks import ATTACKS, Attack

SECONDS = 4.0
NOBODY = 65534
RESERVED = 200
_SECOND_LAYERS = ("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self")
HIDE_SECOND_LAYERS = Filter("outer", 0, (*(Rule(name, ENOSYS) for name in _SECOND_LAYERS), Rule("unshare", EPERM)))
HIDE_SECCOMP = Filter("outer", 0, (Rule("seccomp", ENOSYS),))


def syscall(name_or_number: str | int, *arguments: int | bytes | ctypes.Array[ctypes.c_char] | None) -> int:
    """A raw system call; raises OSError as the kernel says."""
    number = name_or_number
    if isinstance(name_or_number, str):
        number = NUMBERS[name_or_number][seccomp.MACHINES[platform.machine()][1]] or -1
    wrapped = [ctypes.c_long(a) if isinstance(a, int) else ctypes.c_void_p(None) if a is None else a for a in arguments]
    result = int(LIBC.syscall(ctypes.c_long(int(number)), *wrapped))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.syscall.restype = ctypes.c_long


def stage() -> SimpleNamespace:
    """What attacks may aim at: listeners, and a process to hurt."""
    tcp = socket.create_server(("127.0.0.1", 0))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    abstract = socket.socket(socket.AF_UNIX)
    name = f"\0rlm-desk-arena-{os.getpid()}"
    abstract.bind(name)
    abstract.listen(50)
    ours, _ = pair = socket.socketpair()
    folder = Path(tempfile.mkdtemp(prefix="arena-"))
    folder.chmod(0o755)
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(str(folder / "socket"))
    unix.listen(50)
    (folder / "socket").chmod(0o777)
    with zipfile.ZipFile(folder / "package.zip", "w") as package:
        package.writestr("inside.py", "READ = True")
    for path in (folder, folder / "package.zip"):
        path.chmod(0o755)
    return SimpleNamespace(
        root=folder,
        tcp=tcp.getsockname()[1],
        udp=udp.getsockname()[1],
        unix=str(folder / "socket"),
        abstract=name,
        package=folder / "package.zip",
        listeners=(tcp, udp, abstract, unix, *pair),
        inherited=ours.fileno(),
        syscall=syscall,
        libc=LIBC,
        parent=os.getpid(),
    )


def victim(user: str) -> int:
    """A process that does nothing, of the same user as the attacker."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        become(user)
        LIBC.prctl(lockdown.PR_SET_DUMPABLE, 1, 0, 0, 0)  # giving up root takes it; the attacker's own have it
        os.write(writing, b"x")
        time.sleep(SECONDS * 2)
        os._exit(0)
    os.read(reading, 1)
    os.close(reading)
    os.close(writing)
    return pid


def become(user: str) -> None:
    """Give up root for good."""
    if user == "nobody":
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def run(attack: Attack, configuration: str, user: str, scene: SimpleNamespace) -> str:
    """One attack in a child of its own: "escaped", or how it was refused."""
    folder = scene.root / attack.name.replace(" ", "-")
    folder.mkdir()
    (folder / "victim.txt").write_text("keep me")
    (folder / "secret.txt").write_text(secrets.token_hex(16))
    (folder / "empty").mkdir()
    if user == "nobody":
        for path in (folder, *folder.iterdir()):
            os.chown(path, NOBODY, NOBODY)
    world = SimpleNamespace(**vars(scene), folder=folder, secret=folder / "secret.txt", file=folder / "victim.txt")
    world.secret_text = world.secret.read_text()
    world.marker = folder / "marker"
    world.victim = victim(user)
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        attempt(attack, configuration, user, world, writing)
    os.close(writing)
    report = b""
    deadline = time.monotonic() + SECONDS
    while (left := deadline - time.monotonic()) > 0 and select.select([reading], [], [], left)[0]:
        chunk = os.read(reading, 4096)
        if not chunk:
            break
        report += chunk
    os.close(reading)
    for target in (pid, world.victim):
        try:
            os.kill(target, signal.SIGKILL)
        except ProcessLookupError:
            continue
    _, status = os.waitpid(pid, 0)
    os.waitpid(world.victim, 0)
    if world.marker.exists():
        return "escaped"
    if report:
        return report.decode()
    return f"ended by signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else "ended without a word"


def attempt(attack: Attack, configuration: str, user: str, world: SimpleNamespace, report: int) -> None:
    """In the child: lock, attack, report. Never returns."""
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    for fd in (1, 2):
        os.dup2(0, fd)
    os.dup2(report, RESERVED)
    os.dup2(world.inherited, 4)  # the fifth descriptor: no more than a worker has with its channel
    os.dup2(RESERVED, 3)
    os.closerange(5, 256)
    become(user)
    try:
        if configuration != "naive":
            if configuration in ("hidden", "boundary hidden"):
                lockdown._prctl(lockdown.PR_SET_NO_NEW_PRIVS, 1)
                seccomp.install(HIDE_SECOND_LAYERS if configuration == "hidden" else HIDE_SECCOMP)
            policy = policies.ENGINE if configuration == "engine" else policies.REPL
            layers = {layer["name"]: layer["state"] for layer in lockdown.lock(policy)}
            if layers["syscalls"] == "off":
                os.write(3, b"refused: no boundary")
                os._exit(0)
            if configuration != "engine":
                preload.close_imports()
        outcome = "escaped" if attack.run(world) else "no effect"
    except BaseException as problem:
        outcome = f"{type(problem).__name__}: {problem}"
    os.write(3, outcome.encode()[:200])
    os._exit(0)


def main() -> None:
    """Run every attack under one configuration as one user."""
    configuration, user = sys.argv[1:3]
    preload.preload()
    scene = stage()
    try:
        print(json.dumps({attack.name: run(attack, configuration, user, scene) for attack in ATTACKS}))
    finally:
        shutil.rmtree(scene.root, ignore_errors=True)


if __name__ == "__main__":
    main()
