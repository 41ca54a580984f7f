"""The app's own process, shut off: the rules by emulator, and what becomes of a process that puts them up."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from rlm_desk.confine.numbers import NUMBERS
from rlm_desk.confine.syscalls import HOST
from tests.confine.bpf import ALLOW, KILL
from tests.confine.test_filter import ARM, ENOSYS, EPERM, X86, ask, program

ROOT = Path(__file__).resolve().parents[2]
SHUT = ("socket", "bind", "listen", "accept", "accept4", "connect", "pidfd_getfd")


@pytest.mark.parametrize("machine", [X86, ARM])
def test_all_is_allowed_but_what_makes_or_takes_a_socket(machine: str) -> None:
    known = {name for name, numbers in NUMBERS.items() if numbers[machine == ARM] is not None}
    refused = {name for name in known if ask(HOST, machine, name) != ALLOW}
    assert refused == {*SHUT, "socketpair", "io_uring_setup"}
    assert {ask(HOST, machine, name) for name in SHUT} == {EPERM}
    assert ask(HOST, machine, "io_uring_setup") == ENOSYS


@pytest.mark.parametrize("machine", [X86, ARM])
@pytest.mark.parametrize(
    ("family", "kind", "expected"),
    [
        (1, 1, ALLOW),  # AF_UNIX, SOCK_STREAM
        (1, 1 | 0x80000, ALLOW),  # SOCK_CLOEXEC, as Python asks for it
        (1, 1 | 0x80800, ALLOW),
        (1, 2, EPERM),  # a datagram pair can be sent to any name afterwards
        (1, 5, EPERM),
        (2, 1, EPERM),
        (16, 1, EPERM),  # AF_NETLINK
        (1 | 1 << 32, 1, EPERM),
    ],
)
def test_only_stream_pairs_of_unix_sockets(machine: str, family: int, kind: int, expected: str | int) -> None:
    assert ask(HOST, machine, "socketpair", family, kind) == expected


def test_tables_of_other_architectures_end_the_process() -> None:
    from tests.confine.bpf import verdict

    assert verdict(program(HOST, X86), 0x40000003, 359) == KILL  # i386: socket
    assert verdict(program(HOST, X86), 0xC000003E, 0x40000000 + 41) == KILL  # x32: socket


CODE = textwrap.dedent(
    """
    import asyncio, json, os, socket, subprocess, sys
    if sys.argv[1] == "shut":
        from rlm_desk.confine.host import network, shut_network
        assert network().state == "off"
        layer = shut_network()
        assert shut_network() is network() is layer and layer.state == "on", layer

    def possible(attempt):
        try:
            attempt()
        except OSError:
            return False
        return True

    async def loop():
        await asyncio.sleep(0)
        return True

    child = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)"
    print(json.dumps({
        "loop": asyncio.run(loop()),
        "pair": possible(socket.socketpair),
        "tcp": possible(lambda: socket.create_server(("127.0.0.1", 0))),
        "udp": possible(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)),
        "unix": possible(lambda: socket.socket(socket.AF_UNIX)),
        "datagram pair": possible(lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)),
        "netlink": possible(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)),
        "child": subprocess.run([sys.executable, "-c", child], capture_output=True).returncode == 0,
    }))
    """
)


def outcome(way: str) -> dict[str, bool]:
    done = subprocess.run(
        [sys.executable, "-c", CODE, way], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, bool] = json.loads(done.stdout)
    return result


@pytest.mark.skipif(sys.platform != "linux", reason="the filter is Linux's")
def test_a_process_that_shut_itself_off_and_its_children_have_no_network() -> None:
    before, after = outcome("open"), outcome("shut")
    assert before["tcp"] and before["udp"] and before["unix"] and before["datagram pair"] and before["child"]
    assert after == dict.fromkeys(before, False) | {"loop": True, "pair": True}
