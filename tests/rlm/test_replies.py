"""Conformance: replies of the kinds real models write, malformed ones first."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desk.rlm import dialects
from rlm_desk.rlm.dialects.base import TOO_EARLY, Executed, Final, Parsed
from rlm_desk.rlm.dialects.desk import NO_CODE, NOT_RUN

DESK = dialects.get("desk", "full")
RLM = dialects.get("rlm-v1", "full")

CELLS = [
    ("a fence", "```python\nprint(1)\n```", "print(1)"),
    ("prose around it", "I will look.\n\n```python\nprint(1)\n```\nThen I go on.", "print(1)"),
    ("the other dialect's tag", "```repl\nprint(1)\n```", "print(1)"),
    ("no tag", "```\nprint(1)\n```", "print(1)"),
    ("short tag, upper case", "```PY\nprint(1)\n```", "print(1)"),
    ("tildes", "~~~python\nprint(1)\n~~~", "print(1)"),
    ("four ticks around three", '````python\ns = "```"\n````', 's = "```"'),
    ("never closed", "```python\nprint(1)\nprint(2)", "print(1)\nprint(2)"),
    ("indented fence", "  ```python\nprint(1)\n  ```", "print(1)"),
    ("attributes after the tag", '```python title="x"\nprint(1)\n```', "print(1)"),
    ("thinking first", "<think>\n```python\nwrong()\n```\n</think>\n```python\nprint(1)\n```", "print(1)"),
    ("a JSON tool call", '<tool_call>{"name": "python", "arguments": {"code": "print(1)"}}</tool_call>', "print(1)"),
    ("an open tool call", '<tool_call>\n{"name": "x", "parameters": {"script": "print(1)"}}', "print(1)"),
    ("XML tags", "<python>\nprint(1)\n</python>", "print(1)"),
    (
        "bare Python",
        "values = map(documents, 'What?')\nprint(values)",
        "values = map(documents, 'What?')\nprint(values)",
    ),
    ("bare loop", "for d in documents:\n    print(d.name)", "for d in documents:\n    print(d.name)"),
    ("FINAL inside the fence", "```python\nFINAL(total)\n```", "FINAL(total)"),
    ("closed on the line of the code", "```repl\nprint(1)```\nThen I go on.", "print(1)"),
    ("all on one line", "```repl print(1)```", "print(1)"),
    ("Windows line ends", "```repl\r\nprint(1)\r\n```\r\nDone", "print(1)"),
    (
        "indented in a list",
        "1. First:\n   ```python\n   if x:\n       print(1)\n   ```\n2. Then",
        "if x:\n    print(1)",
    ),
    ("behind a number", "1. ```python\n   print(1)\n   ```", "print(1)"),
    ("after words", "Let me look:```repl\nprint(1)\n```", "print(1)"),
    ("tags as its prompt writes them", "```repl```\nprint(1)\n```repl```", "print(1)"),
    ("opened twice", "```repl\n```python\nprint(1)\n```\n```", "print(1)"),
    (
        "a fence in a string",
        'x = 1\n```repl\np = """Reply as\n```json\n{}\n```\nnow"""\nprint(p)\n```\nSo.',
        'p = """Reply as\n```json\n{}\n```\nnow"""\nprint(p)',
    ),
    ("a string that is never closed", '```repl\np = """a\n```\nSo.', 'p = """a'),
    ("imagined output", "```repl\nprint(1)\n```\nOutput:\n```\n1\n```", "print(1)"),
    ("thinking that the prompt began", "I could:\n```repl\nwrong()\n```\n</think>\n```repl\nprint(1)\n```", "print(1)"),
    (
        "a call with its arguments as text",
        '<tool_call>{"arguments": "{\\"code\\": \\"print(1)\\"}"}</tool_call>',
        "print(1)",
    ),
    ("a call as a function", '<tool_call>{"function": {"arguments": {"code": "print(1)"}}}</tool_call>', "print(1)"),
    ("a call in a fence", '```json\n{"name": "repl", "arguments": {"code": "print(1)"}}\n```', "print(1)"),
    ("a call alone", '{"name": "repl", "arguments": {"code": "print(1)"}}', "print(1)"),
    (
        "a call in XML",
        "<tool_call>\n<function=repl>\n<parameter=code>\nprint(1)\n</parameter>\n</function>",
        "print(1)",
    ),
    ("bare Python to its finish", "total = len(documents)\nFINAL(total)", "total = len(documents)\nFINAL(total)"),
]


@pytest.mark.parametrize(("reply", "code"), [case[1:] for case in CELLS], ids=[case[0] for case in CELLS])
def test_code_is_found(reply: str, code: str) -> None:
    assert DESK.parse(reply) == Parsed(cells=(code,))
    assert RLM.parse(reply) == Parsed(cells=(code,))


FINISHES = [
    ("plain", "FINAL(14)", Final(text="14")),
    ("quoted", 'FINAL("The fee is 4,250.")', Final(text="The fee is 4,250.")),
    ("brackets inside", "FINAL(f(x) and (y))", Final(text="f(x) and (y)")),
    ("over lines", "FINAL(one\ntwo)", Final(text="one\ntwo")),
    ("never closed", "FINAL(the answer", Final(text="the answer")),
    ("a variable", "FINAL_VAR(total)", Final(variable="total")),
    ("a quoted variable", "FINAL_VAR('total')", Final(variable="total")),
    ("bold", "**FINAL(14)**", Final(text="14")),
    ("a variable in FINAL is its value", "FINAL(total)", Final(variable="total")),
    ("after a word", "Final answer: FINAL(14)", Final(text="14")),
    ("a heading", "## FINAL(14)", Final(text="14")),
    ("a space before the bracket", "FINAL (14)", Final(text="14")),
    ("Chinese brackets", "答案：\nFINAL（三份）", Final(text="三份")),
    ("a list with half brackets", "FINAL(1) Acme, 2) Beta (Ltd))", Final(text="1) Acme, 2) Beta (Ltd)")),
    ("words after it", "FINAL(14)\nI am sure (see above).", Final(text="14")),
    ("an f-string", 'FINAL(f"{n} of {len(x)}")', Final(code='FINAL(f"{n} of {len(x)}")')),
    ("a list to be joined", "FINAL(', '.join(names))", Final(code="FINAL(', '.join(names))")),
    ("a place in a variable", "FINAL_VAR(found[0])", Final(code="FINAL(found[0])")),
    ("a sentence in a fence", "```repl\nFINAL(The fee isn't stated)\n```", Final(text="The fee isn't stated")),
    ("the variable wins over text", "FINAL(x)\nFINAL_VAR(total)", Final(variable="total")),
]


