"""Sessions for real: state, calls, time, death and return."""

from pathlib import Path

import pytest

from rlm_desk import errors
from rlm_desk.corpus import Corpus, Span
from rlm_desk.repl.session import ReplSession
from tests.repl.making import BRENVALE, FakeHost, corpus, document


async def test_the_namespace_persists(session: ReplSession) -> None:
    await session.run("import re\nx = 1\ndef f(): return x + 1", FakeHost())
    result = await session.run("x += 1\nf()", FakeHost())
    assert (result.output, result.variables) == ("3\n", ("x", "f"))


async def test_earlier_answers_are_there(session: ReplSession) -> None:
    assert (await session.run("answers[0]", FakeHost())).output == "'forty'\n"


async def test_errors_say_what_and_where(session: ReplSession) -> None:
    result = await session.run("def f(n):\n    return 1 / n\nprint('before')\nf(0)", FakeHost())
    assert result.failed
    assert result.output == (
        "before\n"
        "Error: ZeroDivisionError: division by zero\n"
        "  cell 1, line 4: f(0)\n"
        "  cell 1, line 2, in f: return 1 / n\n"
    )
    assert (await session.run("1 +", FakeHost())).output == "Error: SyntaxError: invalid syntax\n  line 1: 1 +\n"
    assert (await session.run("exit()", FakeHost())).failed
    assert (await session.run("x = '\0'", FakeHost())).output.startswith("Error: ")


@pytest.mark.parametrize(
    ("code", "final"),
    [
        ("FINAL('a\\nb')", "a\nb"),
        ("FINAL(14)", "14"),
        ("FINAL(14.0)", "14"),
        ("FINAL(4.5)", "4.5"),
        ("FINAL(['a', 2, 3.0, 'd\\ne'])", "a, 2, 3, d e"),
        ("FINAL(documents[:2])", "Brenvale Logistics, Osterly Foods"),
        ("FINAL({'a': 1})", "{'a': 1}"),
        ("answer = [1, 2]\nFINAL_VAR('answer')", "1, 2"),
        ("answer = 'text'\nFINAL_VAR(answer)", "text"),
        ("answer = 5\nFINAL_VAR(answer)", "5"),
        ("try:\n    FINAL(1)\nexcept Exception:\n    pass\nFINAL(2)", "1"),
    ],
)
async def test_final_ends_the_cell_with_an_answer(session: ReplSession, code: str, final: str) -> None:
    result = await session.run(code + "\nprint('never')", FakeHost())
    assert (result.final, result.output, result.failed) == (final, "", False)


async def test_final_of_nothing_names_the_variables(session: ReplSession) -> None:
    await session.run("fees = [1]\nbest = None", FakeHost())
    result = await session.run("FINAL_VAR('missing')", FakeHost())
    assert (result.final, result.failed) == (None, True)
    assert "no variable 'missing'. Variables: fees, best." in result.output
    result = await session.run("FINAL(best)", FakeHost())
    assert (result.final, result.failed) == (None, True)
    assert "Variables: fees, best." in result.output


async def test_calls_carry_offsets_not_text(session: ReplSession) -> None:
    text = corpus().text
    host = FakeHost([4250, 1100, None])
    result = await session.run("fees = map(documents, 'What is the fee?', kind='number')\nfees", host)
    assert result.output == "[4250, 1100, None]\n"
    (call,) = host.calls
    assert (call.op, call.question, call.kind) == ("map", "What is the fee?", "number")
    assert [item.text for item in call.items] == [None, None, None]
    assert text[call.items[0].span.start : call.items[0].span.end] == BRENVALE  # type: ignore[union-attr]
    assert call.items[1].label == "Osterly Foods"
    assert result.reads == ()


