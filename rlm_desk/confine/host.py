"""The app's own process: no socket but stream pairs of AF_UNIX, for it and for all it will start, for good.

The event loop wakes itself through such a pair; nothing else of the app needs a socket. Where a person has configured
a model server, one process is started before and stays outside (see `egress`). The filter is inherited: a worker that
failed to lock itself could not reach a network either. Crash dumps are off too, since the app's memory is full of what
people want kept private.

It is put up by the command line and the desk's screen, never by the Python API, whose process belongs to its caller.
"""

import resource
import sys

from rlm_desk.confine import lockdown, seccomp
from rlm_desk.confine.layers import Layer
from rlm_desk.confine.syscalls import HOST

_put_up: list[Layer] = []


def shut_network(exception: str = "") -> Layer:
    """Shut this process and its future children off from any network, once. Returns what came of it.

    Args:
        exception: the model server that a process started before this (see `egress`) may connect to.
    """
    if not _put_up:
        _no_dumps()
        layer = _filter()
        if exception and layer.state == "on":
            layer = Layer("network", "partial", f"{layer.reason}; but one process may connect, to {exception} alone")
        _put_up.append(layer)
    return _put_up[0]


def network() -> Layer:
    """What holds for this process."""
    return _put_up[0] if _put_up else Layer("network", "off", "this process was not shut off from the network")


def privacy(leaves: str) -> str:
    """Whether text leaves this machine, as a sentence that is true here.

    Args:
        leaves: where a model server was configured, the sentence that says so.
    """
    if leaves:
        return leaves
    if network().state == "on":
        return "Nothing leaves this machine."
    return "rlm-desk sends nothing anywhere; this system does not enforce that."


def _filter() -> Layer:
    if sys.platform != "linux":
        return Layer("network", "off", _elsewhere())
    try:
        lockdown.no_new_privileges()
        seccomp.install(HOST)
    except (OSError, KeyError) as problem:
        return Layer("network", "off", f"the kernel offers no filter here ({problem})")
    return Layer("network", "on", "no socket but AF_UNIX stream pairs, in the app and all its workers")


def _elsewhere() -> str:
    if sys.platform == "darwin":
        return "Seatbelt profiles do not nest: one on the app would leave its workers without their own"
    return f"no filter for the app itself is built for {sys.platform}"


def _no_dumps() -> None:
    """No core file, and no other process of the same user looks into this one's memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        lockdown.not_dumpable()
