"""The extraction worker: hostile bytes in, text and pages out. It is locked before the first document arrives.

Host to worker: `start` {kinds, ocr}, whose readers are loaded; then `extract` {id, name, kind, password, most,
recognise} with the file as body. Worker to host: `page` {id, done, total} at most four times a second, then one of
- `document` {id, kind, page_kind, pages, notes, ..., text_bytes, inner}: the text as body, then files that lie inside;
- `files` {id, kind, inner, notes}: only such files, as body;
- `skipped` {id, reason, pages}; `locked` {id, tried}: a password is needed;
- `other` {id, kind}: the file is of a kind whose reader is not loaded;
- `many` {id, kind, total}: it has more than `most` pages, or scanned ones while `recognise` is set, and is held open.

A long document is read by several workers. Each is sent `hold` {id, name, kind, password} with the file (answer:
`many`), then `read` {id, first, last} (answer: `pages`, JSON as body) or `recognise` {id, page} (OCR; the same answer);
one is sent `finish` {id, whole} with the records of all pages and answers as to `extract`.

A document that is held is also drawn: `picture` {id, page, width, height} asks for a page in a box of pixels, no more
than MOST_PIXELS; answer: `picture` {id, width, height} with rows of RGB as body, or `skipped`.

Imports the standard library, the frames, the lock and the readers' libraries.
"""

import encodings
import importlib
import json
import pkgutil
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

from rlm_desk import crash
from rlm_desk.confine.lockdown import lock
from rlm_desk.confine.policies import EXTRACTION
from rlm_desk.documents.extracted import KEPT_PLAIN, MOST_TEXT, TOO_MUCH, Extracted, Inner, Locked, OnPage, Unreadable
from rlm_desk.documents.formats import BY_KIND, FORMATS, sniff
from rlm_desk.documents.picture import fits
from rlm_desk.wire import FrameError, Header, Pipe

PAGE_SECONDS = 0.25
CODECS_OF_PDF = tuple(
    "ascii big5 big5hkscs charmap cp1252 cp932 cp949 cp950 euc_jp euc_kr gb18030 gb2312 gbk iso2022_jp latin_1"
    " mac_roman raw_unicode_escape shift_jis unicode_escape utf_16 utf_16_be utf_16_le utf_32 utf_8 utf_8_sig".split()
)
"""What pypdf decodes with; all the others, which take as long as half of it to load, are for text in files of text."""
Answer = tuple[Header, bytes]


def main(pipe: Pipe) -> None:
    """Serve until the host closes the channel (EOFError)."""
    start, _ = pipe.receive()
    readers, missing = _preload(start.get("kinds", list(BY_KIND)))
    languages, why = _recognition(str(start.get("ocr", "")))
    layers = lock(EXTRACTION, start.get("address_space"))
    pipe.send({"type": "ready", "layers": layers, "ocr": languages, "no_ocr": why})
    service = _Service(pipe, readers, missing)
    while True:
        header, body = pipe.receive()
        pipe.send(*service.answer(header, body))


def _preload(kinds: list[str]) -> tuple[dict[str, ModuleType], dict[str, str]]:
    """Readers of some kinds, with the codecs they use: nothing can be imported once locked. And what they lack."""
    every = (module.name for module in pkgutil.iter_modules(encodings.__path__))
    for name in CODECS_OF_PDF if kinds == ["pdf"] else every:
        if name not in ("mbcs", "oem", "idna", "punycode"):  # Windows only, and not for documents
            importlib.import_module(f"encodings.{name}")
    readers: dict[str, ModuleType] = {}
    missing: dict[str, str] = {}
    for format in FORMATS:
        if format.kind in kinds:
            try:
                readers[format.kind] = importlib.import_module(format.module)
            except ModuleNotFoundError as problem:
                if (problem.name or "rlm_desk").startswith("rlm_desk"):
                    raise
                missing[format.kind] = str(problem.name)
    return readers, missing


def _recognition(wanted: str) -> tuple[str, str]:
    """OCR languages that were loaded; or why there are none."""
    if not wanted:
        return "", ""
    from rlm_desk.documents.readers import ocr

    why = ocr.load(wanted)
    return ocr.languages(), why