async def test_every_kind_of_call(session: ReplSession) -> None:
    host = FakeHost(["A"], ["B", "C"], ["x", None], ["left", "right"], ["all"], ["part", None])
    code = """
one = llm_query("q", documents[2])
two = llm_query_batched(["p1", "p2"])
labels = classify(["first", documents[1]], ["x", "y"], "which?")
sides = rlm_query_batched("How many?", [folder("Harbour"), documents[2]])
whole = rlm_query("Whole?")
each = rlm_query_batched(["q1", "q2"], [split(documents[0], 40)[0], "some text"])
[one, two, labels, sides, whole, each]
"""
    result = await session.run(code, host)
    assert result.output == "['A', ['B', 'C'], ['x', None], ['left', 'right'], 'all', ['part', '']]\n"
    llm, batch, classify, sides, whole, each = host.calls
    assert llm.op == "llm" and llm.items[0].text is not None and llm.items[0].text.startswith("q\n\nTallis")
    assert [item.text for item in batch.items] == ["p1", "p2"]
    assert classify.labels == ("x", "y") and classify.items[0].text == "first" and classify.items[1].text is None
    assert (sides.op, sides.question, sides.documents) == ("rlm", "How many?", ((0, 1), (2,)))
    assert whole.documents == ((0, 1, 2),)
    assert each.questions == ("q1", "q2") and each.documents == ((), ())
    assert each.items[0].span is not None and each.items[1].text == "some text"


async def test_a_batch_of_nothing_asks_nothing(session: ReplSession) -> None:
    host = FakeHost()
    result = await session.run("[map([], 'q'), llm_query_batched([]), rlm_query_batched('q', [])]", host)
    assert (result.output, host.calls) == ("[[], [], []]\n", [])


async def test_long_answers_print_as_a_count(session: ReplSession) -> None:
    host = FakeHost([None if i % 3 else i for i in range(285)])
    result = await session.run("found = map([str(i) for i in range(285)], 'q')\nfound", host)
    assert result.output == "285 answers: 95 given, 190 none\n"
    assert (await session.run("len(found), found[3]", host)).output == "(285, 3)\n"


async def test_more_items_than_a_frame_holds_go_in_several(session: ReplSession) -> None:
    host = FakeHost()
    result = await session.run("len(map([str(i) for i in range(9000)], 'q'))", host)
    assert result.output == "9000\n"
    assert [len(call.items) for call in host.calls] == [4000, 4000, 1000]


async def test_what_serve_raises_can_be_caught_in_the_cell(session: ReplSession) -> None:
    host = FakeHost(errors.WouldNotFit(9000, 2048), errors.BudgetExceeded("calls", 5))
    code = """
try:
    llm_query("long")
except QueryError as problem:
    print(type(problem).__name__, problem)
try:
    llm_query("more")
except BudgetError as problem:
    print(type(problem).__name__, problem)
"""
    result = await session.run(code, host)
    assert result.output == (
        "QueryError The prompt has 9,000 tokens and the window holds 2,048. "
        "Pass a smaller piece of text: split it first.\n"
        "BudgetError The budget of 5 calls is used up. Raise it with --calls.\n"
    )


async def test_items_that_were_too_large_are_named_and_the_others_answered(session: ReplSession) -> None:
    host = FakeHost([{"refused": "The prompt has 9,000 tokens and the window holds 2,048."}, 4])
    result = await session.run("found = map(['long text', 'short'], 'q', kind='number')\nfound", host)
    assert result.output == (
        "Not answered, being too large: 1 of 2 items. Split them and ask again:\n"
        "- item 0 (long text): The prompt has 9,000 tokens and the window holds 2,048.\n"
        "[None, 4]\n"
    )


async def test_floods_are_cut_in_the_middle(session: ReplSession) -> None:
    result = await session.run("print('head')\nfor i in range(20_000): print(i)\nprint('tail')", FakeHost())
    assert len(result.output) < 2100
    assert result.output.startswith("head\n0\n1\n") and result.output.endswith("19999\ntail\n")
    assert " characters left out ...\n" in result.output


