"""The loop's rules: scripted replies, real cells in the real REPL."""

from rlm_desk import events
from rlm_desk.rlm.node import FAILED
from tests.rlm.making import FEES, FakeCompleter, cell, fee, of, run, texts, turns


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


async def test_an_empty_answer_is_none() -> None:
    completer = FakeCompleter(turns(cell("FINAL('  ')"), cell("FINAL([])")))
    outcome, _ = await run(completer, FEES)
    assert outcome.text == "none"  # an empty list, in words
    assert "is no answer" in completer.requests[1].messages[-1].content


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
