"""Questions to real servers of the OpenAI protocol on loopback, with desk-tiny.

`python -m llama_cpp.server`, and llama-server where RLM_DESK_LLAMA_SERVER names it.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rlm_desk.address import parse
from rlm_desk.completion import Message, Request, Sampling
from rlm_desk.config import load as load_settings
from rlm_desk.confine import egress
from rlm_desk.demo.corpus import DemoCorpus, questions
from rlm_desk.desk import modelserver
from rlm_desk.desk.service import AsyncDesk
from rlm_desk.engine.remote.engine import RemoteEngine
from rlm_desk.errors import EngineError
from rlm_desk.plan import ServerPlan
from tests.e2e.conftest import Command
from tests.e2e.serving import KINDS, WINDOW, Kind, Serving

ENDING = 2
"""desk-tiny's token that ends a reply."""
SHORT = Request((Message("user", "Write down all numbers from one to one thousand."),), max_tokens=8)
LONG = replace(SHORT, max_tokens=600, sampling=Sampling(logit_bias=((ENDING, -100.0),)))  # it would say "none"


def plan(server: Serving) -> ServerPlan:
    return ServerPlan(parse(server.url), window=WINDOW, pause=0.05)  # llama_cpp.server does not say its window


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Serving]:
    kind: Kind = request.param
    if why := kind.missing():
        pytest.skip(why)
    serving = Serving(kind, tmp_path / "server.log")
    yield serving
    serving.kill()
    for connector in egress._started.values():
        connector.close()
    egress._started.clear()


def test_a_recursive_question_is_answered_and_it_is_said_where_text_goes(
    server: Serving, command: Command, environment: dict[str, str], contracts: DemoCorpus
) -> None:
    environment["RLM_DESK_ENGINE__WINDOW"] = str(WINDOW)
    (question,) = questions(contracts, "find", 1)
    way = ["--route", "recursive", "--engine-url", server.url, "--plain"]
    asked = command("ask", contracts.directory, "-q", question.text, *way)
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.strip()
    notice = f"Text goes to another program on this machine: {server.url.removesuffix('/v1')}."
    assert asked.stderr.count(notice) == 2  # before the run, and with its answer
    report = command("runs", "export", "last", "-f", "md")
    assert f"Text was sent to {server.url.removesuffix('/v1')}." in report.stdout.replace(
        "\\", ""
    )  # Markdown's escapes


async def test_what_is_counted_is_what_the_server_counts(server: Serving) -> None:
    engine = await RemoteEngine.start(plan(server))
    try:
        assert (engine.facts["server"], engine.window) == (server.kind.name, WINDOW)
        counted = await engine.count(SHORT.messages)
        pieces: list[str] = []
        done = await engine.complete(SHORT, pieces.append)
        assert "".join(pieces) == done.text
        assert 0 < done.usage.completion <= 8
        exact = engine.facts["counting"] == "template"
        assert counted == done.usage.prompt if exact else counted >= done.usage.prompt > 0
        again = await engine.complete(SHORT)
        assert again.text == done.text  # greedy
    finally:
        await engine.close()


async def test_a_form_is_kept(server: Serving) -> None:
    engine = await RemoteEngine.start(plan(server))
    try:
        form = 'root ::= "perhaps" | "never"'
        assert (await engine.complete(replace(SHORT, grammar=form))).text in ("perhaps", "never")
    finally:
        await engine.close()


async def test_a_cancelled_request_leaves_the_server_free_for_the_next(server: Serving) -> None:
    engine = await RemoteEngine.start(plan(server))
    try:
        seen = asyncio.Event()
        pieces: list[str] = []

        def show(piece: str) -> None:
            pieces.append(piece)
            seen.set()

        task = asyncio.create_task(engine.complete(LONG, show))
        await asyncio.wait_for(seen.wait(), 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        shown = len(pieces)
        assert (await asyncio.wait_for(engine.complete(SHORT), 60)).usage.completion > 0
        assert len(pieces) == shown  # nothing of a cancelled request comes later
    finally:
        await engine.close()


async def test_a_server_that_is_killed_in_a_reply_is_a_sentence(server: Serving) -> None:
    engine = await RemoteEngine.start(plan(server))
    try:
        with pytest.raises(EngineError, match=f"The server {server.url.removesuffix('/v1')} did not answer: "):
            await asyncio.wait_for(engine.complete(LONG, lambda piece: server.kill()), 120)
    finally:
        await engine.close()


async def test_a_server_that_is_killed_ends_the_run_with_a_sentence_and_the_desk_goes_on(
    server: Serving, tmp_path: Path, contracts: DemoCorpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = modelserver.plan
    monkeypatch.setattr(modelserver, "plan", lambda settings: replace(whole(settings), pause=0.05))
    (question,) = questions(contracts, "count", 1)
    desk = await AsyncDesk.open(load_settings(data_dir=tmp_path / "data", engine={"url": server.url, "window": WINDOW}))
    try:
        await desk.load([contracts.directory])
        run = desk.ask(question.text, route="recursive")
        killed = False
        async with asyncio.timeout(120):
            async for recorded in run:
                if recorded.event.kind == "replied" and not killed:
                    killed = True
                    server.kill()
        answer = await asyncio.wait_for(run.result(), 120)
        assert killed
        assert answer.status != "answered" and answer.exit_code != 0
        assert "did not answer" in answer.why, answer
        assert [one.status for one in await desk.runs()] == [answer.status]
    finally:
        await asyncio.wait_for(desk.close(), 60)
