"""How a run ends that its model does not finish: budgets, windows, replies cut off, cancelling."""

import asyncio

import pytest

from rlm_desk import events
from rlm_desk.completion import Request
from rlm_desk.events import BudgetLimits, Recorded
from tests.rlm.making import FEES, FakeCompleter, cell, corpus, fee, kinds, of, run, turns


async def test_a_sub_calls_reply_that_is_cut_off_is_told() -> None:
    code = 'a = llm_query("Tell.")\nb = map(documents, "Tell.")\nprint(type(a).__name__, [type(x).__name__ for x in b])'
    words = "word " * 3_000
    completer = FakeCompleter(turns(cell(code), cell("FINAL(1)"), subcall=lambda prompt: words))
    await run(completer, FEES)
    told = completer.requests[-1].messages[-1].content
    assert "Cut off, being too long: 1 of 1 replies (items 0)" in told
    assert "Cut off, being too long: 3 of 3 replies (items 0, 1, 2)" in told
    assert "str ['str', 'str', 'str']" in told


async def test_spent_sub_calls_can_be_caught_by_the_code() -> None:
    code = 'try:\n    map(documents, "Fee?")\nexcept BudgetError as problem:\n    FINAL(str(problem))'
    completer = FakeCompleter(turns(cell(code), subcall=fee))
    outcome, recorded = await run(completer, FEES, limits=BudgetLimits(subcalls=2))
    assert "2 sub-calls is too small: 0 were made, and 3 more are asked for" in outcome.text
    assert (outcome.status, outcome.how, outcome.exit_code) == ("best_effort", "best_effort", 8)
    assert outcome.error in outcome.text
    assert [(event.what, event.limit) for event in of(recorded, events.BudgetSpent)] == [("subcalls", 2)]


async def test_an_answer_after_refused_sub_calls_is_best_effort_until_others_were_made() -> None:
    asks = "try:\n    map(documents, 'Fee?')\nexcept BudgetError:\n    pass\n"
    fewer = "print(map(documents[:2], 'Fee?'))"
    for later, status in (([], "best_effort"), ([cell(fewer)], "answered"), ([cell("print(1)")], "best_effort")):
        completer = FakeCompleter(turns(cell(asks), *later, cell('FINAL("10")'), subcall=fee))
        outcome, recorded = await run(completer, FEES, limits=BudgetLimits(subcalls=2))
        assert (outcome.status, outcome.text) == (status, "10")
        assert [event.how for event in of(recorded, events.Answered)] == [outcome.how]
        assert [event.what for event in of(recorded, events.BudgetSpent)] == ["subcalls"]


async def test_the_turn_limit_ends_in_a_forced_answer_that_says_so() -> None:
    completer = FakeCompleter(turns(cell("total = 7"), "It is 7."))
    outcome, recorded = await run(completer, FEES, limits=BudgetLimits(turns=1))
    assert (outcome.status, outcome.how, outcome.text) == ("best_effort", "forced", "It is 7.")
    assert outcome.error == "The budget of 1 turn is used up."
    assert [event.what for event in of(recorded, events.BudgetSpent)] == ["turns"]
    assert "total = 7" in completer.requests[-1].messages[-1].content


async def test_the_model_is_told_when_its_turns_run_low() -> None:
    replies = [cell(f"x{number} = 1") for number in range(9)]
    completer = FakeCompleter(turns(*replies, cell("FINAL(1)")))
    await run(completer, FEES, limits=BudgetLimits(turns=10))
    told = [request.messages[-1].content for request in completer.requests]
    assert "Budget: 1 of 10 turns left. Finish soon." in told[9]
    assert not any("Budget" in text for text in told[:9])


async def test_spent_tokens_end_in_the_variables() -> None:
    completer = FakeCompleter(turns(cell("total = 7")))
    outcome, recorded = await run(completer, FEES, limits=BudgetLimits(tokens=10))
    assert (outcome.status, outcome.how) == ("best_effort", "best_effort")
    assert "total = 7" in outcome.text
    assert [event.what for event in of(recorded, events.BudgetSpent)] == ["tokens"]


async def test_a_conversation_that_cannot_fit_any_more_ends_in_the_variables() -> None:
    replies = turns(cell("found = 41 + 1"))

    def script(request: Request) -> str:
        completer.window = 10  # as a model's would be, had it been loaded again on a smaller device
        return replies(request)

    completer = FakeCompleter(script)
    outcome, _ = await run(completer, corpus("a"))
    assert (outcome.status, outcome.how) == ("best_effort", "best_effort")
    assert "found = 42" in outcome.text
    assert "the window holds" in outcome.error
    completer = FakeCompleter(script, window=10)
    outcome, _ = await run(completer, corpus("a"))
    assert outcome.status == "failed"


async def test_a_finish_that_came_to_nothing_is_shown_with_the_variables_there_are() -> None:
    completer = FakeCompleter(turns("```repl\ntotal = 7\n```", "FINAL_VAR(totl)", "FINAL_VAR(total)"))
    await run(completer, FEES, dialect="rlm-v1")
    told = completer.requests[2].messages[-2].content
    assert "FINAL_VAR('totl')" in told
    assert "REPL variables: ['total']" in told


