"""Parsers of strangers' bytes, by property: whatever is nearly well-formed ends in a result or in the named error.

`targets` says what a finding is; here hypothesis makes what it is given, from the format's own grammar outwards, which
random bytes never reach.
"""

import io
import json
import struct
import zipfile
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rlm_desk import wire
from rlm_desk.catalogue import metadata
from rlm_desk.report import unpacking
from tests.fuzz import targets
from tests.fuzz.seeds import SEEDS

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["call", "done", "values", "llm", "rlm", "map", "text", "number", "\x1b[2J", "\ud800"])
)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner), max_leaves=12
)


def keyed(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """Objects of a format's own names, each with anything or missing."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, JSON))


# ---- frames ---------------------------------------------------------------------------------------------------------

HEADER = keyed("id", "call", "op", "question", "items", "documents", "questions", "labels", "kind", "failed", "seconds")
ENDS = keyed("id", "failed", "seconds", "variables", "output_bytes", "final", "reads")


@FEW
@given(
    st.lists(
        st.tuples(st.sampled_from(["call", "done", "values", "x"]), HEADER | ENDS, st.binary(max_size=40)), max_size=3
    )
)
def test_frames_of_any_fields(frames: list[tuple[str, dict[str, Any], bytes]]) -> None:
    targets.frames(b"".join(wire.pack({**fields, "type": kind}, body) for kind, fields, body in frames))


@FEW
@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.binary(max_size=80))
def test_lengths_of_any_size_are_refused_or_waited_for(header: int, body: int, rest: bytes) -> None:
    targets.frames(struct.pack(">II", header, body) + rest)


@FEW
@given(st.dictionaries(st.text(max_size=9), JSON, max_size=5), st.binary(max_size=200))
def test_a_frame_that_is_packed_comes_back(fields: dict[str, Any], body: bytes) -> None:
    header = {**fields, "type": "x"}
    raw = wire.pack(header, body)
    size, length = wire.PREFIX.unpack_from(raw)
    start = wire.PREFIX.size + size
    assert raw[start:] == body and length == len(body)
    assert repr(wire.parse_header(raw[wire.PREFIX.size : start])) == repr(json.loads(json.dumps(header)))


# ---- GGUF metadata --------------------------------------------------------------------------------------------------


def _text(value: bytes) -> bytes:
    return struct.pack("<Q", len(value)) + value


KEYS = st.sampled_from(
    [
        *(b"general.architecture", b"general.name", b"general.file_type", b"split.count", b"x", b"llama.block_count"),
        *(b"llama.context_length", b"llama.attention.head_count", b"tokenizer.ggml.tokens", b"tokenizer.chat_template"),
    ]
)
SIZES = st.integers(0, 6) | st.sampled_from([2**31, 2**32, 2**63, 2**64 - 1])
SCALAR = st.tuples(st.integers(0, 13), st.binary(max_size=9)).map(lambda one: struct.pack("<I", one[0]) + one[1])
STRING = st.binary(max_size=12).map(lambda raw: struct.pack("<I", 8) + _text(raw))
LIST = st.tuples(st.integers(0, 13), SIZES, st.binary(max_size=30)).map(
    lambda one: struct.pack("<IIQ", 9, one[0], one[1]) + one[2]
)
ENTRY = st.tuples(KEYS, SCALAR | STRING | LIST).map(lambda one: _text(one[0]) + one[1])


@FEW
@given(st.integers(0, 4), SIZES, SIZES | st.none(), st.lists(ENTRY, max_size=5), st.binary(max_size=20))
def test_gguf_of_any_entries(version: int, tensors: int, count: int | None, entries: list[bytes], rest: bytes) -> None:
    head = struct.pack("<IQQ", version, tensors, len(entries) if count is None else count)
    targets.gguf(b"GGUF" + head + b"".join(entries) + rest)


@FEW
@given(st.data())
def test_gguf_cut_off_anywhere_is_a_named_error(data: st.DataObject) -> None:
    whole = SEEDS["gguf"]()[0]
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    try:
        metadata.summary(cut)
    except metadata.MetadataError as problem:
        assert str(problem)


# ---- run bundles ----------------------------------------------------------------------------------------------------

EVENT = keyed(
    "kind", "run", "seq", "at", "node", "question", "documents", "text", "answer", "status", "messages", "spans"
)
LINE = keyed("event", "hash", "text", "texts", "id", "name", "pages", "kind", "page_kind", "notes") | EVENT
LINES = st.lists(LINE, max_size=4).map(lambda lines: b"\n".join(json.dumps(line).encode() for line in lines))
PART = LINES | st.binary(max_size=60)


@FEW
@given(
    PART,
    PART,
    PART,
    st.none() | st.binary(max_size=30) | keyed("key", "signature").map(lambda x: json.dumps(x).encode()),
)
def test_bundles_of_any_parts(events: bytes, texts: bytes, documents: bytes, signature: bytes | None) -> None:
    parts = [events, texts, documents, *([] if signature is None else [signature])]
    targets.bundle(targets.zipped(parts))


@FEW
@given(st.data())
def test_a_sound_bundle_with_one_part_in_disorder(data: st.DataObject) -> None:
    parts = SEEDS["bundle"]()[1].split(targets.PART)
    which = data.draw(st.integers(0, len(parts) - 1))
    lines = parts[which].split(b"\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    try:
        value = json.loads(lines[at] or b"{}")
        inner = value.get("event") if isinstance(value.get("event"), dict) else value
        name = data.draw(st.sampled_from(sorted(inner) or ["x"]))
        inner[name] = data.draw(JSON)
        lines[at] = json.dumps(value).encode()
    except ValueError:
        lines[at] = data.draw(st.binary(max_size=20))
    parts[which] = b"\n".join(lines)
    targets.bundle(targets.zipped(parts))


@FEW
@given(st.dictionaries(st.sampled_from(["manifest.json", *unpacking.PARTS, "../x", "y"]), st.binary(max_size=50)), JSON)
def test_zips_of_any_members(members: dict[str, bytes], manifest: Any) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in members.items():
            archive.writestr(name, json.dumps(manifest) if name == "manifest.json" and raw[:1] < b"\x80" else raw)
    targets.bundle(out.getvalue())


# ---- text, and what an extraction worker says of it -----------------------------------------------------------------

PAGES = st.lists(st.tuples(st.text(max_size=3), st.integers(-2, 60), st.integers(-2, 60)).map(list), max_size=4)


@FEW
@given(st.text(max_size=50), PAGES | JSON, keyed("kind", "page_kind", "notes", "outline", "facts", "type"))
def test_answers_about_a_document_of_any_fields(text: str, pages: Any, more: dict[str, Any]) -> None:
    header = {"type": "document", "kind": "text", "page_kind": "page", "notes": [], **more, "pages": pages}
    targets.document(json.dumps(header).encode() + b"\n" + text.encode("utf-8", "surrogatepass"))


@FEW
@given(
    st.text(max_size=200),
    st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-32", "cp1252", "latin-1"]),
    st.binary(max_size=8),
)
def test_plain_text_in_any_coding(text: str, coding: str, rest: bytes) -> None:
    targets.plain(text.encode(coding, "replace") + rest)


# ---- replies --------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *(
            "```python\n",
            "```repl\n",
            "```",
            "\n",
            "FINAL(",
            "FINAL_VAR(",
            ")",
            "'",
            '"',
            "<think>",
            "</think>",
            "x = 1\n",
        ),
        *("<tool_call>", "</tool_call>", '{"name": "python", "arguments": {"code": "', '"}}', "<python>", "</python>"),
        *("FINAL('a (b')", "1,250.50", "3 March 2024", "\ud800", "\0", "\\"),
    ]
)


@FEW
@given(st.lists(PIECES | st.text(max_size=6), max_size=14).map("".join))
def test_replies_of_any_pieces(written: str) -> None:
    targets.reply(written.encode("utf-8", "surrogatepass"))