@pytest.mark.parametrize(("reply", "final"), [case[1:] for case in FINISHES], ids=[case[0] for case in FINISHES])
def test_a_finish_written_as_text(reply: str, final: Final) -> None:
    assert DESK.parse(reply) == Parsed(final=final)


def test_only_the_first_block_is_run_since_the_rest_imagines_its_output() -> None:
    reply = "```python\nprint(x)\n```\nOutput: 5\n```python\nFINAL(5)\n```"
    assert DESK.parse(reply) == Parsed(cells=("print(x)",), nudge=NOT_RUN)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "   \n",
        "I would search the documents.",
        "```json\n{}\n```",
        "FINAL()",
        "FINAL_VAR()",
        "Final (and last) step: search.",
        "1. Look.\n2. FINAL(answer)",
        "```bash\nls\n```",
    ],
)
def test_nothing_usable_is_nudged(reply: str) -> None:
    assert DESK.parse(reply) == Parsed(nudge=NO_CODE)


def test_rlm_v1_runs_every_block_then_takes_the_variable() -> None:
    reply = "```repl\na = 1\n```\ntext\n```repl\nb = 2\n```\nFINAL_VAR(b)"
    assert RLM.parse(reply) == Parsed(cells=("a = 1", "b = 2"), final=Final(variable="b"))


def test_a_sentence_after_code_in_a_fence_does_not_spoil_the_code() -> None:
    for dialect in (DESK, RLM):
        reply = "```repl\nn = count()\nFINAL(There are 42 of them)\n```"
        assert dialect.parse(reply) == Parsed(cells=("n = count()",), nudge=TOO_EARLY)


@pytest.mark.parametrize(
    "code", ['FINAL("no fee is stated")', "FINAL(a if b else c)", "FINAL(x not in y)", "FINAL(f(a, b))"]
)
def test_python_in_a_finish_stays_code(code: str) -> None:
    assert RLM.parse(f"```repl\n{code}\n```") == Parsed(cells=(code,))


def test_a_block_that_was_never_closed_ends_where_the_next_begins() -> None:
    assert RLM.parse("```repl\na = 1\n```repl\nb = 2\n```").cells == ("a = 1", "b = 2")


def test_desk_takes_a_variable_named_beside_its_code() -> None:
    assert DESK.parse("```python\nn = 1\n```\nFINAL_VAR(n)") == Parsed(cells=("n = 1",), final=Final(variable="n"))


def test_rlm_v1_does_not_believe_an_answer_given_before_its_code_ran() -> None:
    parsed = RLM.parse("```repl\nprint(count())\n```\nFINAL(42)")
    assert parsed.cells == ("print(count())",)
    assert parsed.final is None
    assert parsed.nudge


def test_rlm_v1_ignores_a_finish_inside_a_fence() -> None:
    assert RLM.parse("```repl\nFINAL(x)\n```") == Parsed(cells=("FINAL(x)",))


@given(st.text(alphabet=st.sampled_from(list("`~<>{}()FINAL_VAR\n think/pyot\"'=")), max_size=200))
def test_any_reply_is_read_without_an_exception(reply: str) -> None:
    for dialect in (DESK, RLM):
        parsed = dialect.parse(reply)
        assert parsed.cells or parsed.final or parsed.nudge


def test_a_long_hostile_reply_is_read_quickly() -> None:
    for reply in ("```python\n" * 20_000, "<tool_call>{" * 15_000, "FINAL(" * 30_000, "(" * 200_000, "` " * 90_000):
        parsed = DESK.parse(reply)
        assert parsed.cells or parsed.final or parsed.nudge


@pytest.mark.parametrize(
    "piece",
    [
        "FINAL(\n",
        "FINAL_VAR(\n",
        "<tool_call>{",
        "<tool_call>{}x",
        "<tool_call>{} ",
        "<python>",
        "x=",
        "a ",
        "```repl\n",
        "```repl ",
        "`",
        '```repl\n"""\n',
        "1. ",
        "<parameter=code>",
        '".join(',
    ],
)
def test_twice_the_reply_takes_about_twice_the_time(piece: str) -> None:
    """Not the square of it: a reply that a document dictated must not hold the screen."""

    def taken(count: int) -> float:
        before = time.process_time()
        for dialect in (DESK, RLM):
            dialect.parse(piece * (count // len(piece)))
        return time.process_time() - before

    taken(1000)
    assert taken(160_000) < 2 + 40 * taken(20_000)  # eight times as much; its square would be 64 times


def test_an_output_ends_as_in_the_conversations_of_the_recipe() -> None:
    [message] = dialects.get("desk", "small").results([Executed("print(values)", "['7,550']\n", ())], [])
    assert message.content == "Output:\n['7,550']"
