"""Fuzz targets for what a model server, a model file and the workers that read them say (see `targets`)."""

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any

from rlm_desk import wire
from rlm_desk.catalogue import inspecting
from rlm_desk.chat_template import ChatTemplate, TemplateProblem
from rlm_desk.documents import answers
from rlm_desk.engine import framing
from rlm_desk.engine.remote import http, reply, sse, trouble
from rlm_desk.engine.remote.secret import Secret
from rlm_desk.engine.remote.stream import Lost
from rlm_desk.errors import ModelError

KEY = "sk-0123456789abcdef"


def events(data: bytes) -> None:
    """The reader of server-sent events: the same events however the bytes are cut."""
    step, stream = data[0] % 7 + 1 if data else 1, data[1:]
    whole, pieces = _events([stream]), _events([stream[at : at + step] for at in range(0, len(stream), step)])
    assert whole == pieces


def _events(pieces: list[bytes]) -> list[str]:
    reader, found = sse.Events(), []
    try:
        for piece in pieces:
            found += reader.feed(piece)
        found += reader.finish()
    except sse.Malformed as problem:
        found.append(f"malformed: {problem}")
    assert reader.lines <= sum(map(len, pieces)) + 2
    return found


def served(data: bytes) -> None:
    """A streamed reply, from its events: text that can be kept and holds no key, and counts that are some."""
    taken = reply.Reply(("STOP",), 100, "http://127.0.0.1", Secret(KEY))
    shown = ""
    try:
        for event in data.decode("utf-8", "replace").split("\n"):
            shown += taken.take(event)
        shown += taken.end()
    except (sse.Malformed, trouble.Again, trouble.Refusal, trouble.TooLarge) as problem:
        assert KEY not in str(problem)
    assert KEY not in shown and KEY not in taken.thought
    assert len(shown.encode()) <= 16 * (len(data) + 64)
    assert 0 <= taken.cached <= taken.prompt < 2**31 and 0 <= taken.completion < 2**31


class FakeStream:
    """Bytes in pieces, then the end."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    async def read(self) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    async def write(self, raw: bytes) -> None:
        return

    def close(self) -> None:
        return


def response(data: bytes) -> None:
    """An answer over HTTP, and what is made of one that is an error."""
    asyncio.run(_response(data))


async def _response(data: bytes) -> None:
    step = data[0] + 1 if data else 1
    stream: Any = FakeStream([data[at : at + step] for at in range(1, len(data), step)])
    connection = http._Connection(stream)
    ask = http.h11.Request(method="GET", target="/", headers=[("host", "x")])
    try:
        await connection.send(ask, http.h11.EndOfMessage())
        head = await connection.head()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        body = await http.Answer(head.status_code, headers, connection, 5.0).whole(4096)
    except Lost:
        return
    assert len(body) <= 4096
    judged = trouble.judge(head.status_code, body, headers, "http://127.0.0.1", Secret(KEY))
    assert KEY not in str(judged)
    if isinstance(judged, trouble.Again):
        assert 0 <= judged.after <= trouble.LONGEST_WAIT
    if isinstance(judged, trouble.TooLarge):
        assert 0 <= judged.tokens < 2**31 and 0 <= judged.window < 2**31


def engine(data: bytes) -> None:
    """A frame of the engine's worker, looked at by the app."""
    try:
        header = wire.parse_header(data)
        framing.check(header)
        if header["type"] == "done":
            found = framing.completion(header)
            assert 0 <= found.usage.cached < 2**40 and isinstance(found.text, str)
    except (wire.FrameError, KeyError, TypeError, ValueError, OverflowError):
        return


def facts(data: bytes) -> None:
    """What the inspection worker says of a model file, looked at by the app."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return
    summaries = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    if not summaries:
        return
    try:
        made = inspecting._facts(summaries, 10, Path("m.gguf"))
    except ModelError as problem:
        assert "\x1b" not in problem.sentence
        return
    for number in (made.window, made.layers, made.vocabulary, *made.kv_layers, *made.layer_bytes):
        assert 0 <= number < 2**60
    assert "\x1b" not in made.name + made.architecture + made.quantisation + made.license


def template(data: bytes) -> None:
    """A model's own chat template, run in its sandbox: parts that name every message once, or a named problem."""
    made = ChatTemplate(data.decode("utf-8", "replace"))
    for shape in (("user", False),), (("system", False), ("user", False), ("assistant", False), ("user", True)):
        try:
            parts = made.parts(shape)
        except TemplateProblem:
            continue
        assert [part for part in parts if isinstance(part, int)] == [
            n for n, (_, empty) in enumerate(shape) if not empty
        ]


def pieces(data: bytes) -> None:
    """Pages of a long document, and a page's picture, as an extraction worker sends them."""
    head, _, body = data.partition(b"\n")
    with contextlib.suppress(ValueError, TypeError, RecursionError):
        answers.records(body, 2)
    try:
        found = answers.picture(wire.parse_header(head), body, 40, 30)
    except (wire.FrameError, ValueError, TypeError, KeyError):
        return
    assert len(found.rgb) == found.width * found.height * 3 <= 3600


def served_seeds() -> dict[str, list[bytes]]:
    """Where a fuzzer begins."""
    delta = json.dumps({"choices": [{"delta": {"content": "The fee <think>is</think> 40."}, "finish_reason": None}]})
    reasoning = json.dumps({"choices": [{"delta": {"reasoning_content": f"so {KEY}"}, "finish_reason": "stop"}]})
    usage = json.dumps({"choices": [], "usage": {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 3}}})
    error = json.dumps({"error": {"message": f"maximum context length is 4096, requested 5000 {KEY}", "code": 400}})
    done = {"type": "done", "id": 1, "prompt": 3, "cached": 1, "completion": 2, "seconds": 0.5, "confidence": 0.5}
    done |= {"text": "a", "thinking": "", "finish": "stop"}
    summary = [{"architecture": "llama", "name": "n", "window": 4096, "layers": 2, "layer_bytes": [5, 6], "splits": 1}]
    record = json.dumps([[["a", "b"], [0], [1], ""], [[], [], [], "ocr"]]).encode()
    return {
        "events": [f"\x02data: {delta}\n\n: sign of life\r\ndata: [DONE]\n\n".encode(), b"\x00data:a\ndata: b\r\n\r\n"],
        "served": [
            "\n".join((delta, reasoning, usage)).encode(),
            error.encode(),
            b'{"choices":[{"delta":{"content":"\\ud83d"}}]}',
        ],
        "response": [
            b"\x10HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
            b"\xffHTTP/1.1 429 Wait\r\nretry-after: 3\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            b"\x40HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 400 No\r\nconnection: close\r\n\r\n" + error.encode(),
        ],
        "engine": [json.dumps(done).encode(), b'{"type":"counted","id":1,"tokens":5}', b'{"type":"log","text":"x"}'],
        "facts": [json.dumps(summary).encode(), b'[{"problem":"its vocabulary"}]'],
        "template": [
            b"{%- for m in messages -%}<{{ m.role }}>{{ m.content }}{%- endfor -%}<assistant>",
            b"{% if messages[0].role == 'system' %}{{ raise_exception('no') }}{% endif %}{{ messages[0].content }}",
            b"{% set ns = namespace(n=0) %}{% for m in messages %}{{ m['content']|trim }}{% endfor %}",
        ],
        "pieces": [b'{"type":"picture","width":2,"height":1}\nabcdef', b'{"type":"pages"}\n' + record],
    }


TARGETS = {
    "events": events,
    "served": served,
    "response": response,
    "engine": engine,
    "facts": facts,
    "template": template,
    "pieces": pieces,
}
