"""What servers do wrong: it goes on where that is safe, and says in a sentence what happened where not."""

import asyncio
import json
import os
import signal

import pytest

from rlm_desk.address import parse
from rlm_desk.completion import Completion, Message, Request, Sampling
from rlm_desk.engine.remote.engine import RemoteEngine
from rlm_desk.errors import DeadlinePassed, EngineError, ModelError, WouldNotFit
from rlm_desk.plan import ServerPlan
from tests.engine.remote.conftest import Start
from tests.engine.remote.fake import USAGE, FakeServer, answering, event, head, sending, well

ASK = Request((Message("user", "Is all well?"),), max_tokens=16)
DRAWN = Request(ASK.messages, 16, Sampling(temperature=0.7))


async def test_text_is_streamed_and_what_it_took_is_told(start: Start) -> None:
    server = FakeServer()
    engine = await start(server, key="secret")
    pieces: list[str] = []
    done = await engine.complete(ASK, pieces.append)
    assert (done.text, done.finish, done.usage.prompt, done.usage.completion) == ("all well", "stop", 7, 3)
    assert pieces == ["all ", "well"]
    assert engine.window == 4096
    assert all(b"authorization: Bearer secret" in raw for raw in server.headers)
    asked = server.asked[0]
    assert asked["temperature"] == 0 and asked["max_tokens"] == 16 and asked["stream"] is True
    assert asked["chat_template_kwargs"] == {"enable_thinking": False}


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_server_that_is_busy_is_asked_again(start: Start, status: int) -> None:
    server = FakeServer(answering(status, {"error": {"message": "busy"}}, "retry-after: 0.01"), well)
    engine = await start(server)
    assert (await engine.complete(ASK)).text == "all well"
    assert len(server.asked) == 2
    assert f"it answered {status}: busy; again in" in await engine.log()


async def test_a_server_that_stays_busy_is_given_up(start: Start) -> None:
    server = FakeServer(answering(429))
    with pytest.raises(EngineError, match="did not answer: it answered 429"):
        await (await start(server)).complete(ASK)
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    "broken",
    [
        sending(head() + event("all ")),  # the connection ends
        sending(head() + b"data: {nonsense\n\n"),
        sending(head() + b'data: "\xff"\n\n'),
        sending(head() + b"data: []\n\n"),
        sending(head() + event("x" * 100_000)),
        sending(b"SSH-2.0-OpenSSH\r\n"),
        sending(b""),
    ],
    ids=["breaks off", "no JSON", "no UTF-8", "no object", "too much", "no HTTP", "nothing"],
)
async def test_a_greedy_reply_that_broke_is_made_again_and_not_shown_twice(start: Start, broken: object) -> None:
    server = FakeServer(broken, well)  # type: ignore[arg-type]
    engine = await start(server)
    pieces: list[str] = []
    assert (await engine.complete(ASK, pieces.append)).text == "all well"
    assert "".join(pieces) == "all well"
    assert len(server.asked) == 2


async def test_a_drawn_reply_is_not_made_again_once_some_of_it_was_shown(start: Start) -> None:
    server = FakeServer(sending(head() + event("some ")), well)
    with pytest.raises(EngineError, match="in the middle of a reply that was drawn at random"):
        await (await start(server)).complete(DRAWN, lambda piece: None)
    assert len(server.asked) == 1


async def test_a_drawn_reply_that_nobody_saw_is_made_again(start: Start) -> None:
    server = FakeServer(sending(head() + event("some ")), well)
    assert (await (await start(server)).complete(DRAWN)).text == "all well"


async def test_characters_cut_between_pieces_and_events_come_whole(start: Start) -> None:
    raw = event("größer ") + b'data: {"choices":[{"delta":{"content":"\\ud83d"}}]}\n\n'
    raw += b'data: {"choices":[{"delta":{"content":"\\ude00"},"finish_reason":"stop"}]}\r\n\r\n' + USAGE
    pieces = [head(), *(raw[i : i + 1] for i in range(len(raw)))]
    engine = await start(FakeServer(sending(*pieces)))
    shown: list[str] = []
    assert (await engine.complete(ASK, shown.append)).text == "größer 😀" == "".join(shown)


async def test_a_server_that_drips_bytes_is_given_up_by_the_clock(start: Start) -> None:
    drip = sending(head(), *([b"d"] * 400), pause=0.02)
    server = FakeServer(drip, drip, well)
    engine = await start(server, seconds=0.2)
    assert (await engine.complete(ASK)).text == "all well"
    assert "said nothing for 0.2 s" in await engine.log()


async def test_a_head_that_drips_is_given_up_too(start: Start) -> None:
    server = FakeServer(sending(*([b"H"] * 400), pause=0.02), well)
    engine = await start(server, seconds=0.2)
    assert (await engine.complete(ASK)).text == "all well"


async def test_a_cancelled_request_leaves_the_server(start: Start) -> None:
    server = FakeServer(well)
    server.plays = [server.hang]
    engine = await start(server)
    seen = asyncio.Event()
    task = asyncio.create_task(engine.complete(ASK, lambda piece: seen.set()))
    await asyncio.wait_for(seen.wait(), 20)
    task.cancel()
    await asyncio.wait_for(server.gone.wait(), 20)
    with pytest.raises(asyncio.CancelledError):
        await task
    server.plays = [well]
    assert (await engine.complete(ASK)).text == "all well"


async def test_a_deadline_ends_a_request(start: Start) -> None:
    server = FakeServer(well)
    server.plays = [server.hang]
    with pytest.raises(DeadlinePassed, match=r"the 0\.1 s"):
        await (await start(server)).complete(Request(ASK.messages, 16, seconds=0.1))
    await asyncio.wait_for(server.gone.wait(), 20)


