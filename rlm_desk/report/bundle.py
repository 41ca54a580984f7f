"""A run as one zip: events, texts, documents, a manifest with sha256, and a signature if wanted.

Written here; read only through the confined worker in `unpacking`.
"""

import base64
import hashlib
import json
import os
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from rlm_desk.confine.worker import Worker
from rlm_desk.corpus import Corpus, Document, Page, PageState
from rlm_desk.errors import UsageError
from rlm_desk.events import EVENT, Recorded
from rlm_desk.evidence.leftout import REMOVED
from rlm_desk.report.unpacking import FORMAT, MANIFEST, MOST_FILE, PARTS, SIGNATURE

SECONDS = 120.0
"""That unpacking may take."""
STATES: dict[str, PageState] = {state: state for state in get_args(PageState)}
_WORDS = {"label": "", "reason": "", "error": "", "variables": [], "lost": []}
"""Fields of events that may hold words of documents or models, and what stands there in a redacted bundle."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was opened: its hashes are right."""

    run: str
    redacted: bool
    signer: str
    """Fingerprint of the key that signed it; empty when it is not signed."""
    recorded: tuple[Recorded, ...]
    corpus: Corpus


def write(path: Path, recorded: Sequence[Recorded], corpus: Corpus, *, redact: bool = False, key: Any = None) -> str:
    """Write a bundle, whole or not at all. The fingerprint of `key`, if it was signed.

    Args:
        path: where; a file there is replaced.
        recorded: the run's events with their texts.
        corpus: what it read.
        redact: leave every text out: events keep the sha256 of each, names and labels are gone.
        key: an Ed25519 private key to sign the manifest with.
    """
    texts = {} if redact else {name: text for one in recorded for name, text in one.texts.items()}
    lines = {
        "events.jsonl": [_event(one, redact) for one in recorded],
        "texts.jsonl": [{"hash": name, "text": text} for name, text in texts.items()],
        "documents.jsonl": [_document(n, placed.document, redact) for n, placed in enumerate(corpus.documents)],
    }
    parts = {name: _packed(lines[name]) for name in PARTS}
    manifest = {
        "format": FORMAT,
        "run": recorded[0].event.run if recorded else "",
        "redacted": redact,
        "files": {name: hashlib.sha256(raw).hexdigest() for name, raw in parts.items()},
    }
    files = {MANIFEST: json.dumps(manifest, indent=1).encode(), **parts}
    signer = ""
    if key is not None:
        public = key.public_key().public_bytes_raw()
        signature = {"key": _b64(public), "signature": _b64(key.sign(files[MANIFEST]))}
        files[SIGNATURE] = json.dumps(signature).encode()
        signer = fingerprint(public)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, raw in files.items():
                # A fixed date: the same run gives the same file.
                archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), raw, zipfile.ZIP_DEFLATED)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    return signer


async def open_bundle(path: Path, *, allow_unconfined: bool = False) -> Bundle:
    """Check and read a stranger's bundle.

    Raises:
        UsageError: it is no bundle, was changed, is a zip bomb, or its signature is wrong.
        ConfinementError: this machine cannot confine the worker.
    """
    if not path.is_file():
        raise UsageError(f"There is no file {path}.", "Name a bundle that `rlm-desk runs bundle` wrote.")
    if path.stat().st_size > MOST_FILE:
        raise UsageError(f"{path.name} is larger than a bundle may be ({MOST_FILE:,} bytes).", "Ask who made it.")
    worker = await Worker.spawn("bundle", allow_unconfined=allow_unconfined)
    try:
        await worker.send({"type": "open"}, path.read_bytes())
        header, body = await worker.receive(SECONDS)
    except TimeoutError:
        header, body = {"type": "broken", "reason": "reading it takes too long"}, b""
    finally:
        await worker.close(grace=0.2)
    if header["type"] != "bundle":
        raise _refused(path, str(header.get("reason", "it is damaged")))
    try:
        return _bundle(header, body)
    # Its hashes are right, but whoever forges a bundle makes them: values may be of any type and size.
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError, MemoryError) as problem:
        raise _refused(path, "what it holds is no run") from problem


