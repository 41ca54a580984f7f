"""Where a model server is, and whether it may be spoken to: plain data. A request leaves this machine only to here."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from rlm_desk.errors import UsageError

EXAMPLE = "It is written like https://gpu.example.lan:8000/v1"


@dataclass(frozen=True, slots=True)
class Address:
    """One server, as a person configured it."""

    scheme: str
    """``https`` or ``http``."""
    host: str
    """Lower case; an IPv6 address without its brackets."""
    port: int
    path: str = ""
    """What stands before ``/v1`` in its paths; empty, or beginning with a slash."""

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a person is told."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def authority(self) -> str:
        """What the Host header says."""
        return self.origin.partition("://")[2]

    @property
    def loopback(self) -> bool:
        """Whether it is another program of this machine."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def notice(self) -> str:
        """Where text goes, as a sentence."""
        if self.loopback:
            return f"Text goes to another program on this machine: {self.origin}."
        return f"Text leaves this machine: it is sent to {self.origin}."


def parse(url: str, plain_http: str = "") -> Address:
    """The address of a URL.

    Args:
        url: ``http://`` or ``https://``, with or without ``/v1`` at its end.
        plain_http: the one host besides this machine that may be spoken to without encryption.

    Raises:
        UsageError: it is no such URL, or plain http to a host that was not named.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as problem:
        raise UsageError(f"The server's address cannot be read: {problem}.", EXAMPLE) from problem
    if parts.username is not None or parts.password is not None:
        raise UsageError("The server's address holds a password.", "Put the key into RLM_DESK_ENGINE_KEY or a file.")
    odd = parts.query or parts.fragment or not url.strip().isascii() or not url.strip().isprintable()
    if parts.scheme not in ("http", "https") or not host or odd or any(c.isspace() for c in url.strip()) or port == 0:
        raise UsageError(f"The server's address is no http or https URL: {url.strip()[:100]!r}.", EXAMPLE)
    path = parts.path.rstrip("/").removesuffix("/v1").rstrip("/")
    found = Address(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path)
    if found.scheme == "http" and not found.loopback and host != plain_http.strip().rstrip(".").lower():
        raise UsageError(
            f"Plain http to {host} would send your text readable for everybody on the way.",
            f'Use https, or name the host in config.toml: [engine] plain_http = "{host}"',
        )
    return found
