"""The loop's rules: scripted replies, real cells in the real REPL."""

import asyncio
from collections.abc import Sequence

import pytest

from rlm_desk import events
from rlm_desk.completion import Request
from rlm_desk.corpus import Corpus
from rlm_desk.events import BudgetLimits
from rlm_desk.rlm.node import FAILED
from rlm_desk.rlm.ports import Repl
from rlm_desk.rlm.run import CHILDREN
from tests.rlm.making import FakeCompleter, cell, corpus, kinds, of, open_repl, run, texts, turns

FEES = corpus("The fee is 10.", "The fee is 20.", "No fee is named.")


def fee(prompt: str) -> str:
    return next((word for word in ("10", "20") if word in prompt), "none")


async def test_map_reads_every_document_and_code_combines() -> None:
    completer = FakeCompleter(
        turns(
            cell('values = map(documents, "What is the fee?", "number")\nprint(values)'),
            cell("FINAL(sum(v for v in values if v))"),
            subcall=fee,
        )
    )
    outcome, recorded = await run(completer, FEES)
    assert (outcome.status, outcome.text, outcome.how) == ("answered", "30", "final")
    root_turns = [asked for asked in of(recorded, events.Asked) if asked.node == 0]
    told = texts(recorded)
    shown_output = [told[piece.blob] for message in root_turns[1].messages for piece in message.pieces if piece.blob]
    assert any("[10, 20, None]" in text for text in shown_output)
    assert [event.seq for event in (one.event for one in recorded)] == list(range(len(recorded)))


async def test_a_sub_call_cites_the_document_it_showed_and_stores_no_copy() -> None:
    completer = FakeCompleter(turns(cell('FINAL(map(documents[:1], "Fee?")[0])'), subcall=fee))
    _, recorded = await run(completer, FEES)
    call = next(event for event in of(recorded, events.Asked) if event.node != 0)
    start, end = call.shown[0]
    assert FEES.text[start:end] == "The fee is 10."
    assert not any("The fee is 10." in text for text in texts(recorded).values())


async def test_an_unusable_number_is_asked_again_then_said_to_be_missing() -> None:
    completer = FakeCompleter(
        turns(cell('FINAL(repr(map(documents[:2], "Fee?", "number")))'), subcall=lambda p: "20" if "20" in p else "ten")
    )
    outcome, recorded = await run(completer, FEES)
    assert outcome.text == "[None, 20]"
    assert len(of(recorded, events.Nudged)) == 2
    assert [event.items for event in of(recorded, events.Missing)] == [(0,)]
    assert len({request.sampling for request in completer.requests[1:]}) == 3, "asked again in the same way"


async def test_a_profile_that_may_holds_replies_to_a_grammar_where_it_takes_nothing_from_them() -> None:
    code = cell('FINAL(repr([classify(documents[:1], ["x", "y"]), map(documents[:1], "Fee?", "number")]))')
    completer = FakeCompleter(turns(code, subcall=lambda p: "x" if "exactly one of" in p else "ten"))
    outcome, _ = await run(completer, FEES, profile="full")
    assert outcome.text == "[['x'], [None]]"
    label, first, *again = [request.grammar for request in completer.requests[1:]]
    assert "x" in label
    assert first == "", "a number is asked for freely at first"
    assert again and all("whole" in grammar for grammar in again)


async def test_batches_are_concurrent() -> None:
    completer = FakeCompleter(turns(cell('llm_query_batched(["a", "b", "c"])\nFINAL("x")'), subcall=lambda p: p))
    await run(completer, FEES)
    assert completer.most_busy == 3


async def test_an_error_in_a_cell_comes_back_as_text() -> None:
    completer = FakeCompleter(turns(cell("1 / 0"), cell('FINAL("done")')))
    outcome, recorded = await run(completer, FEES)
    assert outcome.text == "done"
    finished = of(recorded, events.CellFinished)[0]
    assert finished.failed
    assert "ZeroDivisionError" in texts(recorded)[finished.output]
    assert "ZeroDivisionError" in completer.requests[1].messages[-1].content


async def test_a_child_has_its_own_repl_and_documents() -> None:
    child = cell('FINAL(f"{len(documents)} {documents[0].name}")')
    completer = FakeCompleter(turns(cell('FINAL(rlm_query("How many?", documents[1:]))'), child))
    outcome, recorded = await run(completer, FEES)
    assert outcome.text == "2 d1"
    roles = [(event.role, event.depth) for event in of(recorded, events.NodeStarted)]
    assert roles == [("root", 0), ("child", 1)]