@pytest.mark.parametrize("reply", ["FINAL_VAR(total)", "FINAL(total)", cell("FINAL(total)"), "FINAL(7)", "7"])
async def test_a_forced_finish_may_name_what_holds_the_answer(reply: str) -> None:
    for dialect in ("desk", "rlm-v1"):
        completer = FakeCompleter(turns(cell("total = 7"), reply))
        outcome, _ = await run(completer, FEES, limits=BudgetLimits(turns=1), dialect=dialect)
        assert (outcome.how, outcome.text) == ("forced", "7")


async def test_a_forced_finish_that_only_computes_ends_in_the_variables() -> None:
    completer = FakeCompleter(turns(cell("total = 7"), cell("total = total + 1")))
    outcome, _ = await run(completer, FEES, limits=BudgetLimits(turns=1))
    assert outcome.how == "best_effort"
    assert "total = 7" in outcome.text


async def test_a_plain_answer_that_is_cut_off_is_a_best_effort_and_says_so() -> None:
    words = "word " * 3_000
    outcome, _ = await run(FakeCompleter(lambda _: words), FEES, route="plain")
    assert (outcome.status, outcome.exit_code) == ("best_effort", 8)
    assert outcome.error == "The reply was cut off after 1,536 tokens."
    assert len(outcome.text) > 5_000  # as long as a turn may be, and not as a sub-call's answer


async def test_a_turn_that_is_cut_off_is_told() -> None:
    completer = FakeCompleter(turns(cell("x = 1\n" + "# so\n" * 3_000), cell("FINAL(x)")))
    outcome, _ = await run(completer, FEES)
    assert (outcome.status, outcome.text) == ("answered", "1")
    assert "cut off after 1,536 tokens" in completer.requests[1].messages[-1].content


async def test_an_answer_that_is_cut_off_is_a_best_effort() -> None:
    completer = FakeCompleter(turns("FINAL(The fees are " + "10 and " * 3_000))
    outcome, _ = await run(completer, FEES)
    assert outcome.status == "best_effort"
    assert outcome.error == "The reply was cut off after 1,536 tokens."
    completer = FakeCompleter(turns("FINAL(10)\n" + "so " * 3_000))
    outcome, _ = await run(completer, FEES)
    assert (outcome.status, outcome.text) == ("answered", "10")


async def test_a_forced_answer_that_is_cut_off_says_so() -> None:
    completer = FakeCompleter(turns(cell("total = 7"), "It is " + "so " * 3_000))
    outcome, _ = await run(completer, FEES, limits=BudgetLimits(turns=1))
    assert outcome.error == "The budget of 1 turn is used up. The reply was cut off after 1,536 tokens."


async def test_an_oversized_item_is_refused_with_its_size_before_it_is_sent() -> None:
    code = 'try:\n    map(documents, "Fee?")\nexcept QueryError as problem:\n    FINAL(str(problem))'
    completer = FakeCompleter(turns(cell(code)), window=3_000)
    outcome, _ = await run(completer, corpus("x" * 40_000))
    assert "10," in outcome.text
    assert "window" in outcome.text


async def test_old_turns_are_left_out_before_the_window_overflows() -> None:
    replies = [cell(f"print({i} * 1)  # {'counting ' * 90}") for i in range(12)] + [cell('FINAL("end")')]
    completer = FakeCompleter(turns(*replies), window=4_000)
    outcome, recorded = await run(completer, FEES)
    assert outcome.text == "end"
    last = completer.requests[-1].messages
    assert any("earlier turns left out to fit" in message.content for message in last)
    assert sum("left out to fit" in message.content for message in last) == 1
    assert [message.role for message in last[-2:]] == ["assistant", "user"]
    assert len(of(recorded, events.CellFinished)) == 13


async def test_old_outputs_shrink_before_the_window_overflows() -> None:
    replies = [cell(f"print('{letter}' * 7000)") for letter in "abcde"] + [cell('FINAL("end")')]
    completer = FakeCompleter(turns(*replies), window=7_000)
    outcome, _ = await run(completer, FEES)
    assert outcome.text == "end"
    assert "left out to fit" in completer.requests[-1].messages[3].content


async def test_plain_refuses_what_does_not_fit() -> None:
    completer = FakeCompleter(turns(), window=1_000)
    outcome, recorded = await run(completer, corpus("x" * 40_000), route="plain")
    assert outcome.status == "failed"
    assert "window" in outcome.error
    assert completer.requests == []
    assert kinds(recorded)[-1] == "run_finished"


async def test_cancelling_ends_the_run_and_says_so() -> None:
    started = asyncio.Event()

    class FakeSlow(FakeCompleter):
        async def complete(self, request, on_text=None):  # type: ignore[no-untyped-def]
            started.set()
            await asyncio.sleep(60)

    recorded: list[Recorded] = []

    async def work() -> None:
        await run(FakeSlow(turns()), FEES, into=recorded)

    task = asyncio.create_task(work())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (finished,) = of(recorded, events.RunFinished)
    assert finished.status == "cancelled"
    assert kinds(recorded)[-1] == "run_finished"
