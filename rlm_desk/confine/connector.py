"""The one process that may connect: to one address, whose sockets it hands to the egress worker. Standard library only.

It learns its address once, before it is locked, and resolves the name then. Afterwards it reads eight bytes at a time
from the egress worker, which ask for a socket and say nothing about where to; what comes back over the network it
never reads. It is started before the app shuts itself off, so that the app's filter needs no hole.
"""

import array  # noqa: F401  send_fds imports it, when nothing can be opened any more
import ipaddress
import os
import select
import socket
import time

from rlm_desk.confine import lockdown, policies
from rlm_desk.wire import Pipe

TOKEN = 8
"""Bytes of a request for a socket; the answer begins with the same."""
ANSWER = 256
"""Bytes of an answer, always: a stream runs messages together, and whoever reads so many at a time has one of them."""
CONNECT_SECONDS = 10.0
CONNECTED, FAILED = b"+", b"-"

Target = tuple[socket.AddressFamily, tuple[object, ...]]


class ConnectorError(Exception):
    """The address is of no use; the sentence names it, and nothing else."""

    next_step = "Check engine.url."
    """Its having one tells `_worker` that the message is for people."""


def main(pipe: Pipe) -> None:
    """Resolve, lock, connect on demand until the host closes the channel."""
    start, _ = pipe.receive()
    host, port = str(start["host"]), int(start["port"])
    targets = resolve(host, port, bool(start["loopback"]))
    asked = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=int(start["socket"]))
    "name".encode("idna")  # the codec is imported now: nothing can be opened later
    layers = lockdown.lock(policies.CONNECTOR, port=port)
    pipe.send({"type": "ready", "layers": layers, "addresses": [str(place[0]) for _, place in targets]})
    poll = select.poll()
    poll.register(pipe.fileno(), select.POLLIN)
    poll.register(asked, select.POLLIN)
    while True:
        ready = dict(poll.poll())
        if pipe.fileno() in ready:
            return  # closed, or a frame, which nobody should send: the end either way
        token = os.read(asked.fileno(), TOKEN)  # and not recv(), which is another system call
        if len(token) < TOKEN:
            return
        try:
            with connect(targets) as connection:
                socket.send_fds(asked, [answer(token, CONNECTED)], [connection.fileno()])
        except OSError as problem:
            os.write(asked.fileno(), answer(token, FAILED, problem.strerror or "no answer"))


def answer(token: bytes, how: bytes, why: str = "") -> bytes:
    """What is said of one request."""
    return (token + how + why.encode()[:200]).ljust(ANSWER, b"\0")


def resolve(host: str, port: int, loopback: bool) -> list[Target]:
    """The addresses of a name.

    Raises:
        ConnectorError: the name is not known, or is to be of this machine and is not.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as problem:
        raise ConnectorError(f"The name {host} is not known here: {problem.strerror or problem}.") from problem
    for *_, place in found:
        if loopback and not ipaddress.ip_address(str(place[0])).is_loopback:
            raise ConnectorError(f"The name {host} leads to {place[0]}, which is not this machine.")
    return [(family, place) for family, _, _, _, place in found]


def connect(targets: list[Target]) -> socket.socket:
    """A connected, non-blocking socket to the first address that answers. Raises OSError."""
    problem: OSError = TimeoutError(0, f"no answer in {CONNECT_SECONDS:g} s")
    deadline = time.monotonic() + CONNECT_SECONDS
    for family, place in targets:
        connection = socket.socket(family, socket.SOCK_STREAM | getattr(socket, "SOCK_NONBLOCK", 0))
        try:
            if not hasattr(socket, "SOCK_NONBLOCK"):  # elsewhere than on Linux
                connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            number = connection.connect_ex(place)
            if number == 115 or (number and not hasattr(socket, "SOCK_NONBLOCK")):  # EINPROGRESS on Linux
                waiting = select.poll()
                waiting.register(connection, select.POLLOUT)
                if not waiting.poll(max(0.0, deadline - time.monotonic()) * 1000):
                    raise TimeoutError(0, f"no answer in {CONNECT_SECONDS:g} s")
                number = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if number:
                raise OSError(number, os.strerror(number))
        except OSError as failed:
            connection.close()
            problem = failed
            continue
        return connection
    raise problem
