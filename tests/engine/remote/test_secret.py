"""A server that repeats the key: it stands in nothing that leaves the worker."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desk.completion import Message, Request
from rlm_desk.engine.remote.reply import Reply
from rlm_desk.engine.remote.secret import INSTEAD, SHORTEST, Hiding, Secret
from rlm_desk.errors import DeskError, ModelError
from tests.engine.remote.conftest import Start
from tests.engine.remote.fake import USAGE, FakeServer, answering, event, head, sending, well

KEY = "sk-0123456789-of-ours"
ASK = Request((Message("user", "Is all well?"),), max_tokens=64)


@given(st.text("abk", max_size=40), st.lists(st.integers(1, 5), max_size=12))
def test_text_in_pieces_is_what_it_is_as_a_whole(filler: str, sizes: list[int]) -> None:
    key = "abababak"
    text = filler + key + filler
    hiding, out, at = Hiding(Secret(key)), "", 0
    for size in (*sizes, len(text)):
        out += hiding.feed(text[at : at + size])
        at += size
    out += hiding.finish()
    assert key not in out and out.count(INSTEAD) >= 1
    assert out.replace(INSTEAD, key) == text


def test_without_a_key_nothing_is_changed_or_held_back() -> None:
    for key in ("", "none", "x" * (SHORTEST - 1)):
        hiding = Hiding(Secret(key))
        assert hiding.feed("none xxxxxxxxx none") == "none xxxxxxxxx none" and hiding.finish() == ""


@pytest.mark.parametrize("key", [r"back\slash\key", "it's-a-key", 'a"quoted"key'])
def test_a_key_is_known_where_it_is_quoted(key: str) -> None:
    for told in (key, repr(key), repr(key.encode()), json.dumps(key)):
        assert Secret(key).hide(told).strip("b\"'") == INSTEAD


def test_a_thought_and_a_reply_that_end_in_the_middle_keep_what_they_have() -> None:
    reply = Reply((), 64, "x", Secret(KEY))
    delta = {"reasoning_content": f"they said {KEY}", "content": f"<think>{KEY}</think>It is {KEY[:5]}"}
    shown = reply.take(json.dumps({"choices": [{"delta": delta}]})) + reply.end()
    assert shown == reply.text == f"It is {KEY[:5]}"
    assert reply.thought == f"they said {INSTEAD}"


@pytest.mark.parametrize("size", [1, 7, 200])
async def test_a_reply_and_what_is_shown_of_it_are_without_the_key(start: Start, size: int) -> None:
    text = f"Your key is {KEY}, and again: {KEY}. All well."
    pieces = [event(text[at : at + size]) for at in range(0, len(text), size)]
    engine = await start(FakeServer(sending(head(), *pieces, event("", "stop"), USAGE)), key=KEY)
    shown: list[str] = []
    done = await engine.complete(ASK, shown.append)
    assert done.text == "".join(shown) == text.replace(KEY, INSTEAD)


@pytest.mark.parametrize(
    "status", [400, 404, 503], ids=["a request refused", "a path refused", "a server that is busy"]
)
@pytest.mark.parametrize("long", [False, True], ids=["short", "cut"])
async def test_an_error_is_without_the_key_wherever_it_is_cut(start: Start, status: int, long: bool) -> None:
    message = ("x" * 190 if long else "") + f" no such key: {KEY}"
    engine = await start(FakeServer(answering(status, {"error": {"message": message}})), key=KEY, pause=0.001)
    with pytest.raises(DeskError) as told:
        await engine.complete(ASK)
    log = await engine.log()
    for text in (told.value.sentence, told.value.next_step, log):
        assert KEY[:6] not in text
    assert long or INSTEAD in told.value.sentence


async def test_a_head_that_is_no_http_is_quoted_without_the_key(start: Start) -> None:
    engine = await start(FakeServer(sending(f"HTTP/9 {KEY}\r\n\r\n".encode()), well), key=KEY)
    assert (await engine.complete(ASK)).text == "all well"
    assert KEY not in await engine.log()


async def test_names_of_models_are_without_the_key(start: Start) -> None:
    one = {"data": [{"id": f"m-{KEY}", "owned_by": "vllm", "max_model_len": 4096}]}
    server = FakeServer(models=one)
    engine = await start(server, key=KEY)
    assert engine.facts["model"] == f"m-{INSTEAD}"
    assert (await engine.complete(ASK)).text == "all well"
    assert server.asked[0]["model"] == f"m-{KEY}"  # its own name for it
    with pytest.raises(ModelError) as told:
        await start(FakeServer(models={"data": [{"id": f"{'a' * 90}{KEY}"}, {"id": KEY}]}), key=KEY)
    assert KEY[:6] not in f"{told.value.sentence}{told.value.next_step}"
