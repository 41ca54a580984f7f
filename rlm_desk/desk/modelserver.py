"""From settings to a model server: its address, its key, the certificates it is checked with, and its model."""

import os
import stat
from pathlib import Path, PurePosixPath

from rlm_desk import address
from rlm_desk.address import Address
from rlm_desk.catalogue.known import by_file, find
from rlm_desk.config import Settings
from rlm_desk.errors import UsageError
from rlm_desk.plan import ModelSpec, ServerPlan
from rlm_desk.serversettings import ServerSettings

KEY_VARIABLE = "RLM_DESK_ENGINE_KEY"
LARGEST = 4 * 1024 * 1024
"""Bytes of a file of certificates at most."""


def configured(settings: Settings) -> Address | None:
    """Where text is sent; None: nowhere. Raises UsageError: the address makes no sense, or may not be spoken to."""
    server = settings.engine
    return address.parse(server.url, server.plain_http) if server.url.strip() else None


def plan(settings: Settings) -> ServerPlan:
    """How the configured server is spoken to.

    Raises:
        UsageError: the address, the key's file or the file of certificates cannot be used.
    """
    server = settings.engine
    return ServerPlan(
        address=address.parse(server.url, server.plain_http),
        model=server.model.strip(),
        window=server.window,
        slots=settings.slots,
        seconds=server.seconds,
        key=_key(server),
        authorities=_authorities(server.ca_file),
    )


def spec(server: ServerSettings, where: Address, model: str) -> ModelSpec:
    """The server's model, with what the catalogue knows of one that is called so."""
    name = model or server.model.strip() or "the server's model"
    last = PurePosixPath(name).name
    entry = find(name) or find(last.lower().removesuffix(".gguf")) or by_file(last)
    dialect = server.dialect if server.dialect != "auto" else entry.dialect if entry else "desk"
    return ModelSpec(
        name=entry.name if entry else name,
        path=Path(),
        sha256="",
        dialect=dialect,
        profile=entry.profile if entry and entry.dialect == dialect else "full",
        window=server.window,
        demonstration=bool(entry and entry.demonstration),
        server=where.origin,
    )


def _key(server: ServerSettings) -> str:
    """The key, from the environment or a file that nobody else may read."""
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not key and server.key_file:
        key = _private(Path(server.key_file).expanduser())
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError("The server's key holds characters that no key has.", f"Look at {KEY_VARIABLE} or its file.")
    return key


def _private(path: Path) -> str:
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode) or about.st_mode & 0o077:
                raise UsageError(
                    f"The key's file {path} can be read by others.", f"Make it yours alone: chmod 600 {path}"
                )
            return file.read(4096).decode("utf-8", "replace").strip()
    except OSError as problem:
        raise UsageError(
            f"The key's file {path} cannot be read: {problem.strerror or problem}.", "Check engine.key_file."
        ) from problem


def _authorities(name: str) -> str:
    if not name:
        return ""
    path = Path(name).expanduser()
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST).decode("ascii", "replace")
    except OSError as problem:
        raise UsageError(
            f"The certificates {path} cannot be read: {problem.strerror or problem}.", "Check engine.ca_file."
        ) from problem
    if "-----BEGIN CERTIFICATE-----" not in text:
        raise UsageError(f"{path} holds no certificate in PEM.", "It begins with -----BEGIN CERTIFICATE-----.")
    return text
