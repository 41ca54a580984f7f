"""Conformance: replies of the kinds real models write, malformed ones first."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desk.rlm import dialects
from rlm_desk.rlm.dialects.base import Executed, Final, Parsed
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
]


@pytest.mark.parametrize(("reply", "code"), [case[1:] for case in CELLS], ids=[case[0] for case in CELLS])
def test_code_is_found(reply: str, code: str) -> None:
    assert DESK.parse(reply) == Parsed(cells=(code,))


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
    ("the variable wins over text", "FINAL(x)\nFINAL_VAR(total)", Final(variable="total")),
]


@pytest.mark.parametrize(("reply", "final"), [case[1:] for case in FINISHES], ids=[case[0] for case in FINISHES])
def test_a_finish_written_as_text(reply: str, final: Final) -> None:
    assert DESK.parse(reply) == Parsed(final=final)


def test_only_the_first_block_is_run_since_the_rest_imagines_its_output() -> None:
    reply = "```python\nprint(x)\n```\nOutput: 5\n```python\nFINAL(5)\n```"
    assert DESK.parse(reply) == Parsed(cells=("print(x)",), nudge=NOT_RUN)


@pytest.mark.parametrize("reply", ["", "   \n", "I would search the documents.", "```json\n{}\n```"])
def test_nothing_usable_is_nudged(reply: str) -> None:
    assert DESK.parse(reply) == Parsed(nudge=NO_CODE)


def test_rlm_v1_runs_every_block_then_takes_the_variable() -> None:
    reply = "```repl\na = 1\n```\ntext\n```repl\nb = 2\n```\nFINAL_VAR(b)"
    assert RLM.parse(reply) == Parsed(cells=("a = 1", "b = 2"), final=Final(variable="b"))


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
    "piece", ["FINAL(\n", "FINAL_VAR(\n", "<tool_call>{", "<tool_call>{}x", "<tool_call>{} ", "<python>", "x=", "a "]
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