async def test_a_prompt_that_is_too_large_is_refused_before_it_is_sent(start: Start) -> None:
    server = FakeServer()
    engine = await start(server)
    with pytest.raises(WouldNotFit) as refused:
        await engine.complete(Request((Message("user", "word " * 5000),), max_tokens=16))
    assert (refused.value.tokens, refused.value.window) == (5016, 4096)
    assert server.asked == []
    assert await engine.count((Message("user", "word " * 5000),)) == 5000


async def test_a_prompt_that_only_the_server_finds_too_large_is_refused_with_its_figures(start: Start) -> None:
    message = "This model's maximum context length is 2048 tokens. However, you requested 3000 tokens"
    engine = await start(FakeServer(answering(400, {"error": {"message": message}})))
    with pytest.raises(WouldNotFit) as refused:
        await engine.complete(ASK)
    assert (refused.value.tokens, refused.value.window) == (3016, 2048)


async def test_a_smaller_window_that_was_configured_holds(start: Start) -> None:
    assert (await start(FakeServer(), window=1000)).window == 1000
    assert (await start(FakeServer(), window=9000)).window == 4096


async def test_a_window_that_nobody_knows_is_asked_for(start: Start) -> None:
    unknown = {"data": [{"id": "m", "owned_by": "somebody"}]}
    with pytest.raises(ModelError, match="does not say how many tokens") as problem:
        await start(FakeServer(models=unknown))
    assert "engine.window" in problem.value.next_step
    engine = await start(FakeServer(models=unknown), window=500)
    assert engine.facts["counting"] == "estimate"
    with pytest.raises(WouldNotFit):
        await engine.complete(Request((Message("user", "7" * 490),), max_tokens=16))


async def test_the_models_are_looked_at(start: Start) -> None:
    two = {"data": [{"id": "one", "max_model_len": 9}, {"id": "two", "max_model_len": 9}]}
    with pytest.raises(ModelError, match="Which model") as problem:
        await start(FakeServer(models=two))
    assert "one, two" in problem.value.next_step
    with pytest.raises(ModelError, match="has no model 'three'"):
        await start(FakeServer(models=two), model="three")
    with pytest.raises(ModelError, match="no server of the OpenAI protocol"):
        await start(FakeServer(models=["no"]))


@pytest.mark.parametrize(("status", "says"), [(401, "does not accept the key"), (302, "redirect"), (404, "refused")])
async def test_what_will_fail_again_is_not_tried_again(start: Start, status: int, says: str) -> None:
    server = FakeServer(answering(status, {"error": "no"}, "location: http://elsewhere.example/"))
    with pytest.raises(EngineError, match=says):
        await (await start(server)).complete(ASK)
    assert len(server.asked) == 1


async def test_a_server_that_is_not_there_is_said(start: Start) -> None:
    server = FakeServer()
    port = await server.start()
    await server.stop()
    with pytest.raises(EngineError, match="cannot be connected to: connection refused"):
        await RemoteEngine.start(ServerPlan(parse(f"http://127.0.0.1:{port}"), pause=0.01))


async def test_a_server_that_goes_while_tokens_are_counted_is_said(start: Start) -> None:
    server = FakeServer()
    engine = await start(server)
    await server.stop()
    with pytest.raises(EngineError, match="did not answer: it cannot be connected to: connection refused"):
        await engine.count((Message("user", "word " * 100),))
    with pytest.raises(EngineError, match="did not answer: it cannot be connected to: connection refused"):
        await engine.complete(Request((Message("user", "word " * 5000),), max_tokens=16))


async def test_no_more_than_the_slots_are_asked_at_once_and_lower_priorities_first(start: Start) -> None:
    inside, most = 0, 0

    async def slow(writer: asyncio.StreamWriter, body: dict[str, object]) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.05)
        inside -= 1
        await well(writer, body)  # type: ignore[arg-type]

    server = FakeServer(slow)
    engine = await start(server, slots=2)
    asks = [Request((Message("user", str(n)),), 4, priority=p) for n, p in enumerate([1, 1, 1, 0])]
    await asyncio.gather(*(engine.complete(ask) for ask in asks))
    order = [body["messages"][0]["content"] for body in server.asked]
    assert most == 2
    assert sorted(order[:2]) == ["0", "1"] and order[2] == "3"


async def test_a_worker_that_is_killed_is_replaced_and_its_requests_are_made_again(start: Start) -> None:
    server = FakeServer(well)
    server.plays = [server.hang, well]
    engine = await start(server)
    seen = asyncio.Event()
    pieces: list[str] = []

    def show(piece: str) -> None:
        pieces.append(piece)
        seen.set()

    task: asyncio.Task[Completion] = asyncio.create_task(engine.complete(ASK, show))
    await asyncio.wait_for(seen.wait(), 20)
    assert engine.pid is not None
    os.kill(engine.pid, signal.SIGKILL)
    assert (await asyncio.wait_for(task, 60)).text == "all well"


async def test_a_grammar_is_sent_as_the_server_takes_it(start: Start) -> None:
    form = 'root ::= "yes"'
    server = FakeServer()
    await (await start(server)).complete(Request(ASK.messages, 4, grammar=form))
    assert server.asked[0]["structured_outputs"] == {"grammar": form}
    llama = FakeServer(models={"data": [{"id": "m", "owned_by": "me"}]})
    engine = await start(llama, window=4096)
    await engine.complete(Request(ASK.messages, 4, grammar=form))
    assert llama.asked[0]["grammar"] == form
    await engine.complete(Request(ASK.messages, 4, schema=json.dumps({"type": "object"})))
    assert llama.asked[1]["response_format"] == {"type": "json_object", "schema": {"type": "object"}}
