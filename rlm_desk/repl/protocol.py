"""The frames of a REPL session, checked: whatever a worker sends is hostile until it has passed here. Host side."""

import json
from dataclasses import dataclass
from typing import Any, get_args

from rlm_desk import wire
from rlm_desk.corpus import Corpus, Span
from rlm_desk.repl.calls import Call, Item, Op, ReadRecord

KINDS = ("text", "number", "date", "yes_no")
MAX_ITEMS = 4000
MAX_NAMES, MAX_NAME = 500, 100
MAX_FINAL = 200_000
"""Characters of an answer; more is cut, as output is."""


@dataclass(frozen=True, slots=True)
class Done:
    """A cell's end, checked."""

    output: str
    failed: bool
    variables: tuple[str, ...]
    final: str | None
    reads: tuple[ReadRecord, ...]


def context_frame(
    corpus: Corpus, output_chars: int, cell_seconds: float, answers: tuple[str, ...]
) -> tuple[wire.Header, bytes]:
    """The frame that hands a corpus to a worker: the text as its body, the offsets in its header."""
    documents = [
        {
            "path": placed.document.name,
            "title": placed.document.title,
            "folder": placed.document.folder,
            "kind": placed.document.kind,
            "page_kind": placed.document.page_kind,
            "outline": [[heading.title, heading.level, heading.start] for heading in placed.document.outline],
            "start": placed.start,
            "end": placed.end,
            "pages": [[page.label, page.start, page.end] for page in placed.document.pages],
        }
        for placed in corpus.documents
    ]
    header: wire.Header = {
        "type": "context",
        "documents": documents,
        "output_chars": output_chars,
        "cell_seconds": cell_seconds,
        "answers": answers,
    }
    return header, corpus.text.encode("utf-8", "surrogatepass")


def parse_call(header: wire.Header, body: bytes, corpus: Corpus) -> Call:
    """A "call" frame as a Call. Raises FrameError on anything that is not exactly one."""
    try:
        op = header["op"]
        table = _list(header["items"], MAX_ITEMS)
        _need(op in get_args(Op))
        kind = header.get("kind", "text")
        _need(kind in KINDS)
        call = Call(
            op=op,
            question=_text(header["question"]),
            items=_items(table, body, len(corpus)),
            kind=kind,
            labels=tuple(_text(label) for label in _list(header.get("labels", []), MAX_ITEMS)),
            documents=_documents(header.get("documents", []), len(corpus.documents)),
            questions=tuple(_text(question) for question in _list(header.get("questions", []), MAX_ITEMS)),
        )
        _need(op != "rlm" or len(call.documents) == len(call.items))
        _need(len(call.questions) in (0, len(call.items)))
        _need(op != "classify" or len(call.labels) >= 2)
    except (KeyError, IndexError, TypeError, ValueError) as problem:
        raise wire.FrameError(f"a call that is none ({problem})") from problem
    return call


def parse_done(header: wire.Header, body: bytes, corpus: Corpus, output_chars: int) -> Done:
    """A "done" frame. Raises FrameError on anything that is not exactly one."""
    try:
        length = _count(header["output_bytes"], len(body))
        output = body[:length].decode("utf-8", "surrogatepass")
        final = body[length:].decode("utf-8", "surrogatepass")[:MAX_FINAL] if header["final"] is True else None
        variables = tuple(_text(name) for name in _list(header["variables"], MAX_NAMES))
        _need(all(len(name) <= MAX_NAME for name in variables))
        reads = tuple(_read(raw, len(corpus)) for raw in _list(header["reads"], 100))
        failed = header["failed"]
        _need(isinstance(failed, bool))
    except (KeyError, IndexError, TypeError, ValueError) as problem:
        raise wire.FrameError(f"a done frame that is none ({problem})") from problem
    return Done(cut(output, output_chars), failed, variables, final, reads)


def parse_values(body: bytes) -> tuple[tuple[str, str], ...]:
    """The body of a "values" frame. Raises FrameError."""
    try:
        rows = _list(json.loads(body), MAX_NAMES)
        return tuple((_text(name), _text(value)) for name, value in rows)
    except (TypeError, ValueError, RecursionError) as problem:
        raise wire.FrameError(f"values that are none ({problem})") from problem


def cut(output: str, limit: int) -> str:
    """Output cut in the middle, in case the worker did not do it; with room for the line that says so."""
    if len(output) <= limit + 100:
        return output
    half = limit // 2
    return f"{output[:half]}\n... {len(output) - 2 * half:,} characters left out ...\n{output[-half:]}"


def _items(table: list[Any], body: bytes, characters: int) -> tuple[Item, ...]:
    items: list[Item] = []
    offset = 0
    for row in table:
        if len(row) == 3:
            start, end = _count(row[0], characters), _count(row[1], characters)
            _need(start <= end)
            items.append(Item(None, Span(start, end), _text(row[2])))
        else:
            length = _count(row[0], len(body) - offset)
            text = body[offset : offset + length].decode("utf-8", "surrogatepass")
            offset += length
            items.append(Item(text, None, _text(row[1])))
    _need(offset == len(body))
    return tuple(items)


def _documents(raw: Any, count: int) -> tuple[tuple[int, ...], ...]:
    chosen = tuple(tuple(_count(index, count - 1) for index in _list(one, count)) for one in _list(raw, MAX_ITEMS))
    _need(all(len(set(one)) == len(one) for one in chosen))
    return chosen


def _read(raw: Any, characters: int) -> ReadRecord:
    how, helper, ranges = raw
    _need(how in ("returned", "scanned"))
    spans = []
    for start, end in _list(ranges, 1_000_000):
        _need(_count(start, characters) < _count(end, characters))
        spans.append(Span(start, end))
    return ReadRecord(how, _text(helper)[:40], tuple(spans))


def _list(value: Any, most: int) -> list[Any]:
    _need(isinstance(value, list) and len(value) <= most)
    return list(value)


def _text(value: Any) -> str:
    _need(isinstance(value, str))
    return str(value)


def _count(value: Any, most: int) -> int:
    _need(isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most)
    return int(value)


def _need(holds: bool) -> None:
    if not holds:
        raise ValueError("a field out of its range")
