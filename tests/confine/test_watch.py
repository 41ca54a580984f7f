"""The two witnesses of `doctor --offline`: they see what is there, and nothing that is not."""

import os
import sys

import pytest

from rlm_desk.confine import tracing, watch

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="seccomp and strace are Linux's")
PAIR = "import socket; socket.socketpair()"
CHILD = "import subprocess, sys; subprocess.run([sys.executable, '-c', {!r}])"
CAUGHT = {
    "internet": "socket.socket(socket.AF_INET)",
    "datagrams": "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
    "unix": "socket.socket(socket.AF_UNIX)",
    "netlink": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)",
}


def watched(code: str) -> watch.Watched:
    try:
        return watch.run([sys.executable, "-I", "-c", code], dict(os.environ), 60)
    except OSError as problem:
        pytest.skip(f"this kernel has no notification, or another watcher is there: {problem}")


def test_a_quiet_program_is_seen_with_its_output_and_exit_code() -> None:
    seen = watched("import sys; print('said', flush=True); print('and this', file=sys.stderr); sys.exit(5)")
    assert (seen.returncode, seen.output, seen.pairs, seen.violations) == (5, "said\nand this\n", 0, [])
    assert len(seen.programs) == 1


def test_pairs_are_counted_and_children_too() -> None:
    seen = watched(f"{PAIR}; {CHILD.format(PAIR)}")
    assert (seen.returncode, seen.pairs, seen.violations) == (0, 2, [])
    assert len(seen.programs) == 2


@pytest.mark.parametrize("name", CAUGHT)
def test_any_other_socket_is_caught_and_refused(name: str) -> None:
    seen = watched(f"import socket\ntry: {CAUGHT[name]}\nexcept PermissionError: print('refused')")
    assert seen.output == "refused\n"
    assert len(seen.violations) == 1 and ": socket(AF_" in seen.violations[0]


def test_a_grandchild_that_outlives_the_program_is_seen() -> None:
    late = f"import socket, time; time.sleep(0.5); {CAUGHT['internet']}"
    leave = f"subprocess.Popen([sys.executable, '-c', {late!r}], start_new_session=True)"
    seen = watched(f"import subprocess, sys; {leave}")
    assert len(seen.violations) == 1


def test_a_ring_is_caught() -> None:
    seen = watched("import ctypes; ctypes.CDLL(None).syscall(425, 4, ctypes.create_string_buffer(120))")
    assert [one.split(": ")[1] for one in seen.violations] == ["io_uring_setup"]


def test_a_program_that_does_not_end_is_ended() -> None:
    watched("pass")
    with pytest.raises(TimeoutError):
        watch.run([sys.executable, "-I", "-c", "import time; time.sleep(60)"], dict(os.environ), 0.5)


LINES = """\
11 socketpair(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0, [3, 4]) = 0
11 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = -1 EPERM (Operation not permitted)
12 socketpair(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0,  <unfinished ...>
11 sendto(3, "x = 7", 5, 0, NULL, 0) = 5
12 <... socketpair resumed>[5, 6]) = 0
12 +++ exited with 0 +++
"""
WORSE = """\
12 socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP <unfinished ...>
11 socket(AF_UNIX, SOCK_STREAM, 0) = 3
12 <... socket resumed>) = 7
12 socketpair(AF_TIPC, SOCK_STREAM, 0, [3, 4]) = 0
11 io_uring_setup(4, {flags=0}) = 5
"""


def test_strace_s_lines_are_read() -> None:
    found = tracing.read(LINES.splitlines())
    assert (found.pairs, found.violations) == (2, [])
    found = tracing.read((LINES + WORSE).splitlines())
    assert found.pairs == 2 and len(found.violations) == 4
    assert "AF_INET" in found.violations[1]  # put together from its two halves


def test_strace_itself_agrees() -> None:
    if not tracing.version():
        pytest.skip("strace is not installed")
    try:
        quiet = tracing.run([sys.executable, "-I", "-c", PAIR], dict(os.environ), 60)
        caught = tracing.run([sys.executable, "-I", "-c", f"import socket; {CAUGHT['unix']}"], dict(os.environ), 60)
    except OSError as problem:
        pytest.skip(str(problem))
    assert (quiet.returncode, quiet.pairs, quiet.violations) == (0, 1, [])
    assert len(caught.violations) == 1
