"""What a server does that means harm: it ends in a sentence, others go on meanwhile, and nothing grows."""

import asyncio
import gzip
import json
import resource
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from rlm_desk.address import parse
from rlm_desk.completion import Message, Request
from rlm_desk.confine import connector
from rlm_desk.engine.remote import asking, sse, trouble
from rlm_desk.engine.remote.reply import Reply
from rlm_desk.engine.remote.secret import Secret
from rlm_desk.errors import DeskError, EngineError, ModelError, WouldNotFit
from tests.engine.remote.conftest import Start
from tests.engine.remote.fake import FakeServer, Writer, answering, event, head, sending, well

ASK = Request((Message("user", "Is all well?"),), max_tokens=16)
CHUNKED = b"HTTP/1.1 200 X\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def flooding(first: bytes, again: bytes) -> Callable[[Writer, dict[str, Any]], Awaitable[None]]:
    """Sends as fast as it is read, without end."""

    async def play(writer: Writer, asked: dict[str, Any]) -> None:
        writer.write(first)
        block = again * max(1, 64 * 1024 // len(again))
        while True:
            writer.write(block)
            await writer.drain()

    return play


FLOODS = {
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "signs of life": (head(), b": alive\n\n"),
    "events without text": (head(), b'data: {"choices":[]}\n\n'),
    "text": (head(), event("x" * 60)),
    "a line without end": (head(), b"data: " + b"x" * 1000),
    "a head without end": (b"HTTP/1.1 200 X\r\n", b"x: " + b"y" * 100 + b"\r\n"),
    "chunks of one byte": (CHUNKED, b"1\r\n:\r\n"),
    "chunk headers": (CHUNKED, b"1;" + b"x" * 1000 + b"\r\n\n\r\n"),
    "an error's body": (head(400, "application/json"), b" " * 1000),
    "a body of another type": (head(200, "application/octet-stream"), b"\0" * 1000),
}


@pytest.mark.parametrize("name", FLOODS)
async def test_a_flood_ends_and_nobody_else_waits_for_it(start: Start, name: str) -> None:
    flood = flooding(*FLOODS[name])

    async def play(writer: Writer, body: dict[str, Any]) -> None:
        await (flood if body["messages"][0]["content"] == "flood" else well)(writer, body)

    engine = await start(FakeServer(play), slots=4)
    assert engine.pid is not None
    pid, before = engine.pid, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    flooded = asyncio.create_task(engine.complete(Request((Message("user", "flood"),), 16, seconds=60)))
    await asyncio.sleep(0.2)
    assert (await asyncio.wait_for(engine.complete(ASK), 30)).text == "all well"
    flooded.cancel()
    with pytest.raises((asyncio.CancelledError, DeskError)):
        await flooded
    assert (await asyncio.wait_for(engine.complete(ASK), 30)).text == "all well"
    assert engine.pid == pid, "its worker ended"
    assert peak(pid) < 400 * 1024
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024  # KiB


def peak(pid: int) -> int:
    """KiB of memory a process had at most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


async def test_a_deadline_holds_in_a_flood(start: Start) -> None:
    engine = await start(FakeServer(flooding(head(), b": alive\n\n")))
    with pytest.raises(DeskError):
        await asyncio.wait_for(engine.complete(Request(ASK.messages, 16, seconds=0.5)), 30)


async def test_signs_of_life_without_a_word_do_not_go_on_for_ever(start: Start) -> None:
    alive = sending(head(), *([b": alive\n\n"] * 2000), pause=0.02)
    engine = await start(FakeServer(alive, well), seconds=0.1)
    assert (await asyncio.wait_for(engine.complete(ASK), 30)).text == "all well"
    assert "said nothing" in await engine.log()
    assert asking.WORDLESS * 300 <= 3600  # the ordinary patience, in seconds


async def test_what_is_compressed_is_not_unpacked(start: Start) -> None:
    bomb = gzip.compress(bytes(100 * 1024 * 1024), 1)

    async def play(writer: Writer, body: dict[str, Any]) -> None:
        writer.write(head(200, "application/json", "content-encoding: gzip") + bomb)

    server = FakeServer(play)
    engine = await start(server)
    with pytest.raises(EngineError, match="no JSON"):
        await engine.complete(ASK)
    assert engine.pid is not None and peak(engine.pid) < 150 * 1024
    assert not any(b"accept-encoding" in raw.lower() for raw in server.headers)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(start: Start, status: int) -> None:
    came: list[bytes] = []

    async def elsewhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(await reader.read(1000))
        writer.close()

    async with await asyncio.start_server(elsewhere, "127.0.0.1", 0) as other:
        port = other.sockets[0].getsockname()[1]
        server = FakeServer(answering(status, {}, f"location: http://127.0.0.1:{port}/v1/chat/completions"))
        with pytest.raises(EngineError, match="redirect, which is not followed"):
            await (await start(server, key="secret")).complete(ASK)
        assert len(server.asked) == 1
    assert not came


@pytest.mark.parametrize(
    "said",
    [
        {"error": {"n_prompt_tokens": 10**300, "n_ctx": 10**300}},
        {"error": {"n_prompt_tokens": -5, "n_ctx": -5}},
        {"error": {"n_prompt_tokens": True, "n_ctx": True}},
        {"error": {"message": "context length is " + "9" * 250, "code": "context_length_exceeded"}},
    ],
    ids=["huge", "negative", "truth", "in words"],
)
async def test_sizes_that_make_no_sense_are_not_believed(start: Start, said: dict[str, Any]) -> None:
    with pytest.raises(WouldNotFit) as refused:
        await (await start(FakeServer(answering(400, said)))).complete(ASK)
    assert 0 < refused.value.window <= 4096 and refused.value.tokens < 2**32
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    "used",
    [
        {"prompt_tokens": 10**400, "completion_tokens": -1},
        {"prompt_tokens": "7", "completion_tokens": None},
        {"prompt_tokens": True, "completion_tokens": [1]},
        {"prompt_tokens": 7.5, "completion_tokens": 1e300, "prompt_tokens_details": {"cached_tokens": 10**9}},
    ],
)
async def test_figures_that_make_no_sense_are_counted_by_ourselves(start: Start, used: dict[str, Any]) -> None:
    usage = b"data: " + json.dumps({"choices": [], "usage": used}).encode() + b"\n\ndata: [DONE]\n\n"
    done = await (await start(FakeServer(sending(head() + event("well", "stop") + usage)))).complete(ASK)
    assert done.text == "well" and done.usage.completion == 1 and 0 <= done.usage.prompt < 100
    assert done.usage.cached <= done.usage.prompt


@pytest.mark.parametrize(
    "models",
    [
        {"data": [{"id": "m" * 1000, "owned_by": "vllm", "max_model_len": 4096}]},
        {"data": [{"id": "m", "max_model_len": 10**400}]},
        {"data": [{"id": "m", "max_model_len": -1}]},
        {"data": "m"},
        {"data": [[[]]]},
    ],
    ids=["a long name", "a huge window", "a window below nothing", "no list", "no models"],
)
async def test_models_that_are_none_are_a_sentence(start: Start, models: Any) -> None:
    with pytest.raises(ModelError) as told:
        await start(FakeServer(models=models))
    assert len(str(told.value)) < 500


async def test_names_of_models_are_cleaned_where_they_are_told(start: Start) -> None:
    models = {"data": [{"id": "a\x1b[2J\u202e"}, {"id": "b\x07"}]}
    with pytest.raises(ModelError) as told:
        await start(FakeServer(models=models))
    assert not {"\x1b", "\x07", "\u202e"} & set(f"{told.value.sentence}{told.value.next_step}")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_old_tls_is_not_spoken(start: Start, tmp_path: Path) -> None:
    from rlm_desk.engine.remote.worker import tls
    from tests.engine.remote.test_tls import HERE, Authority

    assert tls("").minimum_version is ssl.TLSVersion.TLSv1_2
    assert tls("").check_hostname and tls("").verify_mode is ssl.CERT_REQUIRED
    ours = Authority("our own authority")
    context = ours.server(tmp_path, HERE)
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    server = FakeServer()
    with pytest.raises(EngineError, match=r"TLS|ended the connection"):
        await start(server, context, authorities=ours.pem, key="secret")
    assert server.headers == []


def test_a_name_of_this_machine_that_leads_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """One address of several is enough."""
    places = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, 80)) for place in ("127.0.0.1", "192.0.2.7")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: places)
    with pytest.raises(connector.ConnectorError, match=r"leads to 192\.0\.2\.7, which is not this machine"):
        connector.resolve("localhost", 80, loopback=True)
    assert [place for _, place in connector.resolve("host.example", 80, loopback=False)] == [
        ("127.0.0.1", 80),
        ("192.0.2.7", 80),
    ]


def test_a_name_that_is_not_known_is_a_sentence() -> None:
    """Through the real process: what it says is told, and not where in our code it stopped."""
    from rlm_desk.confine import egress

    with pytest.raises(EngineError, match=r"^The name nowhere\.invalid is not known here: ") as told:
        egress.prepare(parse("https://nowhere.invalid:8000/v1"))
    assert told.value.next_step == "Check engine.url."


async def test_a_name_is_looked_up_once_and_never_again(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """The addresses are the connector's from before its lock; a later worker asks the same connector."""
    from rlm_desk.confine import egress

    server = FakeServer()
    engine = await start(server)
    (first,) = egress._started.values()
    monkeypatch.setattr(socket, "getaddrinfo", None)  # in this process; the connector's filter forbids it there
    assert egress.prepare(parse(f"http://127.0.0.1:{next(iter(egress._started))[1]}")) is first
    assert (await engine.complete(ASK)).text == "all well" and first.addresses == ("127.0.0.1",)


# ---- the parsers by themselves --------------------------------------------------------------------------------------


def test_a_line_that_comes_byte_by_byte_costs_no_more_than_it_is_long() -> None:
    events, began = sse.Events(), time.process_time()
    for _ in range(500_000):
        assert not list(events.feed(b"x"))
    assert time.process_time() - began < 30  # copied each time it would take minutes


def test_an_error_as_deep_as_json_can_be_is_one_of_the_server() -> None:
    for depth in (100, 900, 990, 5000):
        with pytest.raises((trouble.Again, sse.Malformed)):
            Reply((), 16, "x", Secret("")).take('{"error":{"message":' + "[" * depth + "]" * depth + "}}")


def test_a_message_that_is_no_text_is_not_told() -> None:
    told = trouble.judge(400, b'{"error":{"message":[1,2]}}', {}, "x", Secret(""))
    assert isinstance(told, trouble.Refusal) and "[1" not in str(told)