async def test_scans_and_returns_are_recorded(session: ReplSession) -> None:
    whole = (Span(0, len(corpus())),)
    result = await session.run("len(context)\nsplit(context, 50)\nlen(documents[0])", FakeHost())
    assert result.reads == ()
    result = await session.run("context[:10]", FakeHost())
    assert [(r.how, r.spans) for r in result.reads] == [("scanned", whole)]
    first = corpus().documents[0]
    result = await session.run("documents[0].text\nstr(documents[0].name)", FakeHost())
    assert [(r.how, r.spans) for r in result.reads] == [("scanned", (Span(first.start, first.end),))]
    result = await session.run("hits = search('yearly fee')\nprint(hits)", FakeHost())
    ((how, spans),) = [(r.how, r.spans) for r in result.reads]
    assert how == "returned" and first.start <= spans[0].start < spans[0].end <= first.end
    result = await session.run("search('yearly fee')[0].text.upper()", FakeHost())
    assert {r.how for r in result.reads} == {"returned"}


async def test_hiding_a_helper_is_the_cell_s_own_affair(session: ReplSession) -> None:
    await session.run("page = 3\nmap = {}", FakeHost())
    assert (await session.run("page", FakeHost())).output == "3\n"
    result = await session.run(
        "del page, map\nprint(page(documents[0], 1).text[:8], list(map(len, ['ab'])))", FakeHost()
    )
    assert result.output == "Brenvale [2]\n"


async def test_values_for_a_forced_finish(session: ReplSession) -> None:
    await session.run(
        "import re\nfees = [1, 2]\nlong = 'x' * 10_000\n"
        "class Odd:\n    def __repr__(self): raise ValueError\nodd = Odd()\n_hidden = 1",
        FakeHost(),
    )
    values = dict(await session.values())
    assert values["fees"] == "[1, 2]" and len(values["long"]) < 500 and "repr failed" in values["odd"]
    assert "re" not in values and "_hidden" not in values and "context" not in values


async def test_values_that_never_come_are_none(hasty: ReplSession) -> None:
    await hasty.run("class Loop:\n    def __repr__(self):\n        while True: pass\nloop = Loop()", FakeHost())
    assert "loop" not in dict(await hasty.values())
    assert (await hasty.run("1", FakeHost())).output == "1\n"


async def test_memory_follows_the_context() -> None:
    text = "All work and no play makes a dull contract. “Fee” 5.\n" * 400_000
    big = Corpus([document("big.txt", text)])
    session = await ReplSession.start(big)
    try:
        result = await session.run("len(context), len(split(documents[0], 1_000_000)), search('fee').total", FakeHost())
        assert result.output == f"({len(big)}, {len(result.output) and 22}, 400000)\n"
        status = Path(f"/proc/{session.pid}/status").read_text()
        peak = int(status.split("VmHWM:")[1].split()[0]) * 1024
        assert peak < 6 * 2 * len(text) + 100_000_000
    finally:
        await session.close()


async def test_an_empty_corpus_is_a_session_too() -> None:
    session = await ReplSession.start(Corpus([]))
    assert (await session.run("context, documents, search('a')", FakeHost())).output == "('', [], no hits)\n"
    await session.close()
    await session.close()


async def test_more_text_than_a_frame_takes_is_an_error_of_the_cell(session: ReplSession) -> None:
    pid = session.pid
    result = await session.run("llm_query('x' * 70_000_000)", FakeHost())
    assert "QueryError: More than 60,000,000 bytes" in result.output
    result = await session.run("map(documents, 'x' * 3_000_000)", FakeHost())
    assert "QueryError: The question is longer" in result.output
    assert session.pid == pid


async def test_neither_installed_packages_nor_the_network_s_modules_are_loaded(session: ReplSession) -> None:
    code = "import sys\nsys.flags.isolated, sys.flags.no_site, {'socket', 'ssl', 'urllib.request'} & set(sys.modules)"
    assert (await session.run(code, FakeHost())).output == "(1, 1, set())\n"