async def test_a_childs_calls_cite_the_runs_corpus() -> None:
    child = cell('FINAL(map(documents, "Fee?")[0])')
    completer = FakeCompleter(turns(cell('FINAL(rlm_query("Fee?", documents[1:2]))'), child, subcall=fee))
    outcome, recorded = await run(completer, FEES)
    assert outcome.text == "20"
    (shown,) = [event.shown for event in of(recorded, events.Asked) if event.shown]
    assert FEES.text[shown[0][0] : shown[0][1]] == "The fee is 20."


async def test_at_the_depth_limit_a_recursive_call_is_a_plain_one() -> None:
    completer = FakeCompleter(turns(cell('FINAL(rlm_query("Fee?", documents[:1]))'), subcall=fee))
    outcome, recorded = await run(completer, FEES, limits=BudgetLimits(depth=1))
    assert outcome.text == "10"
    assert not [event for event in of(recorded, events.NodeStarted) if event.role == "child"]


async def test_at_the_depth_limit_recursive_calls_are_one_batch_all_or_none() -> None:
    for questions in ('"Fee?"', '["Fee?", "What fee?"]'):
        code = f"FINAL(rlm_query_batched({questions}, documents[:2]))"
        completer = FakeCompleter(turns(cell(code), subcall=fee))
        outcome, _ = await run(completer, FEES, limits=BudgetLimits(depth=1))
        assert outcome.text == "10, 20"
        assert completer.most_busy == 2
        completer = FakeCompleter(turns(cell(code), cell("FINAL('no')"), subcall=fee))
        outcome, _ = await run(completer, FEES, limits=BudgetLimits(depth=1, subcalls=1))
        assert outcome.status == "best_effort"
        assert len(completer.requests) == 2


async def test_only_so_many_children_work_at_once() -> None:
    held = corpus(*(f"The fee is {number}." for number in range(20)))
    open_now = most = 0

    async def opened(held: Corpus, output_chars: int, answers: Sequence[str]) -> Repl:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        session = await open_repl(held, output_chars, answers)
        close = session.close

        async def closed() -> None:
            nonlocal open_now
            open_now -= 1
            await close()

        session.close = closed  # type: ignore[method-assign]
        return session

    code = cell('FINAL(len(rlm_query_batched("Fee?", documents)))')
    completer = FakeCompleter(lambda request: code if "20 documents" in request.messages[-1].content else "FINAL(7)")
    outcome, _ = await run(completer, held, opened=opened)
    assert outcome.text == "20"
    assert most == 1 + CHILDREN


async def test_hits_that_share_a_document_are_given_to_a_child_once() -> None:
    held = corpus("A fee. " + "x " * 500 + "Another fee.", "No fee.")
    code = 'FINAL(rlm_query("Fee?", [hit.document for hit in search("fee")]))'
    child = cell("FINAL(len(documents))")
    outcome, _ = await run(FakeCompleter(turns(cell(code), child)), held)
    assert outcome.text == "2"


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


async def test_a_child_that_was_refused_its_sub_calls_leaves_the_whole_answer_best_effort() -> None:
    asks = "try:\n    map(documents, 'Fee?')\nexcept BudgetError:\n    FINAL('no idea')"
    replies = turns(cell('FINAL(rlm_query("Fees?", documents))'), cell(asks), subcall=fee)
    outcome, recorded = await run(FakeCompleter(replies), FEES, limits=BudgetLimits(subcalls=2))
    assert (outcome.status, outcome.text, outcome.exit_code) == ("best_effort", "no idea", 8)
    assert [event.how for event in of(recorded, events.Answered)] == ["best_effort", "best_effort"]


async def test_a_child_that_ran_out_of_turns_leaves_the_whole_answer_best_effort_until_another_had_one() -> None:
    asks = 'n = rlm_query("Fees?", documents)'
    limits = BudgetLimits(turns=1)
    children = [cell("total = 7"), "It is 7."]
    for later, status in (([], "best_effort"), ([cell("FINAL(9)")], "answered")):
        again = [f'{asks}\nm = rlm_query("And now?", documents)'] if later else [asks]
        replies = turns(cell(f"{again[0]}\nFINAL(n)"), *children, *later)
        outcome, recorded = await run(FakeCompleter(replies), FEES, limits=limits)
        assert (outcome.status, outcome.text) == (status, "It is 7.")
        said = "A sub-question was cut short: The budget of 1 turn is used up."
        assert outcome.error == ("" if later else said)
        assert next(event.how for event in of(recorded, events.Answered) if event.node == 0) == outcome.how


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