class _Service:
    """Answers one frame after the other."""

    def __init__(self, pipe: Pipe, readers: dict[str, ModuleType], missing: dict[str, str]) -> None:
        self._pipe = pipe
        self._readers = readers
        self._missing = missing
        self._held: Any = None
        """A long document that is open."""
        self._held_id = -1

    def answer(self, header: Header, body: bytes) -> Answer:
        """What to send back. Raises FrameError on what makes no sense."""
        what, identity = header["type"], header.get("id")
        if what in ("extract", "hold"):
            if header.get("kind") not in BY_KIND:
                raise FrameError(f"unexpected kind {header.get('kind')!r}")
            self._held = None
            kind = sniff(BY_KIND[header["kind"]], body).kind
            if kind in self._missing:
                reason = f"cannot be read: {self._missing[kind]} is not installed"
                return {"type": "skipped", "id": identity, "reason": reason}, b""
            if kind not in self._readers:
                return {"type": "other", "id": identity, "kind": kind}, b""
            return _guarded(identity, lambda: self._open(kind, header, body))
        if what not in ("read", "recognise", "finish", "picture") or self._held is None or identity != self._held_id:
            raise FrameError(f"unexpected {what!r}")
        if what == "finish":
            return _guarded(identity, lambda: self._finish(header, body))
        if what == "picture":
            page, width, height = header["page"], header["width"], header["height"]
            if not fits(width, height) or type(page) is not int or not 0 <= page < self._held.total:
                raise FrameError(f"unexpected picture of {width!r} by {height!r}")
            return _guarded(identity, lambda: self._picture(identity, page, width, height))
        return _guarded(identity, lambda: self._records(header))

    def _open(self, kind: str, header: Header, body: bytes) -> Answer:
        reader, identity, password = self._readers[kind], header["id"], header.get("password")
        on_page = _reporter(self._pipe, identity)
        if not hasattr(reader, "open_pages"):
            more = {} if password is None else {"password": password}
            found = reader.read(body, header["name"], on_page, **more)
            return _document(identity, kind, replace(found, notes=[KEPT_PLAIN, *found.notes]) if more else found)
        held = reader.open_pages(body, header["name"], password)  # a format of pages
        held.no_ocr = str(header.get("no_ocr") or held.no_ocr)
        many: Answer = {"type": "many", "id": identity, "kind": kind, "total": held.total}, b""
        if header["type"] == "hold" or held.total > header["most"]:
            self._held, self._held_id = held, identity
            return many
        records = []
        for number in range(held.total):
            records += held.pages(number, number + 1)
            on_page(number + 1, held.total)
        if header["recognise"] and any(record[3] == "no text layer" for record in records):
            self._held, self._held_id = held, identity
            return many
        return _document(identity, kind, held.finish(records, True))

    def _records(self, header: Header) -> Answer:
        if header["type"] == "recognise":
            records = [self._held.recognised(header["page"])]
        else:
            records = self._held.pages(header["first"], header["last"])
        body = json.dumps(records).encode()
        return {"type": "pages", "id": header["id"]}, body

    def _picture(self, identity: object, page: int, width: int, height: int) -> Answer:
        rgb, wide, high = self._held.picture(page, width, height)
        return {"type": "picture", "id": identity, "width": wide, "height": high}, rgb

    def _finish(self, header: Header, body: bytes) -> Answer:
        self._held.no_ocr = str(header.get("no_ocr") or self._held.no_ocr)
        found = self._held.finish(json.loads(body), header["whole"])
        self._held = None
        return _document(header["id"], "pdf", found)


def _guarded(identity: object, work: Callable[[], Answer]) -> Answer:
    """The answer, or what kept it from coming, as a reason."""
    pages = 0
    try:
        return work()
    except Locked as problem:
        return {"type": "locked", "id": identity, "tried": problem.tried}, b""
    except Unreadable as problem:
        reason, pages = str(problem), problem.pages
    except MemoryError:
        reason = "needs more memory than one document may use"
    except ImportError as problem:  # a defect of ours: something was not loaded before the lock
        print(f"not preloaded: {problem!r}", file=sys.stderr)
        reason = f"cannot be read: its reader lacks {problem.name}"
    except RecursionError:
        reason = "is damaged: its parts are nested without end"
    except Exception as problem:  # a library tripped over the bytes in a way its reader did not expect
        print(crash.report(problem), file=sys.stderr)
        reason = f"is damaged: its reader gave up ({type(problem).__name__})"
    return {"type": "skipped", "id": identity, "reason": reason, "pages": pages}, b""


def _document(identity: object, kind: str, found: Extracted) -> Answer:
    inner = [[one.name, len(one.data)] for one in found.inner]
    files = b"".join(one.data for one in found.inner)
    header: Header = {"id": identity, "kind": kind, "inner": inner, "notes": found.notes}
    if not found.text:
        return {**header, "type": "files"}, files
    text = found.text.encode("utf-8", "replace")
    if len(text) > MOST_TEXT:
        raise Unreadable(TOO_MUCH, len(found.pages))
    pages = [[*page, found.states.get(number, "")] for number, page in enumerate(found.pages)]
    header |= {"type": "document", "page_kind": found.page_kind, "pages": pages, "text_bytes": len(text)}
    return {**header, "outline": found.outline, "facts": found.facts}, text + files


def _reporter(pipe: Pipe, identity: int) -> OnPage:
    last = time.monotonic()

    def on_page(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= PAGE_SECONDS:
            last = time.monotonic()
            pipe.send({"type": "page", "id": identity, "done": done, "total": total})

    return on_page


__all__ = ["Inner", "main"]
