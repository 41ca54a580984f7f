"""Lone surrogates, which are no text: a cell prints them, asks with them and answers with them, and nothing fails."""

import pytest

from rlm_desk import events
from rlm_desk.clean import clean
from rlm_desk.completion import Message, Request
from rlm_desk.engine import framing
from rlm_desk.repl.session import ReplSession
from tests.repl.making import FakeHost
from tests.repl.making import corpus as three
from tests.rlm.making import FEES, FakeCompleter, cell, of, run, texts, turns

LONE = "\ud800 and \udfff"
WRITTEN = r"\ud800 and \udfff"


async def test_a_session_prints_asks_and_finishes_with_them() -> None:
    session = await ReplSession.start(three(), cell_seconds=5, output_chars=2000)
    try:
        host = FakeHost([LONE], [LONE])
        asked = await session.run(f'x = llm_query("{WRITTEN}")\nprint(x)\nprint([x])', host)
        assert host.calls[0].items[0].text == LONE and not asked.failed
        assert asked.output == f"{LONE}\n['{WRITTEN}']\n"
        assert not (await session.run(f'classify(["{WRITTEN}"], ["{WRITTEN}", "b"])', host)).failed
        done = await session.run(f'globals()["{WRITTEN}"] = 1\nFINAL("{WRITTEN}")', host)
        assert done.final == LONE and LONE in done.variables
        assert (await session.run(f'raise ValueError("{WRITTEN}")', host)).failed
        assert "Error: UnicodeEncodeError" in (await session.run(f"'''{LONE}'''\n6 * 7", host)).output
        assert (await session.run("6 * 7", host)).output == "42\n"
    finally:
        await session.close()


@pytest.mark.parametrize("reply", [f"FINAL({LONE})", cell(f'FINAL("{WRITTEN}")')])
async def test_a_run_of_them_ends_and_its_events_are_lines_of_json(reply: str) -> None:
    completer = FakeCompleter(turns(cell(f'print(llm_query("{WRITTEN}"))'), reply, subcall=lambda _: LONE))
    outcome, recorded = await run(completer, FEES, question=LONE)
    assert outcome.text and clean(outcome.text).encode()
    assert any(LONE in request.messages[0].content for request in completer.requests)
    assert LONE in texts(recorded).values() and of(recorded, events.CellFinished)


def test_the_engine_is_sent_text_in_their_place() -> None:
    header, body = framing.complete(Request((Message("user", LONE),), 5), stream=False)
    assert body.decode() == LONE.replace("\ud800", "?").replace("\udfff", "?")
    assert framing.messages(header, body) == [("user", body.decode())]