async def test_replies_without_code_are_nudged_three_times_then_ended() -> None:
    completer = FakeCompleter(turns("hm", "hm", "hm", "I do not know."))
    outcome, recorded = await run(completer, FEES)
    assert outcome.how == "forced"
    assert len(of(recorded, events.Nudged)) == 3


async def test_the_same_code_with_the_same_output_is_ended() -> None:
    completer = FakeCompleter(turns(*[cell("1 / 0")] * 4, "I do not know."))
    outcome, recorded = await run(completer, FEES)
    assert outcome.how == "forced"
    assert len(of(recorded, events.CellFinished)) == 4
    assert "Write something else." in completer.requests[2].messages[-1].content


async def test_other_code_that_fails_goes_on() -> None:
    tries = [cell(f"{i} / 0") for i in range(5)]
    outcome, _ = await run(FakeCompleter(turns(*tries, cell('FINAL("end")'))), FEES)
    assert outcome.how == "final"


async def test_final_var_of_an_unknown_name_is_told_not_answered() -> None:
    completer = FakeCompleter(turns(cell("total = 7"), "FINAL_VAR(totl)", "FINAL_VAR(total)"))
    outcome, _ = await run(completer, FEES)
    assert outcome.text == "7"
    assert "total" in completer.requests[2].messages[-1].content


async def test_a_finish_that_names_a_variable_is_its_value_and_other_words_are_the_answer() -> None:
    for finish, answer in (("FINAL(total)", "7"), ("FINAL(Paris)", "Paris"), ('FINAL(f"{total} fees")', "7 fees")):
        completer = FakeCompleter(turns("```repl\ntotal = 7\n```", finish))
        outcome, _ = await run(completer, FEES, dialect="rlm-v1")
        assert (outcome.status, outcome.text) == ("answered", answer)


async def test_a_finish_after_code_that_failed_is_not_taken() -> None:
    """`total` is left over from an earlier turn."""
    completer = FakeCompleter(
        turns(
            "```repl\ntotal = 1\n```",
            "```repl\ntotal = 2 / 0\n```\nFINAL_VAR(total)",
            "```repl\ntotal = 3\n```\nFINAL_VAR(total)",
        )
    )
    outcome, _ = await run(completer, FEES, dialect="rlm-v1")
    assert outcome.text == "3"
    assert FAILED in completer.requests[2].messages[-2].content


async def test_a_finish_that_came_to_nothing_is_shown_with_the_variables_there_are() -> None:
    completer = FakeCompleter(turns("```repl\ntotal = 7\n```", "FINAL_VAR(totl)", "FINAL_VAR(total)"))
    await run(completer, FEES, dialect="rlm-v1")
    told = completer.requests[2].messages[-2].content
    assert "FINAL_VAR('totl')" in told
    assert "REPL variables: ['total']" in told


async def test_an_empty_answer_is_none() -> None:
    completer = FakeCompleter(turns(cell("FINAL('  ')"), cell("FINAL([])")))
    outcome, _ = await run(completer, FEES)
    assert outcome.text == "none"  # an empty list, in words
    assert "is no answer" in completer.requests[1].messages[-1].content


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

    recorded: list = []  # type: ignore[type-arg]

    async def work() -> None:
        await run(FakeSlow(turns()), FEES)

    task = asyncio.create_task(work())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert recorded == []


async def test_rlm_v1_runs_with_its_own_messages() -> None:
    replies = ["```repl\nx = llm_query('What is in: ' + context[:60])\nprint(x)\n```", "FINAL_VAR(x)"]
    completer = FakeCompleter(turns(*replies, subcall=fee))
    outcome, recorded = await run(completer, FEES, dialect="rlm-v1")
    assert outcome.text == "10"
    first, second = [r for r in completer.requests if r.messages[0].role == "system"]
    assert [message.role for message in first.messages] == ["system", "assistant", "user"]
    assert [message.role for message in second.messages] == ["system", "assistant", "assistant", "user", "user"]
    assert second.messages[3].content.startswith("Code executed:\n```python\n")
    scanned = of(recorded, events.Read)
    assert [read.how for read in scanned] == ["scanned"]
