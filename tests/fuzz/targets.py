"""What is fuzzed: functions of bytes that raise only for a defect.

Each feeds a parser of strangers' bytes and swallows exactly the errors that parser is documented to raise; anything
else, and a broken promise about what comes back, is a finding. `run.py` drives them guided by coverage (atheris);
`test_regressions.py` runs what was found before, and the seeds, in the ordinary suite.
"""

import asyncio
import hashlib
import io
import json
import logging
import os
import zipfile
from collections.abc import Callable

from rlm_desk import wire
from rlm_desk.catalogue import metadata
from rlm_desk.confine.channel import Channel
from rlm_desk.documents import answers
from rlm_desk.documents.extracted import Extracted, Unreadable
from rlm_desk.documents.readers import html, pdf, text
from rlm_desk.errors import UsageError
from rlm_desk.repl import protocol
from rlm_desk.report import bundle as reports
from rlm_desk.report import unpacking
from rlm_desk.rlm import dialects, typed
from tests.fuzz import office, served
from tests.repl.making import corpus

logging.disable(logging.CRITICAL)
CORPUS = corpus()


def frames(data: bytes) -> None:
    """The host's frame decoder, and what a REPL's frames are made of."""
    asyncio.run(_frames(data))


async def _frames(data: bytes) -> None:
    reading, writing = os.pipe()
    unused_reading, unused_writing = os.pipe()
    os.write(writing, data[:60_000])
    os.close(writing)
    channel = Channel(reading, unused_writing, 2 * 1024 * 1024, 1024 * 1024)
    try:
        while True:
            header, body = await channel.receive(10)
            assert isinstance(header["type"], str)
            _repl_frame(header, body)
    except (EOFError, wire.FrameError):
        return
    finally:
        channel.close()
        os.close(unused_reading)


def _repl_frame(header: wire.Header, body: bytes) -> None:
    try:
        if header["type"] == "call":
            call = protocol.parse_call(header, body, CORPUS)
            assert all(item.span is None or item.span.end <= len(CORPUS) for item in call.items)
            assert len(call.items) <= protocol.MAX_ITEMS
        elif header["type"] == "done":
            done = protocol.parse_done(header, body, CORPUS, 2000)
            assert len(done.output) <= 2200 and len(done.variables) <= protocol.MAX_NAMES
        else:
            protocol.parse_values(body)
    except wire.FrameError:
        return


def document(data: bytes) -> None:
    """What an extraction worker says about a document."""
    head, _, body = data.partition(b"\n")
    try:
        header = wire.parse_header(head)
        found = answers.document(header, body, "name", "id").document
    except (wire.FrameError, ValueError, TypeError, KeyError):
        return
    if found is None:
        return
    assert "".join(found.text[page.start : page.end] for page in found.pages) == found.text


def gguf(data: bytes) -> None:
    """The GGUF metadata reader."""
    try:
        found = metadata.summary(data)
    except metadata.MetadataError:
        return
    json.dumps(found)


def reply(data: bytes) -> None:
    """The dialects' parsers and the typed values of sub-calls."""
    written = data.decode("utf-8", "replace").replace("\ufffd", "\ud800")
    for dialect in DIALECTS:
        parsed = dialect.parse(written)
        assert bool(parsed.cells) or parsed.final is not None or parsed.nudge
    for kind in ("text", "number", "date", "yes_no", "label"):
        try:
            typed.parse(written, kind, ("alpha", "beta gamma"))
        except typed.Unusable:
            continue


DIALECTS = (dialects.get("desk", "small"), dialects.get("desk", "full"), dialects.get("rlm-v1", ""))


def _read(read: Callable[..., Extracted], data: bytes) -> None:
    try:
        found = read(data, "name", lambda done, total: None)
    except Unreadable as problem:
        assert str(problem)
        return
    office.tiled(found)


def plain(data: bytes) -> None:
    """The plain text reader: encodings and sections."""
    _read(text.read, data)


def pages(data: bytes) -> None:
    """The HTML reader."""
    _read(html.read, data)


def portable(data: bytes) -> None:
    """The PDF reader."""
    _read(pdf.read, data if b"%PDF-" in data[:1024] else b"%PDF-1.4\n" + data)


PART = b"\x1e"
"""Stands between the parts of a run bundle that a fuzzer has changed: hashes and zip are made anew around them."""


def bundle(data: bytes) -> None:
    """The run bundle reader: the worker's side, and what the host makes of its answer."""
    packed = data if data.startswith(b"PK") else zipped(data.split(PART))
    try:
        header, body = unpacking.unpack(packed)
        opened = reports._bundle(header, body)
    except (unpacking.Broken, UsageError, ValueError, LookupError, TypeError, AttributeError, OverflowError):
        return  # `open_bundle` makes one sentence of all of these
    assert opened.corpus.text is not None and len(opened.recorded) <= len(data)


def zipped(parts: list[bytes]) -> bytes:
    """A bundle of these parts (events, texts, documents, signature), its manifest in order."""
    named = dict(zip((*unpacking.PARTS, unpacking.SIGNATURE), [*parts, b"", b"", b""], strict=False))
    files = {name: hashlib.sha256(named[name]).hexdigest() for name in unpacking.PARTS}
    manifest = {"format": unpacking.FORMAT, "run": "r", "redacted": False, "files": files}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(unpacking.MANIFEST, json.dumps(manifest))
        for name, raw in named.items():
            if raw or name != unpacking.SIGNATURE:
                archive.writestr(name, raw)
    return out.getvalue()


TARGETS: dict[str, Callable[[bytes], None]] = {
    "frames": frames,
    "document": document,
    "gguf": gguf,
    "reply": reply,
    "plain": plain,
    "pages": pages,
    "portable": portable,
    "bundle": bundle,
    "office": office.office,
    **served.TARGETS,
}
