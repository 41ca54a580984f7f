"""The host's side of the one way out: start the connector for an address, and lend its socket to the egress worker.

A process that shuts itself off from the network starts the connector before (`prepare`). In a process that does not,
such as one of the Python API, it is started when it is first needed.
"""

import select
import socket
import subprocess

from rlm_desk.address import Address
from rlm_desk.confine.host import network
from rlm_desk.confine.policies import CONNECTOR
from rlm_desk.confine.worker import popen
from rlm_desk.errors import EngineError
from rlm_desk.wire import FrameError, Pipe

START_SECONDS = 30.0
"""How long starting it may take, name resolution included."""

_started: dict[tuple[str, int], "Connector"] = {}


class Connector:
    """A running connector. Made by `prepare` or `connector`; one for each address, for the life of this process."""

    def __init__(self, process: subprocess.Popen[bytes], ours: socket.socket, addresses: tuple[str, ...]) -> None:
        self._process = process
        self._ours = ours
        self.addresses = addresses
        """What the name was resolved to, once."""

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def descriptor(self) -> int:
        """Where sockets are asked for; an egress worker inherits it."""
        return self._ours.fileno()

    def close(self) -> None:
        """End it. Safe to call twice."""
        _close(self._process, self._ours)


def prepare(address: Address) -> Connector:
    """Start the connector for an address, before `host.shut_network`.

    Raises:
        EngineError: the name is not known, or the process does not start.
    """
    key = (address.host, address.port)
    if key in _started and _started[key].alive:
        return _started[key]
    if network().state != "off":
        raise EngineError(
            "This process has shut itself off from the network, and nothing of it can reach a model server any more.",
            "Start rlm-desk again.",
        )
    _started[key] = _start(address)
    return _started[key]


def connector(address: Address) -> Connector:
    """The connector for an address, as `prepare` started it, or a new one where this process may still start it."""
    return prepare(address)


def _start(address: Address) -> Connector:
    ours, theirs = socket.socketpair()
    process = popen(CONNECTOR, (theirs.fileno(),))
    theirs_number = theirs.fileno()
    theirs.close()
    if process.stdin is None or process.stdout is None:
        raise ValueError("the process has no pipes")
    pipe = Pipe(process.stdout.fileno(), process.stdin.fileno())
    loopback = address.loopback and address.scheme == "http"
    try:
        pipe.send(
            {
                "type": "start",
                "host": address.host,
                "port": address.port,
                "socket": theirs_number,
                "loopback": loopback,
            }
        )
        if not select.select([pipe.fileno()], [], [], START_SECONDS)[0]:
            raise EngineError(f"The name {address.host} was not resolved in time.", "Look at this machine's network.")
        header, _ = pipe.receive()
    except (OSError, EOFError, FrameError) as problem:
        _close(process, ours)
        raise EngineError(
            f"The process that connects did not start: {problem!r}.", "Start rlm-desk again."
        ) from problem
    except EngineError:
        _close(process, ours)
        raise
    if header["type"] != "ready":
        _close(process, ours)
        raise EngineError(str(header.get("sentence", "The process that connects failed.")), "Check engine.url.")
    return Connector(process, ours, tuple(str(one) for one in header.get("addresses", ())))


def _close(process: subprocess.Popen[bytes], ours: socket.socket) -> None:
    ours.close()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    if process.poll() is None:
        process.kill()
    process.wait()
