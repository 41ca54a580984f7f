"""The extraction worker: hostile bytes in, text and pages out. It is locked before the first document arrives.

Host to worker: `start` {kinds}, whose readers are loaded; then `extract` {id, name, kind} with the file as body.
Worker to host: `page` {id, done, total} at most four times a second, then `document` {id, kind, page_kind, pages,
notes} with the text as body, or `skipped` {id, reason}, or `other` {id, kind} when the file is of a kind whose reader
is not loaded. Imports the standard library, the frames, the lock and the readers' libraries.
"""

import encodings
import importlib
import pkgutil
import sys
import time
import traceback
from types import ModuleType

from rlm_desk.confine.lockdown import lock
from rlm_desk.confine.policies import EXTRACTION
from rlm_desk.documents.extracted import OnPage, Unreadable
from rlm_desk.documents.formats import BY_KIND, FORMATS, sniff
from rlm_desk.wire import FrameError, Header, Pipe

PAGE_SECONDS = 0.25


def main(pipe: Pipe) -> None:
    """Serve until the host closes the channel (EOFError)."""
    start, _ = pipe.receive()
    readers, missing = _preload(start.get("kinds", list(BY_KIND)))
    layers = lock(EXTRACTION, start.get("address_space"))
    pipe.send({"type": "ready", "layers": layers})
    while True:
        header, body = pipe.receive()
        if header["type"] != "extract" or header.get("kind") not in BY_KIND:
            raise FrameError(f"unexpected {header['type']!r}")
        kind = sniff(BY_KIND[header["kind"]], body).kind
        if kind in missing:
            reason = f"cannot be read: {missing[kind]} is not installed"
            pipe.send({"type": "skipped", "id": header["id"], "reason": reason})
        elif kind in readers:
            pipe.send(*_answer(pipe, kind, readers[kind], header, body))
        else:
            pipe.send({"type": "other", "id": header["id"], "kind": kind})


def _preload(kinds: list[str]) -> tuple[dict[str, ModuleType], dict[str, str]]:
    """Readers of some kinds, with every codec: nothing can be imported once the lock is on. And what they lack."""
    for module in pkgutil.iter_modules(encodings.__path__):
        if module.name not in ("mbcs", "oem", "idna", "punycode"):  # Windows only, and not for documents
            importlib.import_module(f"encodings.{module.name}")
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


def _answer(pipe: Pipe, kind: str, reader: ModuleType, header: Header, body: bytes) -> tuple[Header, bytes]:
    identity = header["id"]
    try:
        found = reader.read(body, header["name"], _reporter(pipe, identity))
        text = found.text.encode("utf-8", "replace")
    except Unreadable as problem:
        return {"type": "skipped", "id": identity, "reason": str(problem)}, b""
    except MemoryError:
        return {"type": "skipped", "id": identity, "reason": "needs more memory than one document may use"}, b""
    except ImportError as problem:  # a defect of ours: something was not loaded before the lock
        print(f"not preloaded: {problem!r}", file=sys.stderr)
        return {"type": "skipped", "id": identity, "reason": f"cannot be read: its reader lacks {problem.name}"}, b""
    except RecursionError:
        return {"type": "skipped", "id": identity, "reason": "is damaged: its parts are nested without end"}, b""
    except Exception as problem:  # a library tripped over the bytes in a way its reader did not expect
        traceback.print_exc()
        reason = f"is damaged: its reader gave up ({type(problem).__name__})"
        return {"type": "skipped", "id": identity, "reason": reason}, b""
    pages = [list(page) for page in found.pages]
    answer = {"type": "document", "id": identity, "kind": kind, "page_kind": found.page_kind}
    return {**answer, "pages": pages, "notes": found.notes}, text


def _reporter(pipe: Pipe, identity: int) -> OnPage:
    last = time.monotonic()

    def on_page(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= PAGE_SECONDS:
            last = time.monotonic()
            pipe.send({"type": "page", "id": identity, "done": done, "total": total})

    return on_page