def signing_key(data_dir: Path) -> Any:
    """The user's Ed25519 key, made when there is none yet; readable by the user alone."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    path = data_dir / "bundle-key"
    if not path.exists():
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(Ed25519PrivateKey.generate().private_bytes_raw())
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def fingerprint(public: bytes) -> str:
    """What two people compare: the first half of the sha256 of a public key."""
    return hashlib.sha256(public).hexdigest()[:32]


def _bundle(header: Mapping[str, Any], body: bytes) -> Bundle:
    pieces: list[bytes] = []
    at = 0
    for length in header["lengths"]:
        pieces.append(body[at : at + length])
        at += length
    manifest, events, texts, documents = pieces
    kept = {_sha(one["text"]): one["text"] for one in _loaded(texts)}
    recorded = []
    for line in events.splitlines():
        event = EVENT.validate_json(line)
        cited = {name: kept.pop(name) for name in _hashes(json.loads(line)) if name in kept}
        recorded.append(Recorded(event=event, texts=cited))
    found = header["manifest"]
    signer = _signer(header["signature"], manifest) if header["signature"] else ""
    described = _loaded(documents)
    if sum(int(one["chars"]) for one in described if one["text"] is None) > MOST_FILE:
        raise ValueError("documents too long")  # each is made anew here, as long as it claims
    corpus = Corpus([_read(one) for one in described])
    return Bundle(str(found["run"]), bool(found.get("redacted")), signer, tuple(recorded), corpus)


def _signer(signature: Mapping[str, str], manifest: bytes) -> str:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    public = base64.b64decode(signature["key"], validate=True)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(
            base64.b64decode(signature["signature"], validate=True), manifest
        )
    except InvalidSignature as problem:
        raise UsageError(
            "The bundle's signature is wrong: it was changed after it was signed.", "Ask for it again."
        ) from problem
    return fingerprint(public)


def _event(one: Recorded, redact: bool) -> dict[str, Any]:
    event = one.event.model_dump(mode="json")
    if redact:
        event |= {name: value for name, value in _WORDS.items() if name in event}
        for n, document in enumerate(event.get("documents", ())):
            document["name"] = _name(n, document["name"])
        for n, file in enumerate(event.get("skipped", ())):
            file |= {"name": f"file {n}", "reason": ""}
    return event


def _document(n: int, document: Document, redact: bool) -> dict[str, Any]:
    """Where its text is left out, its length and hash stay: whoever has the text can tell that it is the one."""
    return {
        "id": document.id,
        "name": _name(n, document.name) if redact else document.name,
        "kind": document.kind,
        "page_kind": document.page_kind,
        "pages": [[str(k) if redact else p.label, p.start, p.end, p.state] for k, p in enumerate(document.pages, 1)],
        "notes": [] if redact else list(document.notes),
        "chars": len(document.text),
        "sha256": _sha(document.text),
        "text": None if redact else document.text,
    }


def _name(n: int, name: str) -> str:
    """Stands for a document's name, as long as it: the heading before a document is part of what offsets count."""
    return f"document {n}".ljust(len(name))[: len(name)]


def _read(one: Mapping[str, Any]) -> Document:
    text, chars = one["text"], int(one["chars"])
    pages = tuple(Page(str(label), int(start), int(end), STATES[state]) for label, start, end, state in one["pages"])
    if chars < 0 or not isinstance(text, str | None) or (text is not None and len(text) != chars):
        raise ValueError("a text of another length")
    if not pages or not all(0 <= page.start <= page.end <= chars for page in pages):
        raise ValueError("pages that are not in the text")
    return Document(
        id=str(one["id"]),
        name=str(one["name"]),
        kind=str(one["kind"]) if text is not None else REMOVED,
        page_kind=str(one["page_kind"]),
        text=text if text is not None else "\ufffd" * chars,
        pages=pages,
        notes=tuple(str(note) for note in one["notes"]),
    )


def _hashes(value: Any) -> Iterable[str]:
    """Every string of 64 characters in an event: the texts it may cite."""
    if isinstance(value, str):
        if len(value) == 64:
            yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _hashes(one)


def _loaded(raw: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in raw.splitlines()]


def _packed(lines: Iterable[Mapping[str, Any]]) -> bytes:
    # ASCII: a lone surrogate, which a file or a model may contain, survives as its escape.
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _refused(path: Path, reason: str) -> UsageError:
    return UsageError(f"{path.name} cannot be opened: {reason}.", "Ask whoever made it for a new one.")
