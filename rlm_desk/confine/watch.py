"""See from outside, through the kernel, which sockets a program and everything it starts opens.

A seccomp filter that every descendant inherits makes the kernel stop each call that could make a socket and ask the
watcher first (`SECCOMP_RET_USER_NOTIF`, Linux 5.5). Nothing a process does to itself can take such a filter off. What
a process's own filters refuse is refused before the watcher is asked: what it sees is what would have happened.

The arguments that matter (domain and type) are values in registers, so that nobody can change them in between.
"""

import errno
import fcntl
import os
import platform
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rlm_desk.confine.numbers import NUMBERS
from rlm_desk.confine.seccomp import MACHINES, install_watched
from rlm_desk.confine.syscalls import AF_UNIX, WATCHED

NOTIFICATION = struct.Struct("=QIIiIQ6Q")  # id, pid, flags, then seccomp_data: nr, arch, ip, args
ANSWER = struct.Struct("=QqiI")  # id, val, error, flags
RECEIVE, SEND = 0xC0502100, 0xC0182101
GO_ON = 1
TICK_SECONDS = 0.02
ORPHAN_SECONDS = 5.0
"""How long what the program left behind is waited for."""

_ROOT = str(Path(__file__).resolve().parents[2])
_LAUNCHER = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from rlm_desk.confine.watch import launch; del sys.path[0]; "
    "launch(int(sys.argv[1]), sys.argv[2:])"
)


@dataclass(slots=True)
class Watched:
    """What a program and its descendants did."""

    returncode: int = 0
    """Of the program itself; minus the signal's number where one ended it."""
    output: str = ""
    """Standard output and error, mixed."""
    programs: list[str] = field(default_factory=list)
    """Every program that was started, in words: `rlm-desk`, `repl worker`, or the command's name."""
    pairs: int = 0
    """Socket pairs of AF_UNIX that were made."""
    violations: list[str] = field(default_factory=list)
    """Anything else that would have made a socket: who, and what. It was refused."""


def run(command: Sequence[str], environment: dict[str, str], seconds: float) -> Watched:
    """Run a program to its end under the watch. Blocking.

    Raises:
        OSError: this kernel offers no such watch, or something watches already (a container may).
        TimeoutError: the program did not end in `seconds`; it was killed.
    """
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-I", "-c", _LAUNCHER, _ROOT, str(theirs.fileno()), *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environment,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        try:
            word, descriptors, _, _ = socket.recv_fds(ours, 200, 1)
            if not descriptors:
                raise OSError(errno.ENOSYS, word.decode("utf-8", "replace") or "the launcher did not start")
            return _Watch(process, descriptors[0], time.monotonic() + seconds).to_the_end()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            if process.stdout is not None:
                process.stdout.close()


def launch(channel: int, command: list[str]) -> None:
    """In the child: put the filter up, hand its descriptor over, become the program."""
    with socket.socket(fileno=channel) as watcher:
        try:
            from rlm_desk.confine.lockdown import no_new_privileges

            no_new_privileges()
            listener = install_watched(WATCHED)
        except (OSError, KeyError) as problem:
            watcher.send(str(problem).encode() or b"refused")
            return
        socket.send_fds(watcher, [b"watched"], [listener])
    os.close(listener)
    os.execv(command[0], command)


class _Watch:
    """Answers the kernel's questions until nobody is left who could ask."""

    def __init__(self, process: subprocess.Popen[bytes], listener: int, deadline: float) -> None:
        self._process = process
        self._listener = listener
        self._deadline = deadline
        self._names = {number[MACHINES[platform.machine()][1]]: name for name, number in NUMBERS.items()}
        self._found = Watched()
        self._started: dict[int, str] = {}
        """Programs by process, the last one each became."""

    def to_the_end(self) -> Watched:
        try:
            self._serve()
        finally:
            os.close(self._listener)
        self._found.returncode = self._process.wait()
        self._found.programs = list(self._started.values())
        return self._found

    def _serve(self) -> None:
        output = self._process.stdout
        if output is None:
            raise ValueError("the process has no pipe")
        os.set_blocking(output.fileno(), False)
        said = bytearray()
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        ended = float("inf")
        while True:
            events = poll.poll(TICK_SECONDS * 1000)
            said += output.read() or b""
            self._look()
            if events and events[0][1] & select.POLLIN:
                self._answer()
            elif events:  # nobody is left under the filter
                break
            now = time.monotonic()
            if self._process.poll() is not None and now > (ended := min(ended, now)) + ORPHAN_SECONDS:
                break
            if now > self._deadline:
                raise TimeoutError("the program that was watched did not end in time")
        said += output.read() or b""
        self._found.output = said.decode("utf-8", "replace")

    def _answer(self) -> None:
        raw = bytearray(NOTIFICATION.size)
        try:
            fcntl.ioctl(self._listener, RECEIVE, raw)
        except OSError as problem:
            if problem.errno in (errno.ENOENT, errno.EINTR):  # who asked is gone
                return
            raise
        identity, pid, _, number, _, _, *arguments = NOTIFICATION.unpack(raw)
        name = self._names.get(number, f"system call {number}")
        if name.startswith("exec"):
            self._started[pid] = ""
            refused = False
        elif name == "socketpair" and arguments[0] & 0xFFFFFFFF == AF_UNIX:
            self._found.pairs += 1
            refused = False
        else:
            family = f"({_family(arguments[0])})" if name.startswith("socket") else ""
            self._found.violations.append(f"{self._started.get(pid) or f'process {pid}'}: {name}{family}")
            refused = True
        answer = (identity, 0, -errno.EPERM, 0) if refused else (identity, 0, 0, GO_ON)
        try:
            fcntl.ioctl(self._listener, SEND, ANSWER.pack(*answer))
        except OSError as problem:
            if problem.errno != errno.ENOENT:
                raise

    def _look(self) -> None:
        """Learn what new processes have become."""
        for pid in [pid for pid, name in self._started.items() if not name]:
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")[:-1]
            except OSError:
                self._started[pid] = "a program that ended at once"
                continue
            if words and _LAUNCHER not in words:
                self._started[pid] = _told(words)


def _told(words: list[str]) -> str:
    """A command line in a word or two."""
    if any("rlm_desk._worker" in word for word in words) and len(words) > 2:
        return f"{words[-2]} worker"
    if any("rlm_desk" in word for word in words):
        return "rlm-desk"
    return Path(words[0]).name


def _family(number: int) -> str:
    try:
        return socket.AddressFamily(number & 0xFFFFFFFF).name
    except ValueError:
        return f"family {number}"
