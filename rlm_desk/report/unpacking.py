"""The bundle worker: a stranger's zip in, checked parts out. It is locked before a byte of it arrives.

Host to worker: `open` with the file as body. Worker to host: `broken` {reason}, or `bundle` {manifest, signature,
lengths} whose body is the manifest's bytes, then every part in the order of PARTS, as JSON lines. Sizes are checked
against caps before anything is unpacked, and hashes against the manifest. Standard library only.
"""

import hashlib
import io
import json
import zipfile
from typing import Any

from rlm_desk.confine.lockdown import lock
from rlm_desk.confine.policies import BUNDLE
from rlm_desk.wire import FrameError, Header, Pipe

FORMAT = "rlm-desk bundle 1"
MANIFEST, SIGNATURE = "manifest.json", "signature.json"
PARTS = ("events.jsonl", "texts.jsonl", "documents.jsonl")
MOST_FILE = 256 * 1024 * 1024
"""Bytes of a bundle."""
MOST_PART = 384 * 1024 * 1024
"""Bytes that all parts may have, unpacked."""
MOST_RATIO = 200
"""Times larger than it is packed that a part may be, above a megabyte: text packs 3 to 10 times, a bomb 1,000 times."""


class Broken(Exception):
    """The file is no bundle, or not the one its manifest describes; a sentence without its full stop."""


def main(pipe: Pipe) -> None:
    """Serve until the host closes the channel."""
    start, _ = pipe.receive()
    _warm()
    pipe.send({"type": "ready", "layers": lock(BUNDLE, start.get("address_space"))})
    while True:
        header, body = pipe.receive()
        if header["type"] != "open":
            raise FrameError(f"unexpected {header['type']!r}")
        try:
            pipe.send(*unpack(body))
        except Broken as problem:
            pipe.send({"type": "broken", "reason": str(problem)})
        except (MemoryError, RecursionError):
            pipe.send({"type": "broken", "reason": "it needs more memory than a bundle may use"})


def unpack(data: bytes) -> tuple[Header, bytes]:
    """The answer to `open`. Raises Broken."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = _files(archive)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, RuntimeError, zlib_error()) as bad:
        raise Broken("it is no zip file, or a damaged one") from bad
    manifest = _json(files.get(MANIFEST, b""), "its manifest")
    if (
        not isinstance(manifest, dict)
        or manifest.get("format") != FORMAT
        or not isinstance(manifest.get("files"), dict)
    ):
        raise Broken("it is no run bundle of this version")
    for name in PARTS:
        said = manifest["files"].get(name)
        if not isinstance(said, str) or hashlib.sha256(files.get(name, b"")).hexdigest() != said:
            raise Broken(f"{name} is not what its manifest says: it was changed")
    signature: Any = _json(files[SIGNATURE], "its signature") if SIGNATURE in files else {}
    if not isinstance(signature, dict) or not all(isinstance(value, str) for value in signature.values()):
        raise Broken("its signature is none")
    parts = [_lines(files[name], name) for name in PARTS]
    lengths = [len(files[MANIFEST]), *map(len, parts)]
    header = {"type": "bundle", "manifest": manifest, "signature": signature, "lengths": lengths}
    return header, b"".join([files[MANIFEST], *parts])


def zlib_error() -> type[Exception]:
    """What a damaged stream raises."""
    import zlib

    return zlib.error


def _files(archive: zipfile.ZipFile) -> dict[str, bytes]:
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if len(names) != len(set(names)) or not set(names) <= {MANIFEST, SIGNATURE, *PARTS} or MANIFEST not in names:
        raise Broken("it holds other files than a run bundle does")
    if sum(info.file_size for info in infos) > MOST_PART:
        raise Broken(f"unpacked it would be larger than {MOST_PART:,} bytes")
    for info in infos:
        if info.file_size > 1024 * 1024 and info.file_size > MOST_RATIO * max(info.compress_size, 1):
            raise Broken(f"{info.filename} is packed more than {MOST_RATIO} times: a zip bomb")
    found: dict[str, bytes] = {}
    for info in infos:
        with archive.open(info) as file:
            found[info.filename] = file.read(info.file_size + 1)
        if len(found[info.filename]) != info.file_size:
            raise Broken(f"{info.filename} is larger than it says")
    return found


def _lines(raw: bytes, name: str) -> bytes:
    """JSON lines read and written again, so that the host meets nothing but plain JSON objects."""
    found = []
    for line in raw.splitlines():
        value = _json(line, f"a line of {name}")
        if not isinstance(value, dict):
            raise Broken(f"a line of {name} is no object")
        found.append(json.dumps(value).encode())
    return b"\n".join(found)


def _json(raw: bytes, what: str) -> Any:
    try:
        return json.loads(raw.decode("utf-8"))
    except ValueError as problem:
        raise Broken(f"{what} is not JSON") from problem


def _warm() -> None:
    """Whatever is imported only when a zip is read."""
    import zlib  # noqa: F401

    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", b"x" * 100)
    with zipfile.ZipFile(memory) as archive:
        archive.read("x")
