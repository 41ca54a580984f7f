"""Any way out of the machine, or to another program on it."""

import socket

from tests.escapes.attacks.attack import World, attack, buffer


@attack("network")
def tcp(w: World) -> object:
    return socket.create_connection(("127.0.0.1", w.tcp))


@attack("network")
def udp(w: World) -> object:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", w.udp))


@attack("network")
def unix_by_path(w: World) -> object:
    socket.socket(socket.AF_UNIX).connect(w.unix)
    return True


@attack("network")
def unix_abstract(w: World) -> object:
    socket.socket(socket.AF_UNIX).connect(w.abstract)
    return True


@attack("network")
def socket_pair(w: World) -> object:
    return socket.socketpair()


@attack("network")
def listen(w: World) -> object:
    return socket.create_server(("127.0.0.1", 0))


@attack("network")
def ipv6(w: World) -> object:
    return socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).fileno()


@attack("network")
def netlink(w: World) -> object:
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)


@attack("network", "AF_ALG")
def kernel_crypto(w: World) -> object:
    return socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET, 0)


@attack("network", "vsock")
def virtual_machine_socket(w: World) -> object:
    return socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)


@attack("network", "root")
def raw_packets(w: World) -> object:
    return socket.socket(socket.AF_PACKET, socket.SOCK_RAW)


@attack("network")
def look_up_a_name(w: World) -> object:
    return socket.getaddrinfo("localhost", 80)


@attack("network", "io_uring")
def ring(w: World) -> object:
    return w.syscall("io_uring_setup", 4, buffer(bytes(120)))
