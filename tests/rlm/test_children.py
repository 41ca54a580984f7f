"""Recursive calls: scripted replies, real cells in the real REPL."""

from collections.abc import Sequence

from rlm_desk import events
from rlm_desk.corpus import Corpus
from rlm_desk.events import BudgetLimits
from rlm_desk.rlm.ports import Repl
from rlm_desk.rlm.run import CHILDREN
from tests.rlm.making import FEES, FakeCompleter, cell, corpus, fee, of, open_repl, run, turns


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
