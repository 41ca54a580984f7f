"""Where a fuzzer begins: small well-formed inputs of every target, made by code."""

import json
import struct
import tempfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rlm_desk import wire
from rlm_desk.report import bundle as reports
from rlm_desk.report import unpacking
from tests.documents.making import labelled, pdf
from tests.evidence.recording import CORPUS, Recording
from tests.fuzz import office, served
from tests.fuzz.targets import PART


def frames() -> list[bytes]:
    call = {"type": "call", "id": 1, "call": 1, "op": "llm", "question": "q", "items": [[0, 3, "x"], [2, "y"]]}
    done = {"type": "done", "id": 1, "failed": False, "seconds": 0, "variables": ["a"], "output_bytes": 2}
    done |= {"final": True, "reads": [["returned", "search", [[0, 3]]]]}
    rlm = call | {"op": "rlm", "items": [[0, 3, "x"]], "documents": [[0, 1]], "questions": ["q"]}
    classify = call | {"op": "classify", "items": [[0, 9, "x"]], "labels": ["a", "b"], "kind": "text"}
    return [
        wire.pack(call, b"ab"),
        wire.pack(done, b"okfine"),
        wire.pack(rlm) + wire.pack(classify),
        wire.pack({"type": "values", "id": 1}, json.dumps([["a", "1"]]).encode()),
    ]


def document() -> list[bytes]:
    header = {
        "type": "document",
        "kind": "text",
        "page_kind": "lines",
        "notes": ["n"],
        "pages": [["1", 0, 2], ["2", 2, 5]],
    }
    return [json.dumps(header).encode() + b"\nFees."]


def gguf() -> list[bytes]:
    def text(value: bytes) -> bytes:
        return struct.pack("<Q", len(value)) + value

    entries = [
        text(b"general.architecture") + struct.pack("<I", 8) + text(b"llama"),
        text(b"llama.block_count") + struct.pack("<II", 4, 2),
        text(b"llama.attention.head_count") + struct.pack("<IIQ", 9, 4, 2) + struct.pack("<II", 4, 4),
        text(b"tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 2) + text(b"a") + text(b"b"),
        text(b"x.nested") + struct.pack("<IIQIQ", 9, 9, 1, 0, 2) + b"ab",
    ]
    return [
        b"GGUF" + struct.pack("<IQQ", 3, 1, len(entries)) + b"".join(entries),
        b"GGUF" + struct.pack("<IQQ", 2, 0, 0),
    ]


def reply() -> list[bytes]:
    return [
        b"```python\nfees = map(documents, 'What is the fee?', kind='number')\nFINAL(sum(fees))\n```",
        b"<think>so</think>\n```repl\na = 1\n```\nFINAL_VAR(a)",
        b'<tool_call>{"name": "python", "arguments": {"code": "print(1)"}}</tool_call>',
        b"x = 1\nprint(x)\nFINAL('a (b) c')",
        b"3 March 2024",
        b"1,250.50",
        b"<python>\nprint(1)\n</python>",
    ]


def plain() -> list[bytes]:
    return ["Fees – “forty”\n\n1. Scope\n".encode(e) for e in ("utf-8", "utf-16", "utf-16-le", "cp1252", "utf-32")] + [
        b"a\fb\fc\n",
        b"# Title\n\ntext\r\nmore\n",
    ]


def pages() -> list[bytes]:
    return [
        b"<html><head><title>t</title></head><body><h1>A</h1><p>b<table><tr><td>1<td>2</table></body></html>",
        b"<!doctype html><meta charset=utf-16><ul><li>a<li>b</ul><pre>  x\n y</pre><script>z</script>",
    ]


def portable() -> list[bytes]:
    hebrew = Path(__file__).parents[1] / "documents/files/libreoffice-hebrew.pdf"
    return [hebrew.read_bytes(), pdf(["The fee is 40 euros."]), labelled(["a", "b"]), pdf(["(x) \\ y", None])]


def bundle() -> list[bytes]:
    run = Recording()
    run.call(2, 0, "4,200")
    run.finish("EUR 4,200")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.zip"
        reports.write(path, run.recorded, CORPUS)
        with zipfile.ZipFile(path) as archive:
            parts = PART.join(archive.read(name) for name in unpacking.PARTS)
        return [path.read_bytes(), parts]


def served_seeds(name: str) -> list[bytes]:
    return served.served_seeds()[name]


SEEDS: dict[str, Callable[[], list[bytes]]] = {
    "frames": frames,
    "document": document,
    "gguf": gguf,
    "reply": reply,
    "plain": plain,
    "pages": pages,
    "portable": portable,
    "bundle": bundle,
    "office": office.seeds,
    **{name: partial(served_seeds, name) for name in served.TARGETS},
}
